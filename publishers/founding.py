"""The site's first publisher: what the environment says, written down once. Then the desk keeps it, and adds others."""

from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils.text import slugify

from core import audit, identity
from core.audit import Staff
from publishers import describing
from publishers.models import Publisher

_LOCK = "publishers.founding"


@dataclass(frozen=True)
class Founded:
    """The site's own publisher, and whether it is new."""

    publisher: Publisher
    is_new: bool = field(default=False)


@transaction.atomic
def found() -> Founded:
    """The first publisher; made of the environment's settings where there is none. Two that start at once make one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_LOCK])
    first = Publisher.objects.first()
    if first is not None:
        return Founded(first)
    ours = identity.from_environment()
    name = ours.name.strip()[:80]
    made = Publisher.objects.create(
        name=name,
        slug=slugify(name)[:80] or "publisher",
        legal_name=ours.legal_name.strip()[:200],
        contact_email=ours.contact_email,
        mail_from="",
        fediverse=ours.fediverse,
    )
    identity.forget()
    return Founded(made, is_new=True)


@transaction.atomic
def add(*, name: str, slug: str, legal_name: str, contact_email: str, by: Staff = None, **words: Any) -> Publisher:
    """Another publisher beside the first, which nothing changes for; `words` are those of `describing.describe`.

    Its pages are at the site's own origin until it has a host (hosting.py). Returns it. Raises
    django.core.exceptions.ValidationError for what its columns refuse, such as a short name that is taken.
    """
    found()
    last = Publisher.objects.order_by("-position").values_list("position", flat=True)[0]
    made = Publisher(name=name, slug=slug, legal_name=legal_name, contact_email=contact_email, position=last + 1)
    made.full_clean()
    made.save()
    describing.told(made)
    audit.record(by=by, on=made, what="Added a publisher")
    return describing.describe(publisher=made, by=by, **words) if words else made
