"""The numbers of a statement as the worker counts them: from the rows, right however long it was down."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from core import tombstones
from petitions.models import AskedDay, SignatureSubmission, SignedHour, SignedSum, SumsCount
from petitions.signatures import statistics, sums
from tests.asking import agree, ask, later
from tests.factories import SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db


def ago(**span):
    return timezone.now() - timedelta(**span)


@pytest.fixture
def statement():
    return StatementFactory(published_at=ago(days=9))


def hours(statement):
    return [row.confirmed for row in SignedHour.objects.filter(statement=statement).order_by("hour")]


def summed(statement, what):
    rows = SignedSum.objects.filter(statement=statement, what=what).order_by("key")
    return {row.key: (row.people, row.held, row.removed, row.shown, row.news) for row in rows}


def test_all_is_counted_from_the_rows_and_who_is_removed_is_not(statement):
    SignatureFactory(statement=statement, show_name=True, via="blog", confirmed_at=ago(days=5))
    SignatureFactory(statement=statement, email_updates=True, channel="embed", confirmed_at=ago(days=5))
    SignatureFactory(statement=statement, state="held", via="blog")
    SignatureFactory(statement=statement, state="removed", via="blog", show_name=True, confirmed_at=ago(days=5))
    SignatureFactory(statement=StatementFactory(), via="blog")
    sums.count(statement.pk)
    assert summed(statement, "all") == {"": (2, 1, 1, 1, 1)}
    assert summed(statement, "source") == {"via:blog": (1, 1, 1, 1, 0), "embed": (1, 0, 0, 0, 1)}
    assert summed(statement, "language") == {"en": (2, 1, 1, 1, 1)}
    assert sum(hours(statement)) == 2, "neither who is held nor who is removed"


def test_who_is_removed_later_leaves_the_hour_in_which_they_signed(statement):
    one = SignatureFactory(statement=statement, confirmed_at=ago(days=5))
    SignatureFactory(statement=statement, confirmed_at=ago(days=3))
    sums.count(statement.pk)
    assert hours(statement) == [1, 1]
    type(one).objects.filter(pk=one.pk).update(state="removed")
    sums.count(statement.pk)
    assert (hours(statement), summed(statement, "all")[""][2]) == ([1], 1)


def test_a_worker_that_was_down_for_a_day_finds_all_of_it(statement):
    SignatureFactory(statement=statement, confirmed_at=ago(days=3))
    sums.count(statement.pk)
    SumsCount.objects.update(counted_at=ago(hours=30))
    SignatureFactory(statement=statement, confirmed_at=ago(hours=26))
    SignatureFactory(statement=statement, confirmed_at=ago(hours=2))
    assert statistics.roll_up() == 2
    assert hours(statement) == [1, 1, 1]
    assert statistics.roll_up() == 0


def test_who_was_asked_and_agreed_by_day_and_source(statement):
    for number in range(3):
        agree(ask(statement, f"a{number}@example.org", via="blog"))
    ask(statement, "late@example.org", via="blog")
    ask(statement, "late@example.org", via="blog")  # pressed twice: one mailbox
    sums.count(statement.pk)
    (day,) = AskedDay.objects.filter(statement=statement)
    assert (day.source, day.asked, day.agreed, day.day) == ("via:blog", 4, 3, timezone.localdate())
    assert SumsCount.objects.get().waiting == 1
    # Two weeks on, what nobody agreed to is gone, and the day stands as it was.
    later(days=20)
    SignatureSubmission.objects.filter(agreed_at=None).delete()
    AskedDay.objects.update(day=timezone.localdate() - timedelta(days=20))
    sums.count(statement.pk)
    (day,) = AskedDay.objects.filter(statement=statement)
    assert (day.asked, day.agreed) == (4, 3)


def test_what_is_taken_back_is_counted_when_its_row_is_gone(statement):
    other = {"kind": "signature", "subjects": [b"x" * 16]}
    tombstones.leave("withdrawn", scope=statement.pk, **other)
    tombstones.leave("erased", scope=statement.pk, **other)
    tombstones.leave("removed", scope=statement.pk, **other)
    tombstones.leave("withdrawn", scope=statement.pk + 1, **other)
    sums.count(statement.pk)
    assert SumsCount.objects.get().gone == 2


def test_invented_codes_do_not_fill_the_table(statement, monkeypatch):
    for number in range(sums.MOST_SOURCES + 7):
        SignatureFactory(statement=statement, via=f"x{number}")
    sums.count(statement.pk)
    found = summed(statement, "source")
    assert (len(found), found["other"][0]) == (sums.MOST_SOURCES + 1, 7)


def test_one_statement_after_the_other_each_ten_minutes(statement):
    StatementFactory(published_at=None)
    other = StatementFactory()
    assert [sums.count_next() for _ in range(3)] == [1, 1, 0]
    assert sorted(SumsCount.objects.values_list("statement_id", flat=True)) == [statement.pk, other.pk]
    SumsCount.objects.filter(statement=other).update(counted_at=ago(minutes=11))
    assert [sums.count_next() for _ in range(2)] == [1, 0]
    SumsCount.objects.filter(statement=other).update(counted_at=ago(minutes=11), took=timedelta(seconds=10))
    assert sums.count_next() == 0, "counting took long, so it waits longer"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM petitions_sumscount WHERE took < interval '0'")
        assert cursor.fetchone() == (0,)
