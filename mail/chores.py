"""Housekeeping for mail."""

from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from core.chores import chore
from mail.models import OutgoingEmail, WorkerHeartbeat

BATCH = 1000


@chore("delete finished mail")
def delete_finished_mail() -> int:
    """Mail rows SENT_MAIL_DAYS after they were sent, skipped or given up; nobody looks further back."""
    old = OutgoingEmail.objects.filter(finished_at__lt=Now() - timedelta(settings.SENT_MAIL_DAYS))
    return OutgoingEmail.objects.filter(pk__in=old.values("pk")[:BATCH]).delete()[0]


@chore("forget dead workers")
def forget_dead_workers() -> int:
    """Heartbeats of workers that ended without a word a day ago."""
    return WorkerHeartbeat.objects.filter(beat_at__lt=Now() - timedelta(days=1)).delete()[0]
