"""Housekeeping for mail."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from core import retention
from core.chores import chore
from mail.models import OutgoingEmail, OutgoingRequest, WorkerHeartbeat

# Nobody looks further back.
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
