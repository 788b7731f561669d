"""Whether a site is set up well: each light says what is wrong and how to mend it. `manage.py doctor` prints them.

Opening the set-up page asks nobody outside; only who wants it asks the name servers.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models.functions import Now

from core.checks import how_to_mend, unsafe_settings
from core.health import HEARTBEAT_AGE
from core.mail.trouble import trouble
from core.models import OutgoingEmail, WorkerHeartbeat

DNS_SECONDS = 3


@dataclass(frozen=True)
class Light:
    """`green`, `amber`, `red`, or `unknown` from here; what it is about; what to do when it is not green."""

    light: str
    label: str
    advice: str = ""


def _judge(good: object, label: str, advice: str, otherwise: str = "red") -> Light:
    return Light("green", label) if good else Light(otherwise, label, advice)


def https() -> Light:
    """Passwords and addresses travel."""
    good = settings.ORIGIN.startswith("https://") or settings.DEMO
    return _judge(
        good, f"HTTPS: {settings.ORIGIN}", "Set ORIGIN to an https:// address and give the proxy a certificate."
    )


def secrets() -> Light:
    """Errors must not show code, nor keys be guessed."""
    good = len(settings.SECRET_KEY) >= 50 and (settings.DEMO or not settings.DEBUG)
    return _judge(good, "SECRET_KEY and DEBUG", "Set DEBUG=0 and a SECRET_KEY of at least 50 random characters.")


def people() -> Light:
    """Visitors must know who asks them."""
    good = settings.SITE_NAME and settings.CONTACT_EMAIL and settings.CONTROLLER
    return _judge(good, f"Publisher: {settings.SITE_NAME}; data controller: {settings.CONTROLLER}", "Set CONTROLLER.")


def durability() -> Light:
    """What was acknowledged must survive a power cut."""
    off = unsafe_settings()
    return _judge(not off, "The database keeps what it has acknowledged", " ".join(map(how_to_mend, off)))


def worker() -> Light:
    """Without it nobody can confirm a signature."""
    return _judge(_works(), "The mail worker is running", "Start manage.py worker, as docs/operating.md shows.")


def _works() -> bool:
    return WorkerHeartbeat.objects.filter(beat_at__gte=Now() - HEARTBEAT_AGE).exists()


def mail() -> Light:
    """Whether mail leaves: judged by what happened, not by a connection. That nobody works has a light of its own."""
    found = trouble()
    if found and (found.is_refused or _works()):
        return Light("red", "Mail does not leave", f"{found.words} {found.advice}")
    day = Now() - timedelta(days=1)
    failed = OutgoingEmail.objects.filter(state=OutgoingEmail.State.FAILED, finished_at__gt=day).count()
    if failed:
        return Light("amber", f"{failed} mails failed since yesterday", "Look at the reasons under “Mail that failed”.")
    sent = OutgoingEmail.objects.filter(state=OutgoingEmail.State.SENT).exists()
    return _judge(sent or settings.DEMO, "Mail goes out", "Send yourself a test with the button below.", "amber")


def _looked_up(label: str, missing: Callable[[str], list[str]], ask: bool) -> Light:
    """A light about the records of the From address's domain; `missing` asks a name server which are not there."""
    domain = settings.MAIL_FROM.rpartition("@")[2].rstrip(">")
    label = f"{label} of {domain}"
    if settings.DEMO:
        return Light("green", f"{label}: not looked up in the demo")
    if not ask:
        return Light("unknown", label, "We ask the name servers only when you press “Look them up”.")
    from dns.exception import DNSException  # noqa: PLC0415 - 4 MB that few processes need

    try:
        names = missing(domain)
    except DNSException as error:
        return Light("unknown", label, f"The name server did not answer ({type(error).__name__}). Try again later.")
    advice = f"Publish a TXT record for {' and '.join(names)}; your mail provider says which."
    return _judge(not names, label, advice)


def records(ask: bool = False) -> Light:
    """Whether other mail servers believe ours."""
    return _looked_up(
        "SPF and DMARC",
        lambda domain: [name for name, good in [("SPF", spf(domain)), ("DMARC", dmarc(domain))] if not good],
        ask,
    )


def signing_key(ask: bool = False) -> Light:
    """Whether our mail can be proved to be ours (DKIM). A domain does not say under which names its keys are."""
    if not (settings.DKIM_SELECTOR or settings.DEMO):
        advice = "A mail of ours shows it: open your test's source and look for “dkim=pass”. Or set DKIM_SELECTOR."
        return Light("unknown", "DKIM", advice)
    return _looked_up("DKIM", lambda domain: [] if dkim(domain, settings.DKIM_SELECTOR) else ["DKIM"], ask)


def dkim(domain: str, selector: str) -> bool:
    """RFC 6376, 3.6.1: a record with a key that was not taken back (an empty p=)."""
    return any(re.search(r"\bp=\s*[A-Za-z0-9+/]", text) for text in _texts(f"{selector}._domainkey.{domain}"))


def spf(domain: str) -> bool:
    """RFC 7208."""
    return any(text.startswith("v=spf1") for text in _texts(domain))


def dmarc(domain: str) -> bool:
    """RFC 7489: the domain's own record, or that of the domain it belongs to."""
    wider = ".".join(domain.split(".")[-2:])
    return any(re.match("v=DMARC1", text) for name in (domain, wider) for text in _texts(f"_dmarc.{name}"))


def _texts(name: str) -> list[str]:
    from dns import resolver  # noqa: PLC0415 - as above

    try:
        answer = resolver.resolve(name, "TXT", lifetime=DNS_SECONDS)
    except (resolver.NXDOMAIN, resolver.NoAnswer):
        return []
    return [b"".join(record.strings).decode(errors="replace") for record in answer]


def second_factor() -> Light:
    """Staff see addresses."""
    good = settings.SECOND_FACTOR or settings.DEMO
    return _judge(good, "Staff log in with a second factor", "Set SECOND_FACTOR=1.")


def backup() -> Light:
    """We cannot see it from here; asking keeps it in mind."""
    label = "Backups"
    if settings.DEMO:
        return Light("green", f"{label}: the demo needs none")
    return Light("amber", label, "We cannot see them from here: restore one now and then (docs/operating.md).")


def moderator() -> Light:
    """Somebody besides the one who set it up."""
    found = User.objects.filter(is_active=True, is_staff=True, is_superuser=False).exists()
    return _judge(found, "Somebody moderates", "Add a person and give them the role Moderator.", "amber")


LIGHTS: list[Callable[..., Light]] = [
    https, people, secrets, durability, worker, mail, records, signing_key, second_factor, backup, moderator
]  # fmt: skip
ASKS_NAME_SERVERS = (records, signing_key)


def all_lights(*, ask: bool) -> list[Light]:
    """Every light, in the order one mends them; a few queries, and with `ask` questions to name servers."""
    return [judge(ask) if judge in ASKS_NAME_SERVERS else judge() for judge in LIGHTS]
