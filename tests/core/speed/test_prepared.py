"""Query sets that are put into words once."""

from datetime import UTC, datetime

import pytest
from django.db.models import F

from core.speed.prepared import Prepared, PreparedTuples, run
from mail.models import OutgoingEmail
from petitions.models import Event, Statement, Update, Version
from tests.factories import EventFactory, StatementFactory

pytestmark = pytest.mark.django_db


def test_it_answers_as_the_query_set_does():
    first, second = StatementFactory(slug="first"), StatementFactory(slug="second")
    for statement in (first, first, second):
        EventFactory(statement=statement)
    asked = Prepared(lambda statement: Event.objects.filter(statement=statement).order_by("pk"), int)
    assert [asked(statement.pk) for statement in (first, second)] == [
        list(statement.events.order_by("pk")) for statement in (first, second)
    ]
    assert asked(first.pk - 100) == []


def test_it_leaves_out_what_is_deferred_and_brings_what_is_annotated(django_assert_num_queries):
    statement = StatementFactory(slug="libraries", title="Libraries")
    asked = Prepared(
        lambda slug: Version.objects.filter(statement__slug=slug).defer("body").annotate(about=F("statement__title")),
        str,
    )
    with django_assert_num_queries(1):
        (version,) = asked("libraries")
    assert (version, version.statement_id, version.about) == (statement.version, statement.pk, "Libraries")
    assert version.get_deferred_fields() == {"body"}


def test_it_returns_tuples_where_those_are_asked_for():
    StatementFactory(slug="a", title="A")
    StatementFactory(slug="b", title="B")
    asked = PreparedTuples(lambda slug: Statement.objects.filter(slug=slug).values_list("slug", "title"), str)
    assert (asked("a"), asked("b"), asked("c")) == ([("a", "A")], [("b", "B")], [])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Version.objects.select_related("statement"), "says its own columns"),
        (lambda: Statement.objects.values_list("title"), "says its own columns"),
        (OutgoingEmail.objects.all, "context of OutgoingEmail is made of what the database says"),
    ],
    ids=["related", "tuples", "JSON"],
)
def test_what_it_would_get_wrong_is_refused(make, words):
    StatementFactory()
    with pytest.raises(TypeError, match=words):
        Prepared(make)()


def test_what_django_answers_by_itself_is_refused():
    with pytest.raises(ValueError, match="without asking the database"):
        Prepared(Statement.objects.none)()


@pytest.mark.parametrize("speed", [True, False])
def test_without_speed_it_is_the_query_set(settings, speed):
    settings.SPEED = speed
    statement = StatementFactory()
    EventFactory(statement=statement)
    asked = Prepared(lambda statement: Event.objects.filter(statement=statement), int)
    (event,) = asked(statement.pk)
    assert event.__dict__.keys() == statement.events.get().__dict__.keys()
    assert [event.starts_at, event.uid] == [statement.events.get().starts_at, statement.events.get().uid]
    assert event._state.adding is False


@pytest.mark.parametrize("speed", [True, False])
def test_a_statement_is_run_with_and_without_speed(settings, speed, django_assert_num_queries):
    settings.SPEED = speed
    with django_assert_num_queries(1):
        assert run("SELECT id + %s FROM unnest(%s::bigint[]) AS id", [1, [1, 2]]) == [(2,), (3,)]


def test_fixed_words_are_words_whatever_they_hold():
    statement = StatementFactory(slug="libraries", title="100 % isn't %s")
    asked = Prepared(lambda slug: Statement.objects.filter(title="100 % isn't %s", slug=slug), str)
    assert (asked("libraries"), asked("%s"), asked("'; --")) == ([statement], [], [])


def test_each_value_goes_where_it_belongs():
    one, other = StatementFactory(slug="one"), StatementFactory(slug="other")
    EventFactory(statement=one, title="Rally")
    asked = Prepared(lambda title, statement: Event.objects.filter(statement=statement, title=title), str, int)
    assert [len(asked("Rally", one.pk)), len(asked("Rally", other.pk)), len(asked("March", one.pk))] == [1, 0, 0]


def test_it_is_one_query_and_the_first_is_no_dearer(django_assert_num_queries):
    asked = Prepared(lambda statement: Update.objects.filter(statement=statement), int)
    for _ in range(2):
        with django_assert_num_queries(1):
            asked(7)


def test_what_time_it_is_may_not_be_said_for_ever():
    now = datetime.now(UTC)
    asked = Prepared(lambda statement: Update.objects.filter(statement=statement, published_at__lte=now), int)
    with pytest.raises(ValueError, match=r"let the database say what time it is$"):
        asked(7)
