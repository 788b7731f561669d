"""A webhook to a host on this machine, and time that passes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations import endpoints, noticing
from integrations.models import Cursor, Endpoint, EventType, WebhookEvent
from submissions.models import ConsentText
from tests.mail.outbound.hosts import LOOPBACK, host


@pytest.fixture
def other(settings):
    settings.OUTBOUND_PRIVATE_HOSTS = [f"http://{LOOPBACK}"]
    with host() as found:
        yield found


@pytest.fixture
def endpoint(other, admin_user):
    """It listens to everything, since an hour ago."""
    made = Endpoint(url=f"{other.url}hook", recipient="Lantern Union", events=EventType.values)
    made.in_the_clear = endpoints.save(endpoint=made, by=admin_user)
    Cursor.objects.update(since=timezone.now() - timedelta(hours=1))
    return made


@pytest.fixture
def named():
    """What those agreed to whom the notice told that Lantern Union gets their mailbox."""
    return ConsentText.objects.create(text="Yes", notice="…", sha256="x", recipients=["Lantern Union"])


@pytest.fixture
def told(endpoint):
    """What is noticed when the worker looks, as (type, data)."""

    def look():
        last = WebhookEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        noticing.notice()
        return list(WebhookEvent.objects.filter(pk__gt=last).order_by("pk").values_list("type", "data"))

    return look
