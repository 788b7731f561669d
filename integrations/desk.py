"""Permissions for webhooks (core/desk.py): administrators change them, auditors see them."""

from core import roles

roles.grant(roles.AUDITOR, "integrations", "view_endpoint view_webhookevent")
