"""Calls to action: the campaigner's own words and order; the usual without any; nobody overwritten, nothing dropped."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from petitions.actions import calls
from petitions.actions.calls import Kind
from petitions.actions.events import save_event
from petitions.models import CallToAction, Event, Statement
from tests.factories import EventFactory, StatementFactory
from tests.staff import log, staff

pytestmark = pytest.mark.django_db
EMPTY = {"kind": "", "words": "", "details": "", "event": "", "url": "", "link_words": "", "email": "", "number": ""}


@pytest.fixture
def statement():
    return StatementFactory(slug="baths")


def typed(*rows: dict[str, object], heading: str = "", seen: str = "") -> dict[str, object]:
    data: dict[str, object] = {"heading": heading, "seen": seen}
    data |= {"call-TOTAL_FORMS": len(rows), "call-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        data |= {f"call-{number}-{name}": value for name, value in {**EMPTY, **row}.items()}
    return data


def page(client, statement: Statement) -> str:
    html = client.get(statement.get_absolute_url()).content.decode()
    return html[html.index('id="do"') : html.index("</section>", html.index('id="do"'))]


def said(html: str) -> list[str]:
    """The line of each call, in order."""
    lines = re.findall(r'<p class="call"[^>]*>(.*?)</p>', html, re.S)
    return [" ".join(re.sub(r"<[^>]+>", "", line).split()) for line in lines]


def test_without_any_a_page_says_the_usual_and_the_events_to_come_first(client, statement):
    EventFactory(statement=statement, title="Read-in")
    html = page(client, statement)
    assert "What you can do" in html
    assert said(html) == [
        "Read-in",
        "Share it. Most people sign because somebody they know asked them.",
        "Get your organisation or branch to support.",
    ]


def test_own_words_in_their_own_order_under_a_heading_of_their_own(client, statement):
    event = EventFactory(statement=statement, title="Protest", details_url="https://example.org/protest")
    rows = [
        CallToAction(kind=Kind.EVENT, event=event, words="Join the protest.", link_words="more details here"),
        CallToAction(kind=Kind.SIGN_AND_SHARE, words="Sign and share with three people."),
        CallToAction(kind=Kind.ENDORSE, words="Get your branch to support.", email="act@example.org"),
        CallToAction(kind=Kind.LINK, words="Read the plan.", url="https://example.org/plan", link_words="The plan"),
        CallToAction(kind=Kind.EMAIL, words="Write to the council.", email="council@example.org"),
        CallToAction(kind=Kind.WORDS, words="Talk to a neighbour.", details="Over the fence."),
    ]
    calls.arrange(statement=statement, calls=rows, heading="Show your solidarity!")
    html = page(client, statement)
    assert said(html) == [row.words for row in rows]
    for part in (
        "Show your solidarity!",
        '<a href="https://example.org/protest" rel="noopener">more details here</a>',
        '<a href="https://example.org/plan" rel="noopener" dir="auto">The plan</a>',
        "Over the fence.",
    ):
        assert part in html
    assert "council@example.org" not in html
    answer = client.get("/statements/baths/write/5/")
    assert (answer.status_code, answer["Location"]) == (302, "mailto:council@example.org")
    assert [client.get(f"/statements/baths/write/{place}/").status_code for place in (1, 99)] == [404, 404]


def test_a_closed_statement_asks_for_no_name_and_no_organisation(client, statement):
    calls.arrange(
        statement=statement,
        calls=[CallToAction(kind=Kind.ENDORSE), CallToAction(kind=Kind.SIGN_AND_SHARE, words="Sign!")],
    )
    Statement.objects.filter(pk=statement.pk).update(closed_at=timezone.now())
    assert said(page(client, statement)) == ["Share it. Tell others what came of it."]


@pytest.mark.parametrize("named", [True, False], ids=["named", "by-itself"])
def test_a_cancelled_event_steps_down(client, statement, named):
    event = EventFactory(statement=statement, title="Protest", status=Event.Status.CANCELLED)
    rows = [CallToAction(kind=Kind.EVENT, event=event)] if named else []
    calls.arrange(statement=statement, calls=[*rows, CallToAction(kind=Kind.WORDS, words="Talk.")])
    assert said(page(client, statement)) == ["Talk.", "Protest"]


def test_an_event_corrected_before_it_was_public_is_not_changed(client):
    statement = StatementFactory(published_at=None)
    event = save_event(event=EventFactory.build(statement=statement, title="Protest"))
    event.starts_at += timedelta(hours=1)
    save_event(event=event)
    assert (event.sequence, event.status_shown) == (0, "on")
    Statement.objects.filter(pk=statement.pk).update(published_at=timezone.now())
    event.starts_at += timedelta(hours=1)
    save_event(event=event)
    assert (event.sequence, event.status_shown) == (1, "moved")


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "event"},
        {"kind": "link", "words": "Read"},
        {"kind": "email", "words": "Write"},
        {"kind": "words"},
        {"kind": "dance", "words": "Dance"},
    ],
    ids=str,
)
def test_the_database_keeps_no_call_that_leads_nowhere(statement, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        CallToAction.objects.create(statement=statement, **wrong)


def test_an_event_of_another_statement_is_refused(statement):
    with pytest.raises(calls.NotItsEvent):
        calls.arrange(statement=statement, calls=[CallToAction(kind=Kind.EVENT, event=EventFactory())])


def test_the_desk_shows_the_usual_keeps_all_in_the_order_of_the_numbers_and_records_it(client, statement):
    event = EventFactory(statement=statement)
    desk, path = staff("carol", "change_statement"), f"/admin/petitions/statement/{statement.pk}/calls/"
    forms = desk.get(path).context["formset"]
    assert [form["kind"].value() for form in forms] == ["sign_and_share", "endorse", None, None]
    rows = (
        {"kind": "words", "words": "Talk.", "number": "2"},
        {"kind": "event", "event": event.pk, "words": "Come.", "number": "1"},
        {},
        {"kind": "link", "words": "Old", "leave_out": "on"},
        {"kind": "sign_and_share"},
    )
    seen = calls.mark(statement)
    assert desk.post(path, typed(*rows, heading="Do it", seen=seen)).status_code == 302
    kept = [(row.position, row.kind, row.words) for row in calls.arranged(statement)]
    assert kept == [(1, "event", "Come."), (2, "words", "Talk."), (3, "sign_and_share", "")]
    again = desk.post(path, typed(*rows, heading="Do it", seen=calls.mark(statement)))
    assert (again.status_code, len(calls.arranged(statement))) == (302, 3)
    assert Statement.objects.get(pk=statement.pk).calls_heading == "Do it"
    assert log()[-1] == "Arranged what readers can do."
    late = desk.post(path, typed({"kind": "words", "words": "Mine."}, seen=seen))
    assert (late.status_code, "Somebody else has changed these" in late.content.decode()) == (422, True)
    assert [row.words for row in calls.arranged(statement)] == ["Come.", "Talk.", ""]
    assert desk.post(path, typed(seen=late.context["form"]["seen"].value())).status_code == 302
    assert calls.arranged(statement) == []
    assert staff("eve").get(path).status_code == 403


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"kind": "event"}, "event"),
        ({"kind": "link", "words": "Read"}, "url"),
        ({"kind": "link", "words": "Read", "url": "nowhere at all"}, "url"),
        ({"kind": "email", "words": "Write"}, "email"),
        ({"kind": "email", "words": "Write", "email": "nobody"}, "email"),
        ({"kind": "words"}, "words"),
        ({"words": "Read"}, "kind"),
        ({"kind": "words", "words": "Talk", "link_words": "here"}, "url"),
    ],
    ids=str,
)
def test_what_cannot_stand_says_why_beside_its_field_and_loses_nothing(statement, row, field):
    desk, path = staff("carol", "change_statement"), f"/admin/petitions/statement/{statement.pk}/calls/"
    answer = desk.post(path, typed(row, {"kind": "words", "words": "Kept as typed."}, seen=calls.mark(statement)))
    assert answer.status_code == 422
    assert list(answer.context["formset"].forms[0].errors) == [field]
    assert "Kept as typed." in answer.content.decode()
    assert calls.arranged(statement) == []


def test_an_event_is_named_once(statement):
    event = EventFactory(statement=statement)
    desk, path = staff("carol", "change_statement"), f"/admin/petitions/statement/{statement.pk}/calls/"
    twice = [{"kind": "event", "event": event.pk}] * 2
    answer = desk.post(path, typed(*twice, seen=calls.mark(statement)))
    assert "This event stands here twice." in answer.content.decode()
