"""Numbers stay true whoever comes at once: each race is held open at its worst moment."""

import pytest
from django.db import transaction
from django.db.models import F, Sum

from core.addresses import mailbox_key
from petitions.models import Rule, Signature, Tally
from petitions.signatures import rules, signing
from petitions.statements import counting
from submissions import agreeing, decisions
from tests.asking import agree, ask, sign
from tests.factories import VersionFactory
from tests.meeting import meet

pytestmark = pytest.mark.django_db(transaction=True)
ONE = counting.Recount(stored=(1, 0, 0), rows=(1, 0, 0))
NONE = counting.Recount(stored=(0, 0, 0), rows=(0, 0, 0))


def press(submission) -> str:
    try:
        return agree(submission).state
    except agreeing.NotAgreed as refusal:
        return f"not agreed: {refusal.state}"


def test_of_two_presses_of_one_button_the_second_counts_nothing(statement):
    asked = ask(statement)
    assert meet(lambda: press(asked), lambda: press(asked)) == "not agreed: agreed"
    assert counting.recount(statement=statement) == ONE


def test_two_submissions_of_one_mailbox_count_once(statement):
    """Reading the old state beside the update would see it as it was before the lock (HEART, trap 1)."""
    first, second = ask(statement, name="First", show_name=True), ask(statement, name="Second")
    assert meet(lambda: press(first), lambda: press(second)) == "not agreed: superseded"
    assert counting.recount(statement=statement) == counting.Recount(stored=(1, 1, 0), rows=(1, 1, 0))


def test_two_renewals_under_two_versions_leave_one_person_under_the_last(statement):
    sign(statement)
    VersionFactory(statement=statement)
    counting.prepare(statement)
    first, second = ask(statement, seen_version=1, show_name=True), ask(statement, seen_version=2)
    assert meet(lambda: press(first), lambda: press(second)) == "not agreed: superseded"
    assert counting.recount(statement=statement).agrees
    assert Signature.objects.get().version.number == 1


def test_an_addition_never_overwrites_another(statement):
    """Somebody else adds one to every slot, so whichever slot this one takes is in use."""
    asked, slots = ask(statement), Tally.objects.filter(statement=statement)
    assert meet(lambda: slots.update(confirmed=F("confirmed") + 1), lambda: press(asked)) == "confirmed"
    assert slots.aggregate(all=Sum("confirmed"))["all"] == Tally.SLOTS + 1


@pytest.mark.parametrize("before", ["", 'SELECT "petitions_tally"'])
def test_a_recount_forgets_nobody_who_is_just_agreeing(statement, before):
    asked = ask(statement)
    Tally.objects.filter(statement=statement, slot=7).update(confirmed=5)
    mended = meet(lambda: press(asked), lambda: counting.recount(statement=statement, repair=True), before=before)
    assert counting.recount(statement=statement) == ONE
    assert (mended.stored, mended.rows) == ((6, 0, 0), (1, 0, 0))


# Held yet counted (HEART, trap 2), in both orders


def decide(makes: str, statement) -> None:
    """A decision about the mailbox, whatever has become of its signature."""
    subject = mailbox_key("amina@example.org")
    decisions.lock(subject)
    decisions.make(makes, kind="signature", scope=statement.pk, subject=subject, reason="Odd")
    counting.move(
        where="sig.mailbox_key = %(subject)s AND sig.state IN ('confirmed', 'held')",
        change=signing.AS_DECIDED,
        values={"subject": subject},
    )


@pytest.mark.parametrize(("makes", "state"), [("hold", "held"), ("remove", "removed")])
@pytest.mark.parametrize("stood", ["new", "withdrawn", "renewed"])
def test_agreeing_that_waits_for_a_decision_sees_it(statement, makes, state, stood):
    stand(statement, stood)
    asked = ask(statement)
    assert meet(lambda: decide(makes, statement), lambda: press(asked)) == state
    assert counting.recount(statement=statement).rows[0] == 0
    assert counting.recount(statement=statement).agrees


@pytest.mark.parametrize(("makes", "state"), [("hold", "held"), ("remove", "removed")])
@pytest.mark.parametrize("stood", ["new", "withdrawn", "renewed"])
def test_a_decision_that_waits_for_an_agreeing_finds_what_it_wrote(statement, makes, state, stood):
    stand(statement, stood)
    asked = ask(statement)

    def decided() -> None:
        with transaction.atomic():
            decide(makes, statement)

    meet(lambda: press(asked), decided, before="SELECT pg_advisory_xact_lock")
    assert Signature.objects.get().state == state
    assert counting.recount(statement=statement).agrees
    assert counting.recount(statement=statement).rows[0] == 0


def stand(statement, stood: str) -> None:
    if stood != "new":
        signature = sign(statement)
    if stood == "withdrawn":
        signing.withdraw(signature_id=signature.pk)


def test_a_hold_by_staff_and_a_withdrawal_at_once_end_as_one_of_them(statement):
    signature = sign(statement)

    def hold() -> str:
        try:
            return signing.hold(signature_id=signature.pk, reason="Odd").state
        except signing.NotThere as refusal:
            return f"not there: {refusal.state}"

    assert meet(lambda: signing.withdraw(signature_id=signature.pk), hold) == "not there: withdrawn"
    assert counting.recount(statement=statement) == NONE


def test_a_rule_and_a_moderator_at_once_decide_once(statement):
    signature = sign(statement, "a@mill.example")
    rules.start(rule=Rule(domain="mill.example", reason="A script"))
    meet(lambda: signing.remove(signature_id=signature.pk, reason="Fake"), rules.run_batch)
    signature.refresh_from_db()
    assert (signature.state, signature.removed_reason) == ("removed", "Fake")
    assert counting.recount(statement=statement) == counting.Recount(stored=(0, 0, 1), rows=(0, 0, 1))
    signing.restore(signature_id=signature.pk)
    assert counting.recount(statement=statement) == ONE
