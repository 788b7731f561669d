"""Who changes here is marked by the database and looked at, and nobody else, however many are on the list."""

import pytest
from django.db import connection
from django.db.models import F

from integrations.models import Mark, Newsletter, Subscriber
from integrations.newsletters import handing, parting
from mail import suppression
from petitions.models import Signature
from publishers.models import Publisher
from submissions.models import ConsentText
from tests.factories import StatementFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    """None is asked here."""


@pytest.fixture
def newsletter(db):
    return Newsletter.objects.create(
        publisher=Publisher.objects.get(), recipient="Lantern Union", program="listmonk", url="https://x.example.org",
        key="x", list_id="1", state="running",
    )  # fmt: skip


@pytest.fixture
def on_it(newsletter, wants):
    """Somebody who was handed over; nothing has changed since."""
    row = wants()
    handing.find()
    Subscriber.objects.update(state="there", was_asked=True)
    parting.part()
    assert (Mark.objects.count(), state()) == (0, "there")
    return Signature.objects.get(pk=row.pk)


def state():
    return Subscriber.objects.values_list("state", flat=True).first()


def another_consent():
    return ConsentText.objects.create(text="I do.", notice="…", sha256="m")


CHANGES = {
    "no news": lambda row: Signature.objects.update(email_updates=False),
    "withdrawn": lambda row: Signature.objects.update(state="withdrawn"),
    "erased": lambda row: row.delete(),
    "agreed to other words": lambda row: Signature.objects.update(consent=another_consent()),
    "silence": lambda row: suppression.suppress(row.email),
    "another mailbox": lambda row: Signature.objects.update(mailbox_key=b"0" * 16),
    "in SQL": lambda row: connection.cursor().execute("DELETE FROM petitions_signature"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whoever_changes_is_marked_and_taken_off_at_the_next_look(on_it, newsletter, change):
    Newsletter.objects.update(parted=2**40)  # nobody is next on the round
    change(on_it)
    assert list(Mark.objects.values_list("subscriber_id", flat=True)) == [Subscriber.objects.get().pk]
    assert (parting.part(), state(), Mark.objects.count()) == (2, "to_remove", 0)


def test_what_is_no_reason_marks_nobody(on_it, wants):
    Signature.objects.update(show_name=True, name="A. Yusuf", agreed_at=F("agreed_at"))
    wants("bo@example.org", email_updates=False).delete()
    suppression.suppress("cara@example.org")
    assert Mark.objects.count() == 0


def test_who_still_stays_by_another_signature_stays(on_it, wants):
    wants(statement=StatementFactory())
    on_it.delete()
    assert (parting.part(), state()) == (1, "there")


def test_what_no_mark_knows_is_found_on_the_round(on_it, newsletter, wants, monkeypatch):
    for number in range(4):
        wants(f"p{number}@example.org")
    handing.find()
    Subscriber.objects.update(was_asked=True)
    monkeypatch.setattr(parting, "RING", 2)
    newsletter.recipient = "Others"
    newsletter.save()
    left = []
    for _ in range(3):
        parting.part()
        left.append(Subscriber.objects.exclude(state="to_remove").count())
    assert left == [3, 1, 0]
    newsletter.refresh_from_db()
    assert newsletter.parted == 0


@pytest.mark.parametrize("number", [1, 40])
def test_a_look_costs_the_same_however_many_are_on_the_list(on_it, wants, django_assert_num_queries, number):
    for each in range(number):
        wants(f"p{each}@example.org")
    handing.find()
    on_it.delete()
    with django_assert_num_queries(9):
        parting.part()
    assert Subscriber.objects.filter(state="to_remove").count() == 1


def test_nobody_is_read_who_is_neither_marked_nor_next(on_it, wants, monkeypatch):
    """Those beyond the ring are in no query's answer: the plan reads rows by their numbers."""
    monkeypatch.setattr(parting, "RING", 1)
    for each in range(5):
        wants(f"p{each}@example.org")
    handing.find()
    Subscriber.objects.update(was_asked=True)
    Signature.objects.update(email_updates=False)
    Mark.objects.all().delete()
    parting.part()
    assert list(Subscriber.objects.order_by("pk").values_list("state", flat=True)) == ["to_remove", *["to_add"] * 5]


def test_who_may_not_be_told_of_when_their_turn_comes_is_looked_at_again(on_it):
    """The mark was lost: it was made before the subscriber was there to be seen."""
    Subscriber.objects.update(state="to_add")
    Signature.objects.update(email_updates=False)
    Mark.objects.all().delete()
    row = Subscriber.objects.select_related("newsletter").get()
    Subscriber.objects.update(state="adding")
    request = handing._request(row, "add")
    request.context["way"] = "adding"
    assert handing.hand(request).reason == "may not be handed over any more"
    parting.part()
    assert state() == "to_remove"
