"""What does not answer is switched off or stops, and whoever made it is told."""

from django.conf import settings
from django.urls import reverse

from integrations.models import Endpoint, Newsletter, Notice
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


@outbox.kind("newsletter_broken")
def broken(row: OutgoingEmail) -> outbox.Message | outbox.Skip:
    """Which, why, and what to do."""
    broken = Newsletter.objects.filter(pk=row.context["newsletter"], state=Newsletter.State.BROKEN).first()
    if broken is None:
        return outbox.Skip("no longer so")
    page = settings.ORIGIN + reverse("admin:integrations_newsletter_change", args=[broken.pk])
    context = {"newsletter": broken, "page": page, "statement_url": settings.ORIGIN}
    return outbox.Message(name="newsletter_broken", to=row.recipient, context=context)


@outbox.kind("notice_off")
def notice_off(row: OutgoingEmail) -> outbox.Message | outbox.Skip:
    """Which, why, and what to do."""
    notice = Notice.objects.filter(pk=row.context["notice"], off_at__isnull=False).first()
    if notice is None:
        return outbox.Skip("no longer so")
    page = settings.ORIGIN + reverse("admin:integrations_notice_change", args=[notice.pk])
    context = {"notice": notice, "page": page, "statement_url": settings.ORIGIN}
    return outbox.Message(name="notice_off", to=row.recipient, context=context)


@outbox.kind("notice")
def notice(row: OutgoingEmail) -> outbox.Message | outbox.Skip:
    """How things stand, for who wants it by mail."""
    if not Notice.objects.filter(pk=row.context["notice"], off_at=None).exists():
        return outbox.Skip("switched off")
    page = settings.ORIGIN + reverse("admin:index")
    context = {"lines": row.context["lines"], "page": page, "statement_url": settings.ORIGIN}
    return outbox.Message(name="notice", to=row.recipient, context=context)
