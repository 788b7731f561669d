"""What the worker forgets for this app."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from api.models import Replay
from core import retention

retention.deletes(
    "delete answers kept for repeats",
    Replay,
    lambda: Q(created_at__lt=Now() - timedelta(settings.API_REPLAY_DAYS)),
    follows="API_REPLAY_DAYS",
)
