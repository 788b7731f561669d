"""Who of the staff may keep the publisher and its pages (core/desk.py)."""

from core import roles

roles.grant(roles.CAMPAIGNER, "publishers", "view_publisher view_page add_page change_page delete_page publish_page")
roles.grant(roles.AUDITOR, "publishers", "view_publisher view_page view_membership view_documents")
