"""Checks before publishing. Only an empty text prevents it."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mail.models import OutgoingEmail, WorkerHeartbeat
from petitions.admin import duties
from petitions.statements.models import Statement

LONG = 900  # words of a text
READS_BEST = 80  # characters of a title


@dataclass(frozen=True)
class Check:
    """A light (`green`, `amber`, `red`), its label, and advice when it is not green."""

    light: str
    label: str
    advice: str = ""


def checks(statement: Statement) -> list[Check]:
    """The lights for a statement that is about to be published."""
    contact = statement.contact_email or statement.who.contact_email
    return [
        _text(statement),
        _title(statement),
        _wanted(statement.addressed_to, _("Addressed to somebody"), _("Say who should act on it.")),
        _wanted(
            statement.summary,
            _("A summary of one or two sentences"),
            _("It stands under the title and in shared links."),
        ),
        Check("green", _("Contact for privacy questions: %(contact)s") % {"contact": contact}),
        _wanted(statement.closes_at, _("A closing time"), _("Supporters like to know until when it counts.")),
        _wanted(statement.image_id, _("A picture for shared links"), _("Without one, links show a plain card.")),
        *_people(statement),
        _worker(),
        _mail(),
        Check("amber", _("The first hour"), _("Line up 20 people to sign in the first hour.")),
    ]


def _people(statement: Statement) -> list[Check]:
    missing, checked = duties.neglected(statement), []
    for one in duties.all_of(statement):
        number = duties.people(statement, one).count()
        advice = f"{one.nobody} {_('Invite somebody under Team.')}" if one in missing else ""
        checked.append(Check("amber" if one in missing else "green", f"{one.label}: {number}", advice))
    return checked


def _wanted(value: object, label: str, advice: str) -> Check:
    return Check("green", label) if value else Check("amber", label, advice)


def _counted(words: int) -> str:
    return ngettext("The text: %(number)d word", "The text: %(number)d words", words) % {"number": words}


def _text(statement: Statement) -> Check:
    version = statement.versions.last()
    words = version.words if version else 0
    if not words:
        return Check("red", _("The text"), _("There is nothing to sign yet. Write the statement first."))
    if words > LONG:
        return Check(
            "amber",
            _counted(words),
            _("Above %(most)s words most people stop reading.") % {"most": LONG},
        )
    return Check("green", _counted(words))


def _title(statement: Statement) -> Check:
    length = len(statement.title)
    label = ngettext("The title: %(number)d character", "The title: %(number)d characters", length) % {"number": length}
    return (
        Check("green", label)
        if length <= READS_BEST
        else Check("amber", label, _("At most %(most)s reads best.") % {"most": READS_BEST})
    )


def _worker() -> Check:
    if WorkerHeartbeat.objects.filter(beat_at__gt=Now() - timedelta(minutes=1)).exists():
        return Check("green", _("The mail worker is running"))
    return Check("red", _("The mail worker is not running"), _("Nobody can confirm a signature until it is started."))


def _mail() -> Check:
    sent = OutgoingEmail.objects.filter(
        state=OutgoingEmail.State.SENT, finished_at__gt=Now() - timedelta(days=settings.SENT_MAIL_DAYS)
    )
    if sent.exists():
        return Check("green", _("Mail went out this week"))
    return Check("amber", _("No mail has gone out this week"), _("Sign something yourself to see that mail arrives."))
