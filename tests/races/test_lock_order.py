"""Whoever takes several locks takes them in one order (docs/decisions/0010); looked at, nothing is left to luck."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from comments import threads
from comments.models import SiteRules
from core import audit
from organisations import deciding, endorsing
from organisations.models import Organisation
from petitions.models import Statement
from petitions.statements import counting, publishing
from petitions.statements.models import Tally
from tests.asking import agree, ask, sign
from tests.factories import EndorsementFactory, StatementFactory
from tests.meeting import until_it_waits
from tests.races.meeting_many import PATIENCE
from tests.races.test_agreeing import settled

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def waiting_for(rows: Any, work: Callable[[], Any]) -> Iterator[Future]:
    """`work` in another thread, which waits for these rows as long as the block lasts."""

    def apart() -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        assert list(rows.select_for_update(no_key=True)) != []
        coming = pool.submit(apart)
        until_it_waits(coming)
        assert not coming.done()
        yield coming


def are_free(rows: Any) -> bool:
    """Whether nobody has locked these; the database refuses at once if somebody has."""
    return list(rows.select_for_update(nowait=True)) != []


@pytest.mark.parametrize("way", ["onward", "back"])
def test_whoever_renews_locks_the_slots_in_the_order_of_versions(statement, way):
    """Two who share a slot are seldom at it at once, so no race would show it."""
    sign(statement, "amina@example.org")
    publishing.correct(statement=statement, body="<p>Another text.</p>", note="A slip.")
    statement.refresh_from_db()
    if way == "back":
        sign(statement, "amina@example.org")
    again = ask(statement, "amina@example.org", show_name=True, seen_version=1 if way == "back" else 2)
    first, second = (Tally.objects.filter(version=version) for version in statement.versions.order_by("number"))
    with waiting_for(first, lambda: agree(again).state) as coming:
        assert are_free(second)
    assert coming.result(PATIENCE) == "confirmed"
    assert settled(statement) == 1


def test_whoever_repairs_the_numbers_locks_the_statement_before_its_slots(statement):
    """As whoever corrects the text does; an import and a correction waited in a circle."""
    sign(statement)
    Tally.objects.update(confirmed=7)
    repair = lambda: counting.recount(statement=statement, repair=True).agrees  # noqa: E731  used once
    with waiting_for(Statement.objects.filter(pk=statement.pk), repair) as coming:
        assert are_free(Tally.objects)
    assert coming.result(PATIENCE) is False
    assert settled(statement) == 1


def test_rules_of_all_threads_lock_the_statements_in_order_and_first(statement):
    other = StatementFactory()
    SiteRules(pk=1).save()  # tests that commit leave an empty table behind
    rules = SiteRules.objects.get()
    with waiting_for(Statement.objects.filter(pk=statement.pk), lambda: threads.keep_site_rules(rules=rules)) as coming:
        assert are_free(Statement.objects.filter(pk=other.pk))
        assert are_free(SiteRules.objects)
    assert coming.result(PATIENCE) == rules


@pytest.mark.parametrize("verb", ["approve", "undo"])
def test_whoever_decides_locks_all_statements_that_name_the_organisation_in_order(statement, verb):
    """The one in hand is the newer; the older one names the same organisation, and its kept pages are dropped too."""
    deciding.approve(endorsement=EndorsementFactory(statement=statement, name="Lantern Union"))
    there = deciding.approve(endorsement=EndorsementFactory(name="Lantern Union"))
    endorsing.revise(endorsement_id=there.pk, name="LANTERN UNION")
    if verb == "undo":
        there.refresh_from_db()
        deciding.approve(endorsement=there)
    there.refresh_from_db()
    with waiting_for(
        Statement.objects.filter(pk=statement.pk), lambda: getattr(deciding, verb)(endorsement=there)
    ) as coming:
        assert are_free(Statement.objects.filter(pk=there.statement_id))
    coming.result(PATIENCE)
    assert Organisation.objects.get().name == {"approve": "LANTERN UNION", "undo": "Lantern Union"}[verb]


def test_a_line_of_the_record_that_is_written_early_keeps_nobody_waiting(statement):
    """Its lock is the last of a transaction, whenever the line was written (docs/decisions/0020)."""
    staff = User.objects.create_user("moderator")

    def write() -> None:
        try:
            with transaction.atomic():
                audit.record(by=staff, on=statement, what="Looked")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        audit.record(by=staff, on=statement, what="Began")
        pool.submit(write).result(PATIENCE)
    assert (audit.verify().lines, audit.verify().holds) == (2, True)
