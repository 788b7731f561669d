"""Housekeeping of endorsements; the mail worker runs it once a minute."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.functions import Concat, Now

from core import chores
from mail.models import OutgoingEmail
from organisations import former
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


@chores.chore("forget representatives")
def forget_representatives() -> int:
    """Who spoke for an organisation, once the statement has been closed as long as signers are remembered.

    The organisation stays listed, with the name and role that its representative let us publish.
    """
    long_ago = Now() - timedelta(settings.ANONYMISE_AFTER_CLOSING_DAYS)
    over = Q(statement__closed_at__lt=long_ago) | Q(statement__closes_at__lt=long_ago)
    due = Endorsement.objects.filter(over).exclude(contact_email="").values("pk")[:BATCH]
    nobody = Concat(Value("forgotten-"), F("pk"), output_field=CharField())
    empty = dict.fromkeys(("contact_name", "contact_role", "contact_email", "ip_key", "question"), "")
    return Endorsement.objects.filter(pk__in=due).update(
        email_canonical=nobody, publish_contact=False, was=None, **empty
    )


@chores.chore("forget meeting reminders")
def forget_meetings() -> int:
    """The address of a reminder goes as soon as the reminder has gone; it was asked for nothing else."""
    done = OutgoingEmail.objects.filter(kind="endorsement_meeting", state__in=FINISHED)
    return OutgoingEmail.objects.filter(pk__in=done.values("pk")[:BATCH]).delete()[0]


@chores.chore("throw away logos")
def throw_away_logos() -> int:
    """Pictures that no organisation and no endorsement shows any more, and that no undo would bring back."""
    unused = Logo.objects.filter(organisations=None, endorsements=None).exclude(pk__in=former.logos())
    return Logo.objects.filter(pk__in=unused.values("pk")[:BATCH]).delete()[0]
