"""The site's first publisher: what the environment says, written down once. From then on the desk keeps it."""

from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils.text import slugify

from core import identity
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
