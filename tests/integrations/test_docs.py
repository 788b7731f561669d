"""docs/webhooks.md shows each event as it is sent."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations import delivering, noticing
from integrations.models import Endpoint, EventType, WebhookEvent
from local.environment import ROOT
from petitions.actions import events
from petitions.statements import publishing
from tests.factories import CommentFactory, EndorsementFactory, EventFactory, OrganisationFactory, SignatureFactory
from tests.petitions.actions.making import come

pytestmark = pytest.mark.django_db
SHOWN = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "webhooks.md").read_text(), re.DOTALL)


def shape(told, within=""):
    """Which names stand where; what a queue is called differs."""
    if not isinstance(told, dict):
        return {within}
    if within.endswith("waiting"):
        return {within}
    return {name for key, value in told.items() for name in shape(value, f"{within}.{key}")}


def test_every_event_looks_as_the_page_shows_it(endpoint, statement, named):
    Endpoint.objects.update(may_have_mailbox=True)
    endpoint.refresh_from_db()
    lately = timezone.now() - timedelta(minutes=1)
    under = {"statement": statement}
    SignatureFactory(**under, confirmed_at=lately, show_name=True, consent=named)
    SignatureFactory(**under, confirmed_at=lately, state="withdrawn", withdrawn_at=lately)
    EndorsementFactory(**under, state="listed", organisation=OrganisationFactory(), listed_at=lately)
    CommentFactory(**under, published_at=lately)
    CommentFactory(**under, state="waiting", published_at=None)
    events.save_event(event=EventFactory.build(**under))
    come(EventFactory(**under, takes_names=True))
    type(statement).objects.update(published_at=lately)
    type(statement.tallies.first()).objects.filter(slot=0).update(confirmed=120)
    publishing.correct(**under, note="A typo.", body="<p>Other words.</p>")
    publishing.close(**under)
    noticing.notice()
    sent = {event.type: json.loads(delivering.body_of(event, endpoint)) for event in WebhookEvent.objects.all()}
    documented = {told["type"]: told for told in map(json.loads, SHOWN) if "type" in told}
    assert {kind: shape(told) for kind, told in sent.items()} == {k: shape(told) for k, told in documented.items()}
    assert set(documented) == set(EventType.values)
