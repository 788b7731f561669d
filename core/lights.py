"""Whether a site is set up well: each light says what is wrong and how to mend it. `manage.py doctor` prints them.

Opening the set-up page asks nobody outside; only who wants it asks the name servers, and the site through its proxy.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import identity, probe, resealing, watching
from core.checks import how_to_mend, unsafe_settings


@dataclass(frozen=True)
class Light:
    """`green`, `amber`, `red`, or `unknown` from here; a label; advice when it is not green."""

    light: str
    label: str
    advice: str = ""


def judged(good: object, label: str, advice: str, otherwise: str = "red") -> Light:
    """Green when `good`, else `otherwise` with the advice."""
    return Light("green", label) if good else Light(otherwise, label, advice)


def https() -> Light:
    """Passwords and addresses travel."""
    good = settings.ORIGIN.startswith("https://") or settings.DEMO
    return judged(
        good,
        _("ORIGIN is an https address: %(origin)s") % {"origin": settings.ORIGIN},
        _("Set ORIGIN to an https:// address and give the proxy a certificate."),
    )


def secrets() -> Light:
    """Errors must not show code, nor keys be guessed."""
    good = len(settings.SECRET_KEY) >= 50 and (settings.DEMO or not settings.DEBUG)
    return judged(good, "SECRET_KEY and DEBUG", _("Set DEBUG=0 and a SECRET_KEY of at least 50 random characters."))


def people() -> Light:
    """Visitors must know who asks them."""
    who = identity.publisher()
    good = who.name and who.contact_email and who.legal_name
    return judged(
        good,
        _("Publisher: %(name)s; data controller: %(legal_name)s") % {"name": who.name, "legal_name": who.legal_name},
        _("Fill in the publisher’s page."),
    )


def durability() -> Light:
    """Whether acknowledged data survives a power cut."""
    off = unsafe_settings()
    return judged(not off, _("The database keeps what it has acknowledged"), " ".join(map(how_to_mend, off)))


def sealing() -> Light:
    """Whether what rests encrypted can be read: without its key nobody can be written to."""
    unread = resealing.unread()
    advice = f"{unread[0]}." if unread else ""
    return judged(not unread, _("Mailboxes and postcodes that rest encrypted can be read"), advice)


def second_factor() -> Light:
    """Staff see addresses."""
    good = settings.SECOND_FACTOR or settings.DEMO
    return judged(good, _("Staff log in with a second factor"), _("Set SECOND_FACTOR=1."))


def backup() -> Light:
    """Whether one was made lately, as `undersigned backup` notes it on this machine."""
    label = _("Backups")
    if settings.DEMO:
        return Light("green", _("%(label)s: the demo needs none") % {"label": label})
    made = watching.noted(watching.BACKUP).get("at")
    if made is None:
        return Light(
            "amber", label, _("None was made from here: run undersigned backup every night (docs/operating.md).")
        )
    days = (time.time() - made) / 86400
    advice = ngettext(
        "The last one is %(days)d day old: see why undersigned backup does not run.",
        "The last one is %(days)d days old: see why undersigned backup does not run.",
        round(days),
    ) % {"days": round(days)}
    return judged(days < 2, _("%(label)s: the last was read back whole") % {"label": label}, advice)


def moderator() -> Light:
    """Whether anybody but the first administrator moderates."""
    found = User.objects.filter(is_active=True, is_staff=True, is_superuser=False).exists()
    return judged(found, _("Somebody moderates"), _("Add a person and give them the role Moderator."), "amber")


def address(ask: bool) -> Light:
    """Whether links in mails lead to this site."""
    label = _("Visitors reach this site at %(origin)s") % {"origin": settings.ORIGIN}
    if settings.DEMO:
        return Light("green", label)
    if not ask:
        return Light("unknown", label, _("We ask the site through its own address only when you press “Look them up”."))
    try:
        probe.follow()
    except probe.NoAnswer as error:
        return Light("red", label, str(error))
    return Light("green", label)


def proxies(ask: bool) -> Light:
    """Whether visitors' addresses are right: limits and the lock-out of password guessing go by them."""
    label = _("The proxy tells who visits (TRUSTED_PROXIES=%(number)s)") % {"number": settings.TRUSTED_PROXIES}
    if settings.DEMO:
        return Light("green", label)
    if not ask and settings.ORIGIN.startswith("https://") and not settings.TRUSTED_PROXIES:
        advice = _(
            "Behind a proxy that speaks HTTPS every page would redirect to itself: set TRUSTED_PROXIES to their number."
        )
        return Light("amber", label, advice)
    if not ask:
        return Light("unknown", label, _("We ask the site through its own address only when you press “Look them up”."))
    try:
        found = probe.ask()
    except probe.NoAnswer as error:
        return Light("red", label, str(error))
    if found.proxies != settings.TRUSTED_PROXIES:
        return Light(
            "red",
            label,
            _("Set TRUSTED_PROXIES=%(proxies)s: so many wrote into X-Forwarded-For.") % {"proxies": found.proxies},
        )
    advice = _(
        "Have the proxy drop header names with _ (docs/operating.md): X_Forwarded_For is read as X-Forwarded-For."
    )
    return judged(not found.underscores, label, advice)


# In the order one mends them; what other apps have to say is added before the last three.
LIGHTS: list[Callable[..., Light]] = [
    https,
    address,
    proxies,
    people,
    secrets,
    durability,
    sealing,
    second_factor,
    backup,
    moderator,
]
ASKS_OTHERS: list[Callable[..., Light]] = [address, proxies]


def add(*judges: Callable[..., Light], asking: tuple[Callable[..., Light], ...] = ()) -> None:
    """Register lights; those of `asking` ask another machine when they are called with True."""
    place = LIGHTS.index(second_factor)
    LIGHTS[place:place] = [*judges, *asking]
    ASKS_OTHERS.extend(asking)


def all_lights(*, ask: bool) -> list[Light]:
    """Every light, in the order one mends them; a few queries, and with `ask` questions to other machines."""
    return [judge(ask) if judge in ASKS_OTHERS else judge() for judge in LIGHTS]
