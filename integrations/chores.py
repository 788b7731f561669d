"""Chores for webhooks, once a minute in the worker."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from core import retention
from core.chores import chore
from integrations import forgetting, noticing
from integrations.fediverse import publishing, receiving
from integrations.models import Identity, Received, WebhookEvent
from integrations.newsletters import handing, parting, polling
from integrations.notices import looking

# Before anything is forgotten: a withdrawn signature is a row for ten minutes only.
chore("notice what webhooks tell", is_first=True)(noticing.notice)
chore("forget withdrawn signatures that webhooks tell", is_first=True)(forgetting.forget_withdrawn)
chore("forget signatures that stand no longer and that webhooks tell", every=timedelta(hours=1))(forgetting.forget_gone)
chore("forget comments that webhooks tell", every=timedelta(minutes=5))(forgetting.forget_comments)
chore("find who newsletters are told of")(handing.find)
chore("find whom newsletters lose")(parting.part)
chore("ask newsletters to add people and to take them off")(handing.ask)
chore("ask newsletters who left")(polling.poll)
chore("find what the fediverse is told")(publishing.find)
chore("tell the fediverse")(publishing.tell)
chore("tell chats how things stand")(looking.look)

retention.deletes(
    "delete accounts elsewhere that nobody linked",
    Identity,
    lambda: Q(user=None, tried_at__lt=Now() - timedelta(settings.LOG_IN_TRIES_DAYS)),
    follows="LOG_IN_TRIES_DAYS",
)
retention.deletes(
    "delete events told to webhooks",
    WebhookEvent,
    lambda: Q(noticed_at__lt=Now() - timedelta(settings.WEBHOOK_EVENT_DAYS)),
    follows="WEBHOOK_EVENT_DAYS",
)
retention.deletes(
    "delete what came in from the fediverse",
    Received,
    lambda: Q(came_at__lt=Now() - receiving.KEPT),
    follows="",
)
