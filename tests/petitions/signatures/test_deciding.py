"""What its owner and staff do to a signature, and what the database lets nobody do."""

import pytest
from django.db import IntegrityError, transaction

from petitions.models import Signature
from petitions.signatures import signing
from petitions.statements import counting
from submissions.models import Decision
from tests.asking import agree, ask, people, sign
from tests.factories import SignatureFactory

pytestmark = pytest.mark.django_db
AMINA = "amina@example.org"


def test_choices_move_the_number_of_public_names(statement):
    signature = sign(statement)
    signing.choose(signature_id=signature.pk, show_name=True)
    assert people(statement) == (1, 1, 0)
    signing.choose(signature_id=signature.pk, email_updates=True)
    signing.choose(signature_id=signature.pk, show_name=False)
    signature.refresh_from_db()
    assert (people(statement), signature.email_updates) == ((1, 0, 0), True)


def test_withdrawing_and_signing_again(statement):
    signature = sign(statement, show_name=True, email_updates=True)
    signing.withdraw(signature_id=signature.pk)
    signature.refresh_from_db()
    assert (people(statement), signature.email_updates) == ((0, 0, 0), True)  # until it is gone it can be undone
    asked = ask(statement)
    signature.refresh_from_db()
    assert (signature.state, people(statement)) == ("withdrawn", (0, 0, 0))
    assert agree(asked).result_id == signature.pk
    again = Signature.objects.get()
    assert (again.state, again.withdrawn_at, people(statement)) == ("confirmed", None, (1, 0, 0))
    assert again.confirmed_at == again.agreed_at > signature.confirmed_at


def test_removed_signatures_stay_and_can_be_restored(statement):
    signature = sign(statement, show_name=True)
    signing.remove(signature_id=signature.pk, reason="A duplicate")
    assert people(statement) == (0, 0, 1)
    assert agree(ask(statement, show_name=True)).state == "removed"
    with pytest.raises(signing.NotThere):
        signing.withdraw(signature_id=signature.pk)
    assert people(statement) == (0, 0, 1)
    signing.restore(signature_id=signature.pk)
    assert people(statement) == (1, 1, 0)


def test_a_hold_stands_behind_a_removal(statement):
    signature = sign(statement)
    signing.hold(signature_id=signature.pk, reason="Odd")
    signing.remove(signature_id=signature.pk, reason="Fake")
    signing.restore(signature_id=signature.pk)
    signature.refresh_from_db()
    assert (signature.state, signature.held_reason, signature.removed_reason) == ("held", "Odd", "")


@pytest.mark.parametrize(
    ("state", "verb"),
    [(state, verb) for state in Signature.State.values for verb in ("hold", "release", "remove", "restore")],
)
def test_each_verb_starts_from_its_own_states_and_leaves_no_decision_otherwise(statement, state, verb):
    signature = SignatureFactory(statement=statement, state=state, removed_reason="Fake" if state == "removed" else "")
    before = list(Decision.objects.values())
    reason = {"reason": "x"} if verb in {"hold", "remove"} else {}
    moves = {("confirmed", "hold"): "held", ("held", "release"): "confirmed", ("confirmed", "remove"): "removed",
             ("held", "remove"): "removed", ("removed", "restore"): "confirmed"}  # fmt: skip
    if (state, verb) in moves:
        assert getattr(signing, verb)(signature_id=signature.pk, **reason).state == moves[state, verb]
        assert Decision.objects.count() == len(before) + 1
        return
    with pytest.raises(signing.NotThere):
        getattr(signing, verb)(signature_id=signature.pk, **reason)
    assert (signing.state_of(signature.pk), list(Decision.objects.values())) == (state, before)


@pytest.mark.parametrize("makes", ["hold", "remove"])
def test_the_database_counts_nothing_that_is_decided_against(statement, makes):
    signature = sign(statement)
    getattr(signing, makes)(signature_id=signature.pk, reason="Odd")
    with pytest.raises(IntegrityError, match="lift that first"), transaction.atomic():
        Signature.objects.update(state="confirmed")


def test_the_database_refuses_moves_that_no_table_has(statement):
    allowed = {(old, new) for old, states in signing.MOVES.items() for new in states}
    assert allowed == {
        ("confirmed", "held"), ("confirmed", "removed"), ("confirmed", "withdrawn"), ("confirmed", "anonymised"),
        ("held", "confirmed"), ("held", "removed"), ("held", "withdrawn"),
        ("removed", "confirmed"), ("removed", "held"),
        ("withdrawn", "confirmed"), ("withdrawn", "held"), ("withdrawn", "removed"),
        ("anonymised", "confirmed"), ("anonymised", "held"), ("anonymised", "removed"),
    }  # fmt: skip
    for old in Signature.State.values:
        for new in set(Signature.State.values) - {old}:
            row = SignatureFactory(statement=statement, state=old)
            Decision.objects.all().delete()
            changed = Signature.objects.filter(pk=row.pk)
            if (old, new) in allowed:
                assert changed.update(state=new, held_reason="x") == 1
                continue
            with pytest.raises(IntegrityError, match="cannot go from there"), transaction.atomic():
                changed.update(state=new, held_reason="x")


def test_nothing_counts_without_a_ground(statement):
    with pytest.raises(IntegrityError, match="signature_has_a_ground"), transaction.atomic():
        SignatureFactory(statement=statement, submission_id=None)
    SignatureFactory(statement=statement, submission_id=None, channel="paper")


def test_recount_finds_and_mends_a_wrong_number(statement):
    SignatureFactory.create_batch(3, statement=statement)
    result = counting.recount(statement=statement)
    assert (result.stored, result.rows, result.agrees) == ((0, 0, 0), (3, 0, 0), False)
    counting.recount(statement=statement, repair=True)
    assert people(statement) == (3, 0, 0)


def test_recount_knows_by_itself_what_each_number_means(statement):
    """Rows of every state, private, shown and brought in: what the counter does with them is not asked."""
    for state in Signature.State.values:
        for shown in (False, True):
            SignatureFactory(statement=statement, state=state, show_name=shown)
        SignatureFactory(statement=statement, state=state, import_id=7, channel="import")
    SignatureFactory(statement=statement, state="removed")  # so that no two numbers are the same by chance
    found = counting.recount(statement=statement)
    assert (found.rows, found.brought_in[1]) == ((4, 1, 4), 2)
