"""Evidence for and against an endorsement, for the moderator who decides (SAFETY T21). Nothing is fetched."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import desk, naming
from core.providers import FREE_MAIL
from organisations import likeness
from organisations.models import Endorsement, Organisation
from submissions import traps

FEW = 5


@lru_cache(maxsize=1)
def _splitter() -> Callable[..., Any]:
    """Knows where a registered domain begins, from the list that the package ships: with no addresses to ask, it asks
    nobody (STACK, domains). It is large, and only moderators need it.
    """
    import tldextract  # noqa: PLC0415

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@lru_cache(maxsize=512)
def registrable_domain(host: str) -> str:
    """The registered domain of `host`: `acme.org.evil.example` belongs to `evil.example`, not to acme."""
    found = _splitter()(host)
    return found.top_domain_under_public_suffix or found.fqdn or host


def domain_of_address(address: str) -> str:
    """The registrable domain of an e-mail address."""
    return registrable_domain(address.rpartition("@")[2].lower())


def domain_of_website(website: str) -> str:
    """The registrable domain of a web address, or nothing."""
    return registrable_domain((urlsplit(website).hostname or "").lower()) if website else ""


@dataclass(frozen=True)
class Finding:
    """One fact. `weight` is `good`, `plain` or `look`: something to look at, never a verdict."""

    weight: str
    text: str


@dataclass
class Evidence:
    """Everything a moderator should see beside an endorsement."""

    findings: list[Finding]
    similar: list[Organisation] = field(default_factory=list)
    same_organisation: Organisation | None = None
    likely_parent: Organisation | None = None
    earlier: list[Endorsement] = field(default_factory=list)
    nearby: int = 0


def gather(endorsement: Endorsement, *, reader: desk.Staff | None = None) -> Evidence:
    """The evidence for one endorsement; a handful of queries whatever the size of the directory's pages.

    Of other endorsements it tells only what `reader` looks after, everything to the machine.
    """
    similar, same = _similar(endorsement)
    others = Endorsement.objects.select_related("statement").exclude(pk=endorsement.pk)
    mine = others if reader is None else desk.seen_by(reader, others)
    evidence = Evidence(
        findings=[_mailbox(endorsement), *_looks(endorsement), *_robot(endorsement)],
        similar=similar,
        same_organisation=same,
        likely_parent=_likely_parent(endorsement),
        earlier=list(mine.filter(mailbox_key=endorsement.mailbox_key).order_by("-created_at")[:FEW]),
        nearby=mine.filter(ip_key=endorsement.ip_key).count() if endorsement.ip_key else 0,
    )
    if evidence.nearby:
        text = ngettext(
            "%(number)s other endorsement was sent from the same network this week.",
            "%(number)s other endorsements were sent from the same network this week.",
            evidence.nearby,
        ) % {"number": evidence.nearby}
        evidence.findings.append(Finding("look" if evidence.nearby >= 3 else "plain", text))
    return evidence


def _mailbox(endorsement: Endorsement) -> Finding:
    from disposable_email_domains import blocklist  # noqa: PLC0415 - 1 MB that only moderators need

    mailbox, website = domain_of_address(endorsement.contact_email), domain_of_website(endorsement.website)
    domains = {"mailbox": mailbox, "website": website}
    if mailbox in blocklist:
        return Finding("look", _("%(mailbox)s gives out throw-away addresses.") % domains)
    if mailbox in FREE_MAIL:
        return Finding("plain", _("%(mailbox)s is a free mail service. That is normal for branches.") % domains)
    if not website:
        text = _("The address is at %(mailbox)s; no website was given to compare it with.")
        return Finding("plain", text % domains)
    if mailbox == website:
        return Finding("good", _("The address is at the website’s own domain, %(website)s.") % domains)
    return Finding("look", _("The address is at %(mailbox)s, but the website is at %(website)s.") % domains)


def _looks(endorsement: Endorsement) -> list[Finding]:
    shown = (
        endorsement.name,
        endorsement.contact_email.rpartition("@")[2],
        urlsplit(endorsement.website).hostname or "",
    )
    found = [text for text in shown if naming.mixes_alphabets(_readable(text))]
    words = _("“%(name)s” mixes letters of two alphabets that look alike.")
    return [Finding("look", words % {"name": _readable(text)}) for text in found]


def _readable(host: str) -> str:
    """A host name as a person reads it: `xn--…` is unpacked."""
    if "xn--" not in host:
        return host
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


def _robot(endorsement: Endorsement) -> list[Finding]:
    return [Finding("look", f"{traps.words(code)}.") for code in endorsement.signals.split()]


def _similar(endorsement: Endorsement) -> tuple[list[Organisation], Organisation | None]:
    """Organisations whose names a reader could take for this one, and the one that it is by name and town."""
    key = likeness.key(endorsement.name)
    others = Organisation.objects.only("name", "town", "key", "slug", "kind")
    near = [other for other in others.iterator() if likeness.alike(key, other.key)]
    same = endorsement.organisation
    if same is None:
        same = next((o for o in near if o.key == key and o.town.casefold() == endorsement.town.casefold()), None)
    return [other for other in near if other != same][:FEW], same


def _likely_parent(endorsement: Endorsement) -> Organisation | None:
    """The union that “Lantern Union, Thornbeck branch” begins with."""
    stem = endorsement.name.split(",")[0].split("–")[0].strip()
    if stem == endorsement.name:
        return None
    return Organisation.objects.filter(Q(key=likeness.key(stem))).order_by("town").first()
