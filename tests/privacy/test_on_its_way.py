"""What is on its way in or out, as it rests meanwhile, names nobody's mailbox and nobody's postcode.

The rows that stay are looked at in test_canary.py, the whole demo in tests/seeds/test_stolen_dump.py.
"""

import pytest
from django.utils import timezone

from core import drafts
from core.addresses import mailbox_key, remote_key
from core.models import FormDraft
from exchange.models import ImportRow
from integrations.models import Endpoint, Newsletter, Subscriber, WebhookEvent
from integrations.newsletters.connectors.mailchimp import name_of
from petitions.models import Signature
from publishers.models import Publisher
from tests.exchange import lists
from tests.privacy import canary

pytestmark = pytest.mark.django_db
EMAIL, POSTCODE = canary.EMAIL, "ZZ9 7QX"


@pytest.fixture
def on_their_way(statement, admin_user):
    """A list that was read and checked, who is handed over to a newsletter, what a webhook is told, and a draft."""
    people = [
        ("Amina", EMAIL, POSTCODE),
        ("", EMAIL, POSTCODE),
        ("Wrong", f"{EMAIL}@", POSTCODE),
        ("Bo", "b@x.org", EMAIL),
    ]
    rows = [";".join((*person, "04.03.2021")) for person in people]
    listed = lists.check(lists.read("\n".join(["Name;E-Mail;PLZ;Datum", *rows]), statement=statement))
    newsletter = Newsletter.objects.create(
        publisher=Publisher.objects.get(), recipient="Lantern Union", program="mailchimp", list_id="1",
        url="https://us1.api.example.org", key="sealed", mapping={}, made_by=admin_user, made_at=timezone.now(),
    )  # fmt: skip
    remote = name_of(EMAIL)
    Subscriber.objects.create(
        newsletter=newsletter, mailbox_key=mailbox_key(EMAIL), email=EMAIL, remote_id=remote,
        remote_key=remote_key(remote),
    )  # fmt: skip
    WebhookEvent.objects.create(
        type="signature.confirmed", key="one", statement_id=statement.pk, data={}, happened_at=timezone.now(),
        private={"email": EMAIL, "postcode": POSTCODE},
    )  # fmt: skip
    drafts.keep(user=admin_user, model="petitions.signature", object_id="7", typed={"email": [EMAIL], "x": [POSTCODE]})
    return listed


def test_none_of_them_tells_of_a_mailbox_or_a_postcode(on_their_way):
    told = [EMAIL, EMAIL.encode().hex(), POSTCODE, POSTCODE.encode().hex(), name_of(EMAIL)]
    found = [(table, row) for table, rows in canary.dump().items() for row in rows if any(word in row for word in told)]
    assert found == []


def test_all_of_them_still_read_as_what_they_are(on_their_way):
    rows = on_their_way.rows.order_by("line")
    assert rows[0].private == {"email": EMAIL, "postcode": POSTCODE}
    assert (rows[0].read_as["name"], "email" in rows[0].read_as) == ("Amina", False)
    assert rows[1].cells == ["", EMAIL, POSTCODE, "04.03.2021"]
    subscriber = Subscriber.objects.get()
    assert (subscriber.email, subscriber.remote_id) == (EMAIL, name_of(EMAIL))
    assert WebhookEvent.objects.get().private["email"] == EMAIL
    assert FormDraft.objects.get().typed["email"] == [EMAIL]
    assert (ImportRow.objects.exclude(private={}).count(), Endpoint.objects.count(), Signature.objects.count()) == (
        2,
        0,
        0,
    )
