"""Who may look after webhooks, newsletters, notices and accounts (core/desk.py): administrators; auditors may look."""

from core import roles

roles.grant(
    roles.AUDITOR,
    "integrations",
    "view_endpoint view_webhookevent view_newsletter view_notice view_identity view_actor",
)
