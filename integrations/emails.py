"""What does not answer is switched off or stops, and whoever made it is told."""

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from integrations.models import Endpoint, Newsletter, Notice
from mail import outbox
from mail.models import OutgoingEmail


def _stopped(row: OutgoingEmail, name: str, rows: QuerySet) -> outbox.Message | outbox.Skip:
    """Which, why, and where to mend it; `name` is where the mail's context and its words have it."""
    found = rows.filter(pk=row.context[name]).first()
    if found is None:
        return outbox.Skip("no longer so")
    page = settings.ORIGIN + reverse(f"admin:integrations_{name}_change", args=[found.pk])
    return outbox.Message(
        name=row.kind, to=row.recipient, context={name: found, "page": page, "statement_url": settings.ORIGIN}
    )


@outbox.kind("webhook_off")
def webhook_off(row: OutgoingEmail) -> outbox.Message | outbox.Skip:
    """A webhook that was switched off."""
    return _stopped(row, "endpoint", Endpoint.objects.filter(off_at__isnull=False))


@outbox.kind("newsletter_broken")
def newsletter_broken(row: OutgoingEmail) -> outbox.Message | outbox.Skip:
    """A newsletter that is to be mended."""
    return _stopped(row, "newsletter", Newsletter.objects.filter(state=Newsletter.State.BROKEN))


@outbox.kind("notice_off")
def notice_off(row: OutgoingEmail) -> outbox.Message | outbox.Skip:
    """A notice that was switched off."""
    return _stopped(row, "notice", Notice.objects.filter(off_at__isnull=False))


@outbox.kind("notice")
def notice(row: OutgoingEmail) -> outbox.Message | outbox.Skip:
    """How things stand, for who wants it by mail."""
    if not Notice.objects.filter(pk=row.context["notice"], off_at=None).exists():
        return outbox.Skip("switched off")
    page = settings.ORIGIN + reverse("admin:index")
    context = {"lines": row.context["lines"], "page": page, "statement_url": settings.ORIGIN}
    return outbox.Message(name="notice", to=row.recipient, context=context)
