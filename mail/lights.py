"""Whether mail is set up well: the worker, what happened to the last mails, and what name servers say of our domain."""

import re
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core.mail import get_connection
from django.db.models.functions import Now
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import identity, lights
from core.lights import Light, judged
from mail.carrier import FAILURES
from mail.health import is_alive
from mail.models import OutgoingEmail
from mail.smtp import EmailBackend
from mail.trouble import trouble

DNS_SECONDS = 3


def worker() -> Light:
    """Without the worker nobody can confirm a signature."""
    return judged(is_alive(), _("The mail worker is running"), _("Start manage.py worker, as docs/operating.md shows."))


def mail() -> Light:
    """Whether mail leaves, judged by recent results, not by a connection. A missing worker has a light of its own."""
    found = trouble()
    if found and (found.is_refused or is_alive()):
        return Light("red", _("Mail does not leave"), f"{found.words} {found.advice}")
    day = Now() - timedelta(days=1)
    failed = OutgoingEmail.objects.filter(state=OutgoingEmail.State.FAILED, finished_at__gt=day).count()
    if failed:
        return Light(
            "amber",
            ngettext("%(number)d mail failed since yesterday", "%(number)d mails failed since yesterday", failed)
            % {"number": failed},
            _("Look at the reasons under “Mail that failed”."),
        )
    sent = OutgoingEmail.objects.filter(state=OutgoingEmail.State.SENT).exists()
    return judged(sent or settings.DEMO, _("Mail goes out"), _("Send yourself a test with the button below."), "amber")


def _looked_up(label: str, missing: Callable[[str], list[str]], ask: bool) -> Light:
    """A light about the records of the From address's domain; `missing` asks a name server which are not there."""
    domain = identity.publisher().mail_from.rpartition("@")[2].rstrip(">")
    label = _("%(what)s of %(domain)s") % {"what": label, "domain": domain}
    if settings.DEMO:
        return Light("green", _("%(label)s: not looked up in the demo") % {"label": label})
    if not ask:
        return Light("unknown", label, _("We ask the name servers only when you press “Look them up”."))
    from dns.exception import DNSException  # noqa: PLC0415 - 4 MB that few processes need

    try:
        names = missing(domain)
    except DNSException as error:
        return Light(
            "unknown",
            label,
            _("The name server did not answer (%(name)s). Try again later.") % {"name": type(error).__name__},
        )
    advice = _("Publish a TXT record for %(names)s; your mail provider says which.") % {
        "names": get_text_list(names, _("and"))
    }
    return judged(not names, label, advice)


def records(ask: bool = False) -> Light:
    """Whether other mail servers believe ours."""
    return _looked_up(
        _("SPF and DMARC"),
        lambda domain: [name for name, good in [("SPF", spf(domain)), ("DMARC", dmarc(domain))] if not good],
        ask,
    )


def signing_key(ask: bool = False) -> Light:
    """Whether our mail can be proved to be ours (DKIM). A domain does not say under which names its keys are."""
    if not (settings.DKIM_SELECTOR or settings.DEMO):
        advice = _("A mail of ours shows it: open your test's source and look for “dkim=pass”. Or set DKIM_SELECTOR.")
        return Light("unknown", "DKIM", advice)
    return _looked_up("DKIM", lambda domain: [] if dkim(domain, settings.DKIM_SELECTOR) else ["DKIM"], ask)


def letters(ask: bool = False) -> Light:
    """Whether addresses with other letters than a to z before the @ are taken just where they can be written to."""
    label = _("Addresses like jörg@example.org")
    if settings.DEMO:
        return Light("green", _("%(label)s: not asked in the demo") % {"label": label})
    backend = get_connection()
    if not isinstance(backend, EmailBackend):
        return Light("unknown", label, _("Set EMAIL_SMTPUTF8=1 if your provider says that it writes to them."))
    if not ask:
        return Light("unknown", label, _("We ask the mail server only when you press “Look them up”."))
    try:
        carries = backend.carries_utf8()
    except FAILURES as error:
        return Light(
            "unknown",
            label,
            _("The mail server did not answer (%(name)s). Try again later.") % {"name": type(error).__name__},
        )
    if settings.EMAIL_SMTPUTF8:
        return judged(
            carries,
            _("%(label)s are taken") % {"label": label},
            _("The mail server can't write to them: set EMAIL_SMTPUTF8=0."),
        )
    advice = _("Set EMAIL_SMTPUTF8=1: the mail server can write to them.")
    return judged(not carries, _("%(label)s are not taken") % {"label": label}, advice, "amber")


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
