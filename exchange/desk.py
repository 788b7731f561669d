"""Permissions for imports and archives, and the statement that each belongs to (core/desk.py)."""

from django.db.models import Q

from core import desk, roles
from exchange.models import Archive, Farewell, HandOver, Import, Pack

# What is to become a statement belongs to none yet; its pages show it to who brought it (admin/imports.py).
desk.belongs_by(Import, lambda mine: Q(statement__in=mine) | Q(statement=None))
desk.belongs(Archive, "statement")
desk.belongs(Pack, "statement")
desk.belongs(HandOver, "pack__statement")
desk.belongs(Farewell, "statement")

roles.grant(
    roles.CAMPAIGNER,
    "exchange",
    """view_import add_import change_import
    view_pack add_pack change_pack view_farewell add_farewell change_farewell""",
)
roles.grant(roles.AUDITOR, "exchange", "view_import view_archive view_pack view_farewell")
