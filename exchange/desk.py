"""Who brings lists in and takes archives away, and which statement they belong to (core/desk.py)."""

from django.db.models import Q

from core import desk, roles
from exchange.models import Archive, Import

# What is to become a statement belongs to none yet; its pages show it to who brought it (admin/imports.py).
desk.belongs_by(Import, lambda mine: Q(statement__in=mine) | Q(statement=None))
desk.belongs(Archive, "statement")

roles.grant(roles.CAMPAIGNER, "exchange", "view_import add_import change_import")
roles.grant(roles.AUDITOR, "exchange", "view_import view_archive")
