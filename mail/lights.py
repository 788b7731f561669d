"""Whether mail is set up well: the worker, what happened to the last mails, and what name servers say of our domain."""

import re
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core.mail import get_connection
from django.db.models.functions import Now

from core import identity, lights
from core.lights import Light, judged
from mail.carrier import FAILURES
from mail.health import is_alive
from mail.models import OutgoingEmail
from mail.smtp import EmailBackend
from mail.trouble import trouble

DNS_SECONDS = 3


def worker() -> Light:
    """Without it nobody can confirm a signature."""
    return judged(is_alive(), "The mail worker is running", "Start manage.py worker, as docs/operating.md shows.")


def mail() -> Light:
    """Whether mail leaves: judged by what happened, not by a connection. That nobody works has a light of its own."""
    found = trouble()
    if found and (found.is_refused or is_alive()):
        return Light("red", "Mail does not leave", f"{found.words} {found.advice}")
    day = Now() - timedelta(days=1)
    failed = OutgoingEmail.objects.filter(state=OutgoingEmail.State.FAILED, finished_at__gt=day).count()
    if failed:
        return Light("amber", f"{failed} mails failed since yesterday", "Look at the reasons under “Mail that failed”.")
    sent = OutgoingEmail.objects.filter(state=OutgoingEmail.State.SENT).exists()
    return judged(sent or settings.DEMO, "Mail goes out", "Send yourself a test with the button below.", "amber")


def _looked_up(label: str, missing: Callable[[str], list[str]], ask: bool) -> Light:
    """A light about the records of the From address's domain; `missing` asks a name server which are not there."""
    domain = identity.publisher().mail_from.rpartition("@")[2].rstrip(">")
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
    return judged(not names, label, advice)


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


def letters(ask: bool = False) -> Light:
    """Whether addresses with other letters than a to z before the @ are taken just where they can be written to."""
    label = "Addresses like jörg@example.org"
    if settings.DEMO:
        return Light("green", f"{label}: not asked in the demo")
    backend = get_connection()
    if not isinstance(backend, EmailBackend):
        return Light("unknown", label, "Set EMAIL_SMTPUTF8=1 if your provider says that it writes to them.")
    if not ask:
        return Light("unknown", label, "We ask the mail server only when you press “Look them up”.")
    try:
        carries = backend.carries_utf8()
    except FAILURES as error:
        return Light("unknown", label, f"The mail server did not answer ({type(error).__name__}). Try again later.")
    if settings.EMAIL_SMTPUTF8:
        return judged(carries, f"{label} are taken", "The mail server can't write to them: set EMAIL_SMTPUTF8=0.")
    advice = "Set EMAIL_SMTPUTF8=1: the mail server can write to them."
    return judged(not carries, f"{label} are not taken", advice, "amber")


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


lights.add(worker, mail, asking=(records, signing_key, letters))
