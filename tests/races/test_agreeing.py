"""Agreeing at the same moment as anything else: counted once, never while held, and nobody waits in a circle."""

import contextlib
import itertools
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from mail.models import OutgoingEmail
from petitions.models import SignatureSubmission
from petitions.signatures import importers, rules, signing
from petitions.signatures.models import Rule
from petitions.statements import publishing
from submissions import agreeing, decisions, status
from submissions.models import Decision
from tests.asking import agree, ask, mail_all, sign
from tests.meeting import meet
from tests.races.meeting_many import at_once

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 50


def numbers(statement) -> dict[str, list]:
    """Counted, shown and removed: of the slots, and of the rows, counted anew here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(confirmed), 0), coalesce(sum(shown), 0), coalesce(sum(removed), 0)"
                       " FROM petitions_tally WHERE statement_id = %s", [statement.pk])  # fmt: skip
        stored = list(cursor.fetchone())
        cursor.execute("SELECT state, show_name FROM petitions_signature WHERE statement_id = %s", [statement.pk])
        rows = cursor.fetchall()
    counted = [shows for state, shows in rows if state == "confirmed"]
    return {"stored": stored, "rows": [len(counted), sum(counted), sum(state == "removed" for state, _ in rows)]}


def settled(statement) -> int:
    """How many count, which both say."""
    found = numbers(statement)
    assert found["stored"] == found["rows"]
    return found["rows"][0]


def state_of(submission) -> str:
    return agreeing.state(1, submission.pk)


def agreed(submission, choice="") -> str:
    try:
        return agree(submission, choice).state
    except agreeing.NotAgreed as refusal:
        return f"not: {refusal.state}"


def test_two_submissions_of_one_mailbox_count_once(statement):
    one, other = ask(statement, show_name=True), ask(statement, name="Mallory")
    states = at_once(lambda: agreed(one), lambda: agreed(other))
    assert sorted(states) == ["confirmed", "not: superseded"]
    assert (settled(statement), statement.signatures.count()) == (1, 1)
    assert sorted(map(state_of, [one, other])) == ["agreed", "superseded"]


def test_the_second_of_two_waits_and_then_sees_the_first(statement):
    one, other = ask(statement), ask(statement, name="Mallory")
    assert meet(lambda: agreed(one), lambda: agreed(other), before="\nWITH asked") == "not: superseded"
    assert (settled(statement), statement.signatures.get().name) == (1, "Amina Yusuf")


def test_one_submission_agreed_twelve_times_at_once_counts_once(statement):
    one = ask(statement)
    states = at_once(*[lambda: agreed(one)] * 12)
    assert sorted(states) == ["confirmed", *["not: agreed"] * 11]
    assert settled(statement) == 1
    assert OutgoingEmail.objects.filter(kind="signature_receipt").count() == 1


def test_renewed_by_two_answers_at_once_the_older_value_is_carried_once(statement):
    """Two renewals of one signature, both shown: a second look at the state before would count one of them twice."""
    sign(statement, show_name=False)
    one, other = ask(statement, show_name=True), ask(statement, name="A. Yusuf", show_name=True)
    meet(lambda: agreed(one), lambda: agreed(other), before="\nWITH asked")
    assert numbers(statement) == {"stored": [1, 1, 0], "rows": [1, 1, 0]}


def test_a_renewal_that_waits_for_a_withdrawal_counts_anew(statement):
    signature = sign(statement)
    again = ask(statement)
    state = meet(lambda: signing.withdraw(signature_id=signature.pk), lambda: agreed(again), before="\nWITH asked")
    assert (state, settled(statement)) == ("confirmed", 1)


def test_a_withdrawal_that_waits_for_a_renewal_takes_the_name_off(statement):
    signature = sign(statement)
    again = ask(statement)
    meet(lambda: agreed(again), lambda: signing.withdraw(signature_id=signature.pk), before="\nWITH old")
    signature.refresh_from_db()
    assert (signature.state, settled(statement)) == ("withdrawn", 0)


@pytest.mark.parametrize("order", ["the hold first", "the agreeing first"])
def test_whoever_comes_second_sees_the_hold(statement, order):
    signature = sign(statement)
    again = ask(statement, show_name=True)

    def hold():
        signing.hold(signature_id=signature.pk, reason="Odd")

    if order == "the hold first":
        meet(hold, lambda: agreed(again), before="\nWITH asked")
    else:
        meet(lambda: agreed(again), hold)
    signature.refresh_from_db()
    assert (signature.state, settled(statement)) == ("held", 0)


def test_a_hold_and_an_agreeing_at_once_fifty_times(statement):
    """Nobody arranges who is first. However it ends, what is held is not counted."""
    seen = set()
    for number in range(ROUNDS):
        address = f"amina{number}@example.org"
        signature = sign(statement, address)
        again = ask(statement, address, show_name=True)
        results = at_once(
            lambda pk=signature.pk: signing.hold(signature_id=pk, reason="Odd").state, lambda one=again: agreed(one)
        )
        signature.refresh_from_db()
        seen.add(tuple(map(str, results)))
        assert (results[0], signature.state, settled(statement)) == ("held", "held", 0)
    assert seen <= {("held", "held"), ("held", "confirmed")}


def test_a_first_signature_and_a_hold_that_was_there_before(statement):
    """A hold without a row: its signature was withdrawn and deleted. Whoever comes anew is held."""
    signature = sign(statement)
    signing.hold(signature_id=signature.pk, reason="Odd")
    again = ask(statement)

    def forget():
        signing.withdraw(signature_id=signature.pk)
        statement.signatures.all().delete()

    assert meet(forget, lambda: agreed(again), before="\nWITH asked") == "held"
    assert settled(statement) == 0


def test_a_rule_that_decides_while_somebody_withdraws_bars_who_comes_back_and_says_why(statement):
    signature = sign(statement, "cy@mill.example")
    rules.start(rule=Rule(statement=statement, domain="mill.example", reason="Invented"))
    meet(lambda: signing.withdraw(signature_id=signature.pk), rules.run_batch, before="\nWITH old")
    assert agreed(ask(statement, "cy@mill.example")) == "removed"
    signature.refresh_from_db()
    assert (signature.removed_reason, signature.removed_at is None, settled(statement)) == ("Invented", False, 0)


@pytest.mark.parametrize("verb", ["remove", "restore"])
def test_a_removal_or_its_undoing_and_an_agreeing_at_once(statement, verb):
    for number in range(12):
        address = f"amina{number}@example.org"
        signature = sign(statement, address)
        again = ask(statement, address, show_name=True)
        if verb == "restore":
            signing.remove(signature_id=signature.pk, reason="Invented")
        change = {
            "remove": lambda pk=signature.pk: signing.remove(signature_id=pk, reason="Invented").state,
            "restore": lambda pk=signature.pk: signing.restore(signature_id=pk).state,
        }[verb]
        results = at_once(change, lambda one=again: agreed(one))
        signature.refresh_from_db()
        right = {"remove": "removed", "restore": "confirmed"}[verb]
        assert (results[0], signature.state) == (right, right)
        assert settled(statement) == (number + 1 if verb == "restore" else 0)


def test_a_withdrawal_and_an_agreeing_at_once(statement):
    for number in range(12):
        address = f"amina{number}@example.org"
        signature = sign(statement, address)
        again = ask(statement, address)
        results = at_once(
            lambda pk=signature.pk: signing.withdraw(signature_id=pk).state, lambda one=again: agreed(one)
        )
        assert results == ["withdrawn", "confirmed"]
        signature.refresh_from_db()
        assert signature.state in {"withdrawn", "confirmed"}
        settled(statement)


def test_twelve_equal_posts_are_twelve_submissions_and_one_mail(statement):
    fields = {"name": "Amina Yusuf", "email": "amina@example.org"}
    asked = at_once(*[lambda: signing.sign(statement=statement, **fields)] * 12)
    assert len({one.submission_id for one in asked}) == len({one.mail_id for one in asked}) == 12
    assert len({one.reference for one in asked}) == 1
    mail_all()
    states = at_once(*[lambda pk=one.submission_id: agreed(SignatureSubmission.objects.get(pk=pk)) for one in asked])
    assert sorted(states) == ["confirmed", *["not: superseded"] * 11]
    assert settled(statement) == 1


def test_two_who_decide_about_one_mailbox_decide_one_after_the_other(statement):
    signature = sign(statement)
    for _ in range(12):
        results = at_once(
            lambda: signing.hold(signature_id=signature.pk, reason="Odd").state,
            lambda: signing.remove(signature_id=signature.pk, reason="Invented").state,
        )
        signature.refresh_from_db()
        # Held after removed is refused; removed after held is not.
        assert results[1] == "removed"
        assert results[0] == "held" or isinstance(results[0], signing.NotThere)
        assert signature.state == "removed"
        signing.restore(signature_id=signature.pk)
        if results[0] == "held":
            signing.release(signature_id=signature.pk)
        assert settled(statement) == 1
    live = Decision.objects.filter(makes__in=["hold", "remove"], lifted_at=None)
    assert live.count() == 0


def test_two_who_remove_the_same_write_one_decision(statement):
    signature = sign(statement)
    results = at_once(*[lambda: signing.remove(signature_id=signature.pk, reason="Invented").state] * 2)
    assert sorted(map(str, results)) == ["removed", "removed"]
    assert Decision.objects.filter(makes="remove").count() == 1
    signing.restore(signature_id=signature.pk)
    assert settled(statement) == 1


def test_a_rule_and_those_who_agree_while_it_runs(statement):
    addresses = [f"crowd{number}@mill.example" for number in range(8)]
    for address in addresses:
        sign(statement, address)
    again = [ask(statement, address, show_name=True) for address in addresses]
    rules.start(rule=Rule(statement=statement, domain="mill.example", reason="Invented"))
    results = at_once(rules.run_batch, *[lambda one=one: agreed(one) for one in again])
    assert [one for one in results if isinstance(one, Exception)] == []
    assert numbers(statement) == {"stored": [0, 0, 8], "rows": [0, 0, 8]}


def test_renewals_between_versions_from_both_sides_never_wait_in_a_circle(statement):
    """One moves from version 1 to 2 while another moves back: slots are locked in the order of versions."""
    to_new = [sign(statement, f"new{number}@example.org") for number in range(6)]
    waiting = {f"old{number}@example.org": ask(statement, f"old{number}@example.org") for number in range(6)}
    publishing.correct(statement=statement, body="<p>Another text.</p>", note="A slip.")
    for address in waiting:
        statement.refresh_from_db()
        sign(statement, address)
    mail_all()
    assert {one.version.number for one in waiting.values()} == {1}
    onward = [ask(statement, one.email) for one in to_new]
    backward = [ask(statement, address, seen_version=1) for address in waiting]
    results = at_once(*[lambda one=one: agreed(one) for pair in zip(onward, backward, strict=True) for one in pair])
    assert results == ["confirmed"] * 12
    assert settled(statement) == 12
    with connection.cursor() as cursor:
        cursor.execute("SELECT version_id, sum(confirmed) FROM petitions_tally WHERE statement_id = %s GROUP BY 1",
                       [statement.pk])  # fmt: skip
        assert [number for _, number in sorted(cursor.fetchall())] == [6, 6]


@pytest.mark.parametrize("order", ["the hold first", "the import first"])
def test_an_import_and_a_hold(statement, order):
    """Somebody is held, withdraws and is deleted; an import brings them back while staff decide: held all the same."""
    signature = sign(statement)
    at = timezone.now() - timedelta(days=1)
    rows = [importers.Row(name=name, email=f"{name}@example.org", signed_at=at) for name in ("amina", "bo")]
    key = bytes(signature.mailbox_key)
    signing.withdraw(signature_id=signature.pk)
    statement.signatures.all().delete()

    def hold():
        decisions.lock(key)
        decisions.make("hold", kind="signature", scope=statement.pk, subject=key, reason="Odd")
        signing.counting.move(where="sig.mailbox_key = %(key)s AND sig.state = 'confirmed'", change=signing.AS_DECIDED,
                              values={"key": key})  # fmt: skip

    def load():
        return importers.load(statement=statement, rows=rows)

    if order == "the hold first":
        meet(hold, load, before="LOCK TABLE")
    else:
        meet(load, lambda: _in_one(hold))
    assert statement.signatures.get(email="amina@example.org").state == "held"
    assert settled(statement) == 1


@pytest.mark.parametrize("order", ["the hold first", "the agreeing first"])
def test_a_hold_of_whom_no_row_tells_any_more_and_an_agreeing(statement, order):
    """Only the lock on the mailbox stands between them: there is no row that one could wait for."""
    one = ask(statement, show_name=True)
    key = bytes(one.mailbox_key)

    def hold():
        decisions.lock(key)
        decisions.make("hold", kind="signature", scope=statement.pk, subject=key, reason="Odd")
        signing.counting.move(
            where="sig.mailbox_key = %(key)s AND sig.state = 'confirmed'",
            change=signing.AS_DECIDED,
            values={"key": key},
        )

    if order == "the hold first":
        meet(hold, lambda: agreed(one), before="\nWITH asked")
    else:
        meet(lambda: agreed(one), lambda: _in_one(hold))
    assert (statement.signatures.get().state, settled(statement)) == ("held", 0)


def _in_one(work):
    with transaction.atomic():
        work()


def test_the_polling_stranger_sees_only_their_own(statement):
    own, stranger = ask(statement), ask(statement, name="Mallory")
    agreed(own)
    assert {one.id: (one.state, one.result_id) for one in status.of([(1, stranger.pk)])} == {
        stranger.pk: ("superseded", None)
    }


def test_the_order_of_hold_release_and_agreeing_does_not_matter(statement):
    """All orders of hold, withdraw and agree, one after the other: what is held at the end is not counted."""
    for number, order in enumerate(itertools.permutations(["hold", "withdraw", "agree"])):
        address = f"amina{number}@example.org"
        signature = sign(statement, address)
        again = ask(statement, address)
        held = False
        for verb in order:
            if verb == "agree":
                agreed(again)
            elif verb == "withdraw":
                signing.withdraw(signature_id=signature.pk)
            else:
                with contextlib.suppress(signing.NotThere):
                    held = signing.hold(signature_id=signature.pk, reason="Odd").state == "held"
        signature.refresh_from_db()
        assert (signature.state == "confirmed") <= (not held)
    settled(statement)
