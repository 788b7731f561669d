"""Who of the staff may keep a publisher and its pages, and what of it each may see (core/desk.py)."""

from django.db.models import Q, QuerySet

from core import desk, roles
from core.desk import Staff
from publishers import staffing
from publishers.models import Publisher

roles.grant(roles.CAMPAIGNER, "publishers", "view_publisher view_page add_page change_page delete_page publish_page")
roles.grant(roles.AUDITOR, "publishers", "view_publisher view_page view_membership view_documents")

# The directory of organisations is public, and who is on the staff is said where they are chosen.
EVERYBODYS = {"organisations.Organisation", "contenttypes.ContentType"}


@desk.bound
def of_publishers(user: Staff, rows: QuerySet) -> QuerySet:
    """Where several publish: what has a publisher is seen by those who work for it, the rest by who works for the site.

    On a site with one publisher nothing is anybody else's.
    """
    if not staffing.are_several() or staffing.administers_site(user):
        return rows
    if rows.model is Publisher:
        return rows.filter(pk__in=staffing.publishers_of(user).values("pk"))
    if any(field.name == "publisher" for field in rows.model._meta.concrete_fields):
        return rows.filter(Q(publisher__in=staffing.publishers_of(user).values("pk")))
    is_everybodys = rows.model._meta.label in EVERYBODYS
    return rows if is_everybodys or staffing.works_for_the_site(user) else rows.none()
