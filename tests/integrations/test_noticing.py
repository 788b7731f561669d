"""What webhooks are told of, each once, and nothing that nobody may know."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comments import moderation
from integrations import endpoints, noticing, sources
from integrations.models import Cursor, Endpoint, WebhookEvent
from mail.models import OutgoingRequest
from petitions.actions import events
from petitions.signatures import signing
from petitions.statements import counting, publishing
from tests.factories import (
    CommentFactory,
    EndorsementFactory,
    EventFactory,
    OrganisationFactory,
    SignatureFactory,
    StatementFactory,
)
from tests.petitions.actions.making import come

pytestmark = pytest.mark.django_db


def ago(**time):
    return timezone.now() - timedelta(**time)


def about(statement):
    url = f"http://testserver/statements/{statement.slug}/"
    return {"id": statement.pk, "slug": statement.slug, "title": statement.title, "url": url}


def sign(statement, **values):
    return SignatureFactory(statement=statement, confirmed_at=values.pop("at", ago(minutes=5)), **values)


def test_without_an_endpoint_nothing_is_looked_for(statement, django_assert_num_queries):
    sign(statement)
    Cursor.objects.create(type="signature.agreed")
    assert noticing.notice() == 0
    assert (Cursor.objects.count(), WebhookEvent.objects.count()) == (0, 0)
    with django_assert_num_queries(2):
        noticing.notice()


def test_whoever_began_to_listen_at_that_very_moment_is_told_from_the_next_look(told, endpoint, statement):
    Cursor.objects.all().delete()  # as a look does that began before the endpoint was saved
    told()
    Cursor.objects.update(since=ago(hours=1))
    CommentFactory(statement=statement, published_at=ago(minutes=5))
    assert [kind for kind, _ in told()] == ["comment.published"]


def test_a_signature_is_told_without_what_only_some_may_know(told, statement, named):
    shown = sign(statement, name="Amina Yusuf", show_name=True, via="radio")
    hidden = sign(statement, name="Bo Lind", email="bo@example.org", postcode="E1", state="held", consent=named)
    found = {"language": "en", "wants_updates": False}
    assert told() == [
        (
            "signature.agreed",
            {
                "statement": about(statement),
                "signature": {
                    **found,
                    "id": row.pk,
                    "agreed_at": row.agreed_at.isoformat(),
                    "is_counted": row is shown,
                    "via": row.via,
                    **({"name": "Amina Yusuf"} if row is shown else {}),
                },
            },
        )
        for row in (shown, hidden)
    ] + [("moderation.waiting", {"waiting": {"petitions_signature": 1}, "url": "http://testserver/admin/"})]
    person = {"name": "Bo Lind", "email": "bo@example.org", "postcode": "E1"}
    assert list(
        WebhookEvent.objects.filter(type="signature.agreed").order_by("pk").values_list("private", flat=True)
    ) == [
        {},  # nobody was named to them, so nothing is kept to be passed on
        {"person": person, "recipients": ["Lantern Union"]},
    ]
    assert told() == []


def test_what_may_not_be_settled_yet_waits_and_so_does_what_follows(told, statement):
    first = sign(statement)
    sign(statement, at=ago(seconds=1))
    third = sign(statement)
    assert [data["signature"]["id"] for _, data in told()] == [first.pk]
    statement.signatures.update(agreed_at=ago(minutes=1))
    assert [data["signature"]["id"] for _, data in told()] == [third.pk - 1, third.pk]


def test_many_are_told_in_batches(told, statement, monkeypatch):
    monkeypatch.setattr("integrations.sources.BATCH", 2)
    for _ in range(5):
        sign(statement)
    assert [len(told()) for _ in range(4)] == [2, 2, 1, 0]


def test_what_was_there_before_is_not_told(other, statement, told):
    Cursor.objects.update(since=timezone.now())
    sign(statement)
    sign(statement, state="withdrawn", withdrawn_at=ago(minutes=5))
    EndorsementFactory(
        statement=statement, state="listed", organisation=OrganisationFactory(), listed_at=ago(minutes=5)
    )
    CommentFactory(statement=statement, published_at=ago(minutes=5))
    assert told() == []


def test_a_source_that_fails_stops_no_other(told, statement, caplog, monkeypatch):
    signed = sign(statement)
    CommentFactory(statement=statement, published_at=ago(minutes=5))
    with monkeypatch.context() as broken:
        broken.setitem(noticing.SOURCES, "comment.published", lambda look: [{}["missing"]])
        assert [(kind, data["signature"]["id"]) for kind, data in told()] == [("signature.agreed", signed.pk)]
    assert caplog.messages == ["webhooks: cannot look for comment.published"]
    assert [kind for kind, _ in told()] == ["comment.published"]


def test_imported_names_were_not_agreed_to_here(told, statement):
    sign(statement, channel="paper", submission_id=None)
    assert told() == []


def test_a_withdrawal_is_told(told, statement):
    row = sign(statement, name="Amina Yusuf", show_name=True)
    told()
    counting.recount(statement=statement, repair=True)
    signing.withdraw(signature_id=row.pk)
    assert told() == [("signature.withdrawn", {"statement": about(statement), "signature": {"id": row.pk}})]


def test_who_comes_back_within_the_ten_minutes_is_told_again(told, statement):
    row = sign(statement)
    told()
    statement.signatures.update(state="withdrawn", withdrawn_at=ago(minutes=1))
    assert [kind for kind, _ in told()] == ["signature.withdrawn"]
    statement.signatures.update(state="confirmed", withdrawn_at=None, agreed_at=ago(seconds=1))
    assert [(kind, data["signature"]["id"]) for kind, data in told()] == [("signature.agreed", row.pk)]
    assert told() == []


def test_the_wall_and_the_thread(told, statement):
    union = OrganisationFactory(name="Lantern Union", town="Eastside")
    EndorsementFactory(statement=statement, state="listed", organisation=union, listed_at=ago(minutes=5))
    CommentFactory(statement=statement, state="waiting", body="Not read yet")
    hidden = CommentFactory(statement=statement, body="Reported", published_at=ago(minutes=5), hidden_at=ago(minutes=1))
    comment = CommentFactory(statement=statement, author_name="Bo", body="Hello.", published_at=ago(minutes=4))
    said = {"id": comment.pk, "parent": None, "author": "Bo", "text": "Hello."}
    assert told()[:2] == [
        (
            "endorsement.listed",
            {
                "statement": about(statement),
                "organisation": {"id": union.pk, "name": "Lantern Union", "town": "Eastside"},
            },
        ),
        ("comment.published", {"statement": about(statement), "comment": said}),
    ]
    assert not WebhookEvent.objects.filter(subject_id=hidden.pk, type="comment.published").exists()


def test_a_comment_that_is_read_later_is_told_then(told, statement):
    comment = CommentFactory(statement=statement, state="waiting", published_at=None)
    assert [kind for kind, _ in told()] == ["moderation.waiting"]
    moderation.approve(comment=comment)
    assert [kind for kind, _ in told()] == ["comment.published"]


def test_what_becomes_of_a_statement(told, statement):
    publishing.correct(statement=statement, note="A typo.", body="<p>Other words.</p>")
    publishing.close(statement=statement)
    version = statement.versions.get(number=2)
    statement.refresh_from_db()
    note = {"number": 2, "sha256": version.sha256, "note": "A typo."}
    assert told() == [
        ("statement.corrected", {"statement": about(statement), "version": note}),
        ("statement.closed", {"statement": about(statement)}),
    ]
    assert told() == []


def test_days_that_come_are_told_and_what_is_hidden_is_not(told, statement):
    due, later = StatementFactory(published_at=ago(minutes=5)), StatementFactory(published_at=ago(days=-1))
    StatementFactory(published_at=ago(minutes=5), hidden_at=ago(minutes=1))
    type(statement).objects.filter(pk=statement.pk).update(closes_at=ago(minutes=2))
    assert [(kind, data["statement"]["id"]) for kind, data in told()] == [
        ("statement.published", due.pk),
        ("statement.closed", statement.pk),
    ]
    assert later.published_at > timezone.now()


def test_an_event_is_told_whenever_it_changes(told, statement):
    event = events.save_event(event=EventFactory.build(statement=statement, venue="Mill Hall"))
    assert [(kind, data["event"]["sequence"]) for kind, data in told()] == [("event.changed", 0)]
    event.venue = "Town hall"
    events.save_event(event=event)
    assert [(data["event"]["sequence"], data["event"]["place"]) for _, data in told()] == [(1, "Town hall")]
    assert told() == []


def test_who_comes_is_told_as_a_number_and_never_by_name(told, statement):
    event = EventFactory(statement=statement, takes_names=True, capacity=1, title="Protest", slug="protest")
    told()
    first, second = come(event), come(event, "derek@example.org", "Derek Ormerod")
    at = {"id": event.pk, "title": "Protest", "url": "http://testserver/events/protest/", "coming": 1, "capacity": 1}
    found = told()
    assert [(kind, data["attendance"], data["event"]) for kind, data in found] == [
        ("attendance.agreed", {"id": first.pk, "state": "coming"}, at),
        ("attendance.agreed", {"id": second.pk, "state": "waiting"}, at),
    ]
    assert "Amina" not in str(found)
    assert told() == []


@pytest.mark.parametrize(
    ("was", "people", "goal", "reached"),
    [
        (0, 99, None, 0),
        (0, 100, None, 100),
        (100, 199, None, 0),
        (99, 1000, None, 1000),
        (100, 350, 300, 300),
        (300, 350, 300, 0),
        (190, 1000, 300, 1000),
    ],
)
def test_the_highest_milestone_is_told(was, people, goal, reached):
    assert sources.passed(was, people, goal) == reached


def test_a_milestone_is_told_once_and_never_one_from_before(told, statement):
    statement.tallies.update(confirmed=0)
    slot = statement.tallies.first()

    def has(number):
        type(slot).objects.filter(pk=slot.pk).update(confirmed=number)
        return [(data["milestone"], data["signatures"]) for kind, data in told() if kind == "milestone.reached"]

    assert [has(150), has(210), has(180), has(205), has(510)] == [[], [(200, 210)], [], [], [(500, 510)]]


def test_what_waits_is_told_once_an_hour(told, statement):
    CommentFactory(statement=statement, state="waiting", body="Not read yet", published_at=None)
    said = {"waiting": {"comments_comment": 1}, "url": "http://testserver/admin/"}
    assert told() == [("moderation.waiting", said)]
    CommentFactory(statement=statement, state="waiting", published_at=None)
    assert told() == []
    cursor = Cursor.objects.get(type="moderation.waiting")
    cursor.seen = {"said": ago(minutes=61).isoformat()}
    cursor.save()
    assert told() == [("moderation.waiting", {**said, "waiting": {"comments_comment": 2}})]


def test_each_hears_what_it_listens_to_in_order(told, endpoint, statement, admin_user):
    few = Endpoint(url=endpoint.url, recipient="Bo", events=["statement.closed"])
    endpoints.save(endpoint=few, by=admin_user)
    off = Endpoint(url=endpoint.url, recipient="Bo", events=["statement.closed"], off_at=timezone.now())
    endpoints.save(endpoint=off, by=admin_user)
    sign(statement)
    publishing.close(statement=statement)
    told()
    agreed, closed = WebhookEvent.objects.order_by("pk").values_list("pk", flat=True)
    assert list(OutgoingRequest.objects.order_by("pk").values_list("context", "sequence")) == [
        ({"endpoint": endpoint.pk, "event": agreed}, f"webhook:{endpoint.pk}:{statement.pk}"),
        ({"endpoint": endpoint.pk, "event": closed}, f"webhook:{endpoint.pk}:{statement.pk}"),
        ({"endpoint": few.pk, "event": closed}, f"webhook:{few.pk}:{statement.pk}"),
    ]
