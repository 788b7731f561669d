"""Who brings lists in and takes archives away, and which statement they belong to (core/desk.py)."""

from core import desk, roles
from exchange.models import Archive, Import

desk.belongs(Import, "statement")
desk.belongs(Archive, "statement")

roles.grant(roles.CAMPAIGNER, "exchange", "view_import add_import change_import")
roles.grant(roles.AUDITOR, "exchange", "view_import view_archive")
