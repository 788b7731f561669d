"""What became of a mailing, in sum: nobody's opening or clicking is followed.

Rows of mail go after SENT_MAIL_DAYS; until then the worker adds them up on the mailing, where the sums stay.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import Now

from mail.models import Fate, OutgoingEmail
from petitions.news.models import Mailing

SUMS = ("sent", "skipped", "failed", "bounced", "complained")
MOST = 50  # mailings of a week


@dataclass(frozen=True)
class Progress:
    """Whom it was queued for; what the servers took, what was left out, refused, came back or was reported; what still
    waits; and how many have asked for no more since."""

    queued: int
    sent: int
    skipped: int
    failed: int
    bounced: int
    complained: int
    waiting: int
    left: int

    @property
    def done(self) -> int:
        """How many need no further work."""
        return self.queued - self.waiting


def progress(mailing: Mailing) -> Progress:
    """The numbers now; once mails have been forgotten, the sums that were kept."""
    states = OutgoingEmail.State
    counts = {
        "sent": Q(mail__state=states.SENT),
        "skipped": Q(mail__state=states.SKIPPED),
        "failed": Q(mail__state=states.FAILED),
        "bounced": Q(mail__returned__fate=Fate.BOUNCED),
        "complained": Q(mail__returned__fate=Fate.COMPLAINED),
        "waiting": Q(mail__state=states.QUEUED),
        "left": Q(signature__email_updates=False) & (Q(mail=None) | Q(mail__state=states.SENT)),
    }
    found = mailing.recipients.aggregate(
        queued=Count("id"), **{name: Count("id", filter=asked) for name, asked in counts.items()}
    )
    kept = {name: max(found[name], getattr(mailing, name)) for name in SUMS}
    return Progress(**{**found, **kept})


def sum_up() -> int:
    """Write down the sums of mailings whose mail is still on record; returns 0, as one round is all there is to do."""
    since = Now() - timedelta(days=settings.SENT_MAIL_DAYS)
    for mailing in Mailing.objects.filter(started_at__gt=since, started_at__lte=Now()).order_by("-started_at")[:MOST]:
        found = progress(mailing)
        sums = {name: getattr(found, name) for name in SUMS}
        if any(getattr(mailing, name) != number for name, number in sums.items()):
            Mailing.objects.filter(pk=mailing.pk).update(**sums)
    return 0
