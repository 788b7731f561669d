"""Housekeeping for mail."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from core import retention
from core.chores import chore
from mail import mailbox
from mail.models import OutgoingEmail, OutgoingRequest, UnreachableMailbox, WorkerHeartbeat

logger = logging.getLogger(__name__)

# No limit and no page looks further back.
delete_finished_mail = retention.deletes(
    "delete finished mail",
    OutgoingEmail,
    lambda: Q(finished_at__lt=Now() - timedelta(settings.SENT_MAIL_DAYS)),
    follows="SENT_MAIL_DAYS",
)

retention.deletes(
    "delete finished requests",
    OutgoingRequest,
    lambda: Q(finished_at__lt=Now() - timedelta(settings.OUTBOUND_LOG_DAYS)),
    follows="OUTBOUND_LOG_DAYS",
)


@chore("forget dead workers")
def forget_dead_workers() -> int:
    """Heartbeats of workers that ended without a word a day ago."""
    return WorkerHeartbeat.objects.filter(beat_at__lt=Now() - timedelta(days=1)).delete()[0]


retention.deletes(
    "forget unreachable mailboxes",
    UnreachableMailbox,
    lambda: Q(last_at__lt=Now() - timedelta(settings.UNREACHABLE_DAYS)),
    follows="UNREACHABLE_DAYS",
)


@chore("read returned mail", every=timedelta(minutes=5), has_own_transactions=True)
def read_returned_mail() -> int:
    """What came back, where there is a mailbox for it. Two workers that read the same do no harm."""
    if settings.RETURNS is None:
        return 0
    try:
        return mailbox.look(settings.RETURNS).understood
    except mailbox.AWAY as error:
        logger.warning("the mailbox for returned mail does not answer: %s", error)
        return 0
