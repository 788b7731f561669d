"""Numbers stay true whoever comes at once: each race is held open at its worst moment."""

import pytest
from django.db.models import F, Sum

from petitions.models import Tally
from petitions.signatures import counting, signing
from tests.factories import SignatureFactory, StatementFactory
from tests.meeting import meet

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def statement():
    statement = StatementFactory()
    counting.prepare(statement)
    return statement


def pending(statement) -> int:
    return SignatureFactory(statement=statement, state="pending").pk


def confirm(pk: int) -> str:
    try:
        return signing.confirm(signature_id=pk).state
    except signing.NotConfirmed as refusal:
        return f"already {refusal.state}"


def test_of_two_presses_of_one_link_the_second_counts_nothing(statement):
    pk = pending(statement)
    assert meet(lambda: confirm(pk), lambda: confirm(pk)) == "already confirmed"
    assert counting.recount(statement=statement) == counting.Recount(stored=(1, 0, 0), rows=(1, 0, 0))


def test_an_addition_never_overwrites_another(statement):
    """Somebody else adds one to every slot, so whichever slot this one takes is in use."""
    pk, slots = pending(statement), Tally.objects.filter(statement=statement)
    assert meet(lambda: slots.update(confirmed=F("confirmed") + 1), lambda: confirm(pk)) == "confirmed"
    assert slots.aggregate(all=Sum("confirmed"))["all"] == Tally.SLOTS + 1


@pytest.mark.parametrize("before", ["", 'SELECT "petitions_tally"'])
def test_a_recount_forgets_nobody_who_is_just_confirming(statement, before):
    pk = pending(statement)
    Tally.objects.filter(statement=statement, slot=7).update(confirmed=5)
    mended = meet(lambda: confirm(pk), lambda: counting.recount(statement=statement, repair=True), before=before)
    assert counting.recount(statement=statement) == counting.Recount(stored=(1, 0, 0), rows=(1, 0, 0))
    assert (mended.stored, mended.rows) == ((6, 0, 0), (1, 0, 0))
