"""A webhook that does not answer is switched off, and whoever made it is told."""

from django.conf import settings
from django.urls import reverse

from integrations.models import Endpoint
from mail import outbox
from mail.models import OutgoingEmail


@outbox.kind("webhook_off")
def off(row: OutgoingEmail) -> outbox.Message | outbox.Skip:
    """Which, why, and what to do."""
    endpoint = Endpoint.objects.filter(pk=row.context["endpoint"], off_at__isnull=False).first()
    if endpoint is None:
        return outbox.Skip("no longer so")
    page = settings.ORIGIN + reverse("admin:integrations_endpoint_change", args=[endpoint.pk])
    context = {"endpoint": endpoint, "page": page, "statement_url": settings.ORIGIN}
    return outbox.Message(name="webhook_off", to=row.recipient, context=context)
