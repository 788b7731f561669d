"""The staff pages as one site. A module of its own, because Django makes the site before it reads any admin.py."""

from django.conf import settings
from django.contrib.admin import AdminSite


class StaffSite(AdminSite):
    """Django's admin under the publisher's name."""

    site_header = f"{settings.SITE_NAME}: staff"
    site_title = f"{settings.SITE_NAME}: staff"
    index_title = "What do you want to look at?"
    enable_nav_sidebar = False
