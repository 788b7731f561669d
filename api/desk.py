"""Who may look after tokens (core/desk.py): administrators; auditors may look."""

from core import roles

roles.grant(roles.AUDITOR, "api", "view_token")
