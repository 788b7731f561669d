"""Under which names a publisher's pages are reached: a verb of the site's administrator, who also points them here."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

import idna
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import audit, hosts
from core.audit import Staff
from publishers import describing
from publishers.models import Host, Publisher

_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?")


class HostingError(Exception):
    """Base of the refusals; the text is for the person who tried."""

    message: str | Promise = ""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host

    def __str__(self) -> str:
        return str(self.message) % {"host": self.host}


class NoHost(HostingError):
    """It can't be the name of a host."""

    message = _("“%(host)s” is not the name of a host. Write it like eastside.example.")


class TheSites(HostingError):
    """It is where the site's own pages are."""

    message = _("%(host)s is the site’s own name. A publisher needs another one.")


class Taken(HostingError):
    """One name is one publisher's."""

    message = _("%(host)s is another publisher’s already.")


def named(typed: str) -> list[str]:
    """The names in what somebody typed, whole addresses too, each once. Raises NoHost."""
    return list(dict.fromkeys(_name(word) for word in typed.replace(",", " ").split()))


def _name(word: str) -> str:
    host = (urlsplit(word).netloc if "://" in word else word.split("/", maxsplit=1)[0]).strip().rstrip(".")
    try:
        name = hosts.tidied(host if host.isascii() else idna.encode(host, uts46=True).decode())
    except idna.IDNAError as error:
        raise NoHost(word) from error
    if not _NAME.fullmatch(name):
        raise NoHost(word)
    return name


def free(publisher: int | None, names: Iterable[str]) -> list[str]:
    """The names, if that publisher can have all of them. Raises NoHost, TheSites, Taken."""
    wanted = [name for typed in names for name in named(typed)]
    taken = Host.objects.exclude(publisher=publisher).filter(name__in=wanted).values_list("name", flat=True).first()
    if taken:
        raise Taken(taken)
    for name in filter(hosts.is_the_sites, wanted):
        raise TheSites(name)
    return wanted


@transaction.atomic
def serve(*, publisher: Publisher, names: Iterable[str], by: Staff = None) -> Publisher:
    """Have its pages at these hosts and no others; the first stands in every link of its own.

    None at all: at the site's own. Links to where its pages were lead on to where they are. Returns the publisher.
    Raises NoHost, TheSites, Taken.
    """
    wanted = free(publisher.pk, names)
    publisher.hosts.all().delete()
    for name in wanted:
        Host.objects.create(publisher=publisher, name=name)
    publisher.origin = f"{urlsplit(settings.ORIGIN).scheme}://{wanted[0]}" if wanted else ""
    publisher.changed_at = Now()
    publisher.save(update_fields=["origin", "changed_at"])
    publisher.refresh_from_db()
    describing.told(publisher)
    audit.record(by=by, on=publisher, what=f"Set the hosts: {', '.join(wanted) or 'none'}")
    return publisher
