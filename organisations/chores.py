"""Housekeeping of endorsements; the mail worker runs it once a minute."""

from django.db.models import Case, Q, Value, When

from core import chores
from core.models import OutgoingEmail
from organisations.models import Endorsement, Logo

BATCH = 500
FINISHED = (OutgoingEmail.State.SENT, OutgoingEmail.State.SKIPPED, OutgoingEmail.State.FAILED)


@chores.chore("expire endorsements")
def expire() -> int:
    """Endorsements that nobody confirmed in time. One that was declined or withdrawn before is that again."""
    due = Endorsement.objects.filter(pk__in=Endorsement.objects.expired().values("pk")[:BATCH])
    once_more = due.filter(Q(withdrawn_at__isnull=False) | Q(decided_at__isnull=False))
    back = When(withdrawn_at__isnull=False, then=Value(Endorsement.State.WITHDRAWN))
    changed = once_more.update(state=Case(back, default=Value(Endorsement.State.DECLINED)))
    return changed + due.delete()[0]


@chores.chore("forget meeting reminders")
def forget_meetings() -> int:
    """The address of a reminder goes as soon as the reminder has gone; it was asked for nothing else."""
    done = OutgoingEmail.objects.filter(kind="endorsement_meeting", state__in=FINISHED)
    return OutgoingEmail.objects.filter(pk__in=done.values("pk")[:BATCH]).delete()[0]


@chores.chore("throw away logos")
def throw_away_logos() -> int:
    """Pictures that no organisation and no endorsement shows any more."""
    unused = Logo.objects.filter(organisations=None, endorsements=None)
    return Logo.objects.filter(pk__in=unused.values("pk")[:BATCH]).delete()[0]
