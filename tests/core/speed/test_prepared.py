"""Query sets that are put into words once."""

from datetime import UTC, datetime

import pytest

from core.speed.prepared import Prepared
from petitions.models import Event, Signature, Statement, Update, Version
from tests.factories import EventFactory, SignatureFactory, StatementFactory

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


def test_it_brings_what_is_related_and_leaves_out_what_is_deferred(django_assert_num_queries):
    statement = StatementFactory(slug="libraries")
    asked = Prepared(
        lambda slug: Version.objects.filter(statement__slug=slug).select_related("statement").defer("body"), str
    )
    with django_assert_num_queries(1):
        (version,) = asked("libraries")
        assert (version.statement, version.statement.title) == (statement, statement.title)
    assert version.get_deferred_fields() == {"body"}


def test_it_takes_a_list_and_returns_tuples():
    pks = [StatementFactory(slug=slug).pk for slug in ("a", "b", "c")]
    listed = Statement.objects.order_by("slug").values_list("pk", "slug")
    asked = Prepared(lambda pks: listed.filter(pk__in=pks), list[int])
    assert (asked(pks[1:]), asked([])) == ([(pks[1], "b"), (pks[2], "c")], [])


def test_fixed_words_are_words_whatever_they_hold():
    statement = StatementFactory(slug="libraries", title="100 % isn't %s")
    asked = Prepared(lambda slug: Statement.objects.filter(title="100 % isn't %s", slug=slug), str)
    assert (asked("libraries"), asked("%s"), asked("'; --")) == ([statement], [], [])


def test_each_value_goes_where_it_belongs():
    one, other = StatementFactory(slug="one"), StatementFactory(slug="other")
    SignatureFactory(statement=one, name="Amina")
    asked = Prepared(lambda name, statement: Signature.objects.filter(statement=statement, name=name), str, int)
    assert [len(asked("Amina", one.pk)), len(asked("Amina", other.pk)), len(asked("Bo", one.pk))] == [1, 0, 0]


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
