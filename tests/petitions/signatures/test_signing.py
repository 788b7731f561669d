"""Signing, agreeing and what else happens to a signature."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from mail.models import OutgoingEmail
from petitions.models import Signature, SignatureSubmission, Statement
from petitions.signatures import consent, counting, signing
from submissions import agreeing
from submissions.models import ConsentText, Decision
from tests.asking import agree, ask, later, mail_all, sign
from tests.factories import SignatureFactory, StatementFactory, VersionFactory

pytestmark = pytest.mark.django_db
AMINA = "amina@example.org"


@pytest.fixture
def statement() -> Statement:
    return StatementFactory()


def people(statement: Statement) -> tuple[int, int, int]:
    """Confirmed, shown and removed, after proving that the stored numbers are those of the rows."""
    result = counting.recount(statement=statement)
    assert result.agrees
    return result.stored


def receipts() -> list[tuple[str, str]]:
    rows = OutgoingEmail.objects.exclude(kind="signature_confirm").order_by("pk")
    return list(rows.values_list("kind", "recipient"))


# Asking


def test_signing_writes_one_submission_and_one_mail_and_counts_nothing(statement):
    asked = signing.sign(statement=statement, name="Amina Yusuf", email=AMINA, via="wa", ip_key="k", show_name=True)
    row = SignatureSubmission.objects.get()
    assert (row.pk, row.reference, row.name, row.via, row.ip_key, row.show_name, row.version) == (
        asked.submission_id, asked.reference, "Amina Yusuf", "wa", "k", True, statement.version
    )  # fmt: skip
    mail = OutgoingEmail.objects.get()
    assert (mail.pk, mail.kind, mail.recipient, mail.lane, mail.context) == (
        asked.mail_id, "signature_confirm", AMINA, OutgoingEmail.Lane.CONFIRM, {"submission": row.pk}
    )  # fmt: skip
    assert (Signature.objects.count(), people(statement)) == (0, (0, 0, 0))


def test_signing_takes_one_query(statement, django_assert_num_queries):
    consent.current()  # writes it down
    ask(statement)
    with django_assert_num_queries(1):
        signing.sign(statement=statement, name="Bo", email="bo@example.org")


def test_the_consent_sentence_and_the_notice_are_kept(statement, settings):
    agreed = sign(statement).consent
    assert agreed.text.splitlines()[0].startswith("By signing, you ask us to record")
    assert settings.CONTROLLER in agreed.notice


def test_a_consent_whose_writing_failed_is_written_down_again(statement):
    with transaction.atomic():
        lost = consent.current()
        transaction.set_rollback(True)
    assert not ConsentText.objects.filter(pk=lost).exists()
    assert ask(statement).consent_id == consent.current()


def test_signing_again_while_waiting_is_a_second_submission(statement):
    first, second = ask(statement, name="Amnia"), ask(statement, name="Amina", show_name=True)
    first.refresh_from_db()
    assert (first.name, second.name) == ("Amnia", "Amina")
    assert agree(second).state == "confirmed"
    with pytest.raises(agreeing.NotAgreed) as refusal:
        agree(first)
    assert (refusal.value.state, people(statement)) == ("superseded", (1, 1, 0))


def test_the_version_on_the_signers_screen_is_the_one_that_is_kept(statement):
    first = statement.version
    VersionFactory(statement=statement, number=2, body="<p>Corrected.</p>", note="A typo.")
    asked = [ask(statement, f"{seen}@example.org", seen_version=seen).version.number for seen in (1, 0, 2, 99)]
    assert (asked, first.number) == ([1, 2, 2, 2], 1)


@pytest.mark.parametrize(
    "change",
    [
        {"closed_at": timezone.now() - timedelta(minutes=1)},
        {"closes_at": timezone.now() - timedelta(seconds=1)},
        {"published_at": None},
        {"published_at": timezone.now() + timedelta(days=1)},
        {"hidden_at": timezone.now()},
        {"signed_by": "organisations"},
    ],
)
def test_nothing_gets_in_unless_the_statement_is_open(statement, change):
    change = {"published_at": timezone.now() - timedelta(days=2), **change}
    Statement.objects.filter(pk=statement.pk).update(**change)
    with pytest.raises(signing.StatementClosed):
        signing.sign(statement=statement, name="Late", email="late@example.org")
    assert (SignatureSubmission.objects.count(), OutgoingEmail.objects.count()) == (0, 0)


# Agreeing


def test_agreeing_counts_once_and_queues_one_receipt(statement):
    asked = ask(statement, show_name=True, via="wa", ip_key="k", postcode="AB1", email_updates=True)
    assert agree(asked).state == "confirmed"
    row = Signature.objects.get()
    assert (row.name, row.email, row.show_name, row.email_updates, row.via, row.ip_key, row.postcode) == (
        "Amina Yusuf", AMINA, True, True, "wa", "k", "AB1"
    )  # fmt: skip
    assert (row.submission_id, row.mailbox_position, row.created_at, row.confirmed_at) == (
        asked.pk, 1, asked.created_at, row.agreed_at
    )  # fmt: skip
    with pytest.raises(agreeing.NotAgreed) as refusal:
        agree(asked)
    assert (refusal.value.state, people(statement)) == ("agreed", (1, 1, 0))
    assert receipts() == [("signature_receipt", AMINA)]


def test_what_was_agreed_leaves_a_stub_without_words(statement):
    asked = ask(statement, postcode="AB1", affiliation="Mill", show_name=True, email_updates=True)
    agreed = agree(asked)
    stub = SignatureSubmission.objects.get()
    assert (stub.email, stub.email_canonical, stub.name, stub.postcode, stub.affiliation) == ("", "", "", "", "")
    assert (stub.show_name, stub.email_updates, stub.result_id) == (False, False, agreed.result_id)


def test_agreeing_takes_one_query(statement, django_assert_num_queries):
    asked = ask(statement)
    with django_assert_num_queries(1):
        signing.agree(submission_id=asked.pk)


def test_mallory_posts_again_and_the_name_stays_private(statement):
    """A stranger who knows the address can show nobody's name, and change nothing else of theirs."""
    before = sign(statement, show_name=False)
    ask(statement, name="Amina Yusuf, fascist", show_name=True, email_updates=True)
    after = Signature.objects.values().get()
    assert after == {name: getattr(before, name) for name in after}
    assert people(statement) == (1, 0, 0)


def test_an_expired_submission_is_not_agreed(statement, settings):
    asked = ask(statement)
    later(days=settings.UNCONFIRMED_DAYS, minutes=1)
    with pytest.raises(agreeing.NotAgreed) as refusal:
        agree(asked)
    assert (refusal.value.state, people(statement)) == ("expired", (0, 0, 0))


@pytest.mark.parametrize(("hours", "found"), [(23, "confirmed"), (25, "closed")])
@pytest.mark.parametrize("field", ["closed_at", "closes_at"])
def test_a_day_of_grace_after_closing(statement, hours, found, field):
    asked = ask(statement)
    later(hours=48)
    closed = {"published_at": timezone.now() - timedelta(days=9), field: timezone.now() - timedelta(hours=hours)}
    Statement.objects.filter(pk=statement.pk).update(**closed)
    try:
        state = agree(asked).state
    except agreeing.NotAgreed as refusal:
        state = refusal.state
    assert state == found


def test_grace_runs_from_the_first_mail_where_that_came_late(statement):
    asked = ask(statement, mailed=False)
    later(hours=49)
    ended = {"published_at": timezone.now() - timedelta(days=9), "closed_at": timezone.now() - timedelta(hours=48)}
    Statement.objects.filter(pk=statement.pk).update(**ended)
    mail_all()
    later(hours=23)
    assert agree(asked).state == "confirmed"


def test_a_hidden_statement_takes_nobody(statement):
    asked = ask(statement)
    Statement.objects.update(hidden_at=timezone.now())
    with pytest.raises(agreeing.NotAgreed) as refusal:
        agree(asked)
    assert (refusal.value.state, Signature.objects.count()) == ("hidden", 0)


def test_a_held_signature_is_not_counted_until_a_moderator_releases_it(statement):
    asked = ask(statement, signals="honeypot")
    agreed = agree(asked)
    assert (agreed.state, people(statement)) == ("held", (0, 0, 0))
    made = Decision.objects.get()
    assert (made.makes, made.reason, made.source, made.submission, made.by) == (
        "hold", "honeypot", "form", asked.pk, None
    )  # fmt: skip
    assert receipts() == [("signature_held", AMINA)]
    assert signing.release(signature_id=agreed.result_id).state == "confirmed"
    assert people(statement) == (1, 0, 0)
    assert receipts() == [("signature_held", AMINA), ("signature_released", AMINA)]


# Renewing


def test_a_renewal_keeps_the_first_times_and_adds_nobody(statement):
    first = sign(statement, via="wa")
    later(hours=1)
    first.refresh_from_db()
    renewed = sign(statement, name="Amina Y.", via="poster", show_name=True)
    assert (renewed.pk, renewed.name, renewed.via, renewed.show_name) == (first.pk, "Amina Y.", "poster", True)
    assert (renewed.confirmed_at, renewed.created_at) == (first.confirmed_at, first.created_at)
    assert renewed.agreed_at > first.agreed_at
    assert people(statement) == (1, 1, 0)


@pytest.mark.parametrize(
    ("asks", "found"),
    [
        ({}, ("AB1 2CD", "Mill", True)),
        ({"ask_postcode": True}, ("EF3", "Mill", True)),
        ({"ask_affiliation": True}, ("AB1 2CD", "", False)),
        ({"ask_postcode": True, "ask_affiliation": True}, ("EF3", "", False)),
    ],
)
def test_a_renewal_replaces_only_what_the_form_asked(statement, asks, found):
    sign(statement, postcode="AB1 2CD", affiliation="Mill", personal_capacity=True)
    Statement.objects.update(**asks)
    renewed = sign(statement, postcode="EF3" if "ask_postcode" in asks else "", name="Amina Y.")
    assert (renewed.postcode, renewed.affiliation, renewed.personal_capacity, renewed.name) == (*found, "Amina Y.")


def test_a_renewal_after_a_correction_moves_the_number_to_the_new_version(statement):
    sign(statement, show_name=True)
    sign(statement, "bo@example.org")
    first = statement.version
    second = VersionFactory(statement=statement)
    counting.prepare(statement)
    assert counting.by_version(statement) == {first.pk: 2, second.pk: 0}
    sign(statement, seen_version=2, show_name=False)
    assert counting.by_version(statement) == {first.pk: 1, second.pk: 1}
    assert people(statement) == (2, 0, 0)


def test_the_receipt_goes_to_the_address_that_was_proved(statement):
    sign(statement, AMINA)
    agree(ask(statement, "AMINA@example.org"))
    with pytest.raises(agreeing.NotAgreed):
        agree(ask(statement, "amina+x@example.org"))
    assert receipts() == [("signature_receipt", AMINA), ("signature_receipt", "AMINA@example.org")]


def test_another_spelling_of_a_counted_mailbox_changes_nothing(statement):
    sign(statement)
    before = list(Signature.objects.values())
    for choice in ("", "second"):
        with pytest.raises(agreeing.NotAgreed):
            agree(ask(statement, "Amina+news@EXAMPLE.org", name="Eve", show_name=True), choice)
    assert (list(Signature.objects.values()), people(statement)) == (before, (1, 0, 0))


def test_a_second_person_counts_by_position_and_each_renews_their_own(statement):
    first = sign(statement)
    second = agree(ask(statement, name="Bo Yusuf"), "second").result_id
    assert people(statement) == (2, 0, 0)
    assert agree(ask(statement, name="Bo Y.", show_name=True), "second").result_id == second
    assert agree(ask(statement, name="Amina Y.")).result_id == first.pk
    rows = Signature.objects.order_by("mailbox_position").values_list("mailbox_position", "name", "show_name")
    assert (list(rows), people(statement)) == ([(1, "Amina Y.", False), (2, "Bo Y.", True)], (2, 1, 0))


def test_nobody_is_the_second_person_of_a_mailbox_that_has_no_first(statement):
    with pytest.raises(agreeing.NotAgreed):
        agree(ask(statement), "second")
    assert people(statement) == (0, 0, 0)


# What its owner and staff do


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
    assert (people(statement), signature.email_updates) == ((0, 0, 0), False)
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
    assert (signing.standing(signature.pk), list(Decision.objects.values())) == (state, before)


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


# Many at once


def in_threads(work, arguments, threads=16):
    """Run `work` on each argument in real threads with connections of their own; all start together."""
    barrier = Barrier(threads)

    def run(share):
        try:
            barrier.wait(timeout=20)
            return [work(argument) for argument in share]
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return [row for rows in pool.map(run, [arguments] * threads) for row in rows]


def outcome_of(pk):
    try:
        return agreeing.agree(1, pk).state
    except agreeing.NotAgreed as refusal:
        return f"already {refusal.state}"


@pytest.mark.django_db(transaction=True)
def test_sixteen_threads_agree_to_the_same_hundred_once_each():
    statement = StatementFactory()
    asked = [ask(statement, f"signer-{n}@example.org", mailed=False, show_name=True).pk for n in range(100)]
    outcomes = in_threads(outcome_of, asked)
    assert sorted(set(outcomes)) == ["already agreed", "confirmed"]
    assert (outcomes.count("confirmed"), outcomes.count("already agreed")) == (100, 15 * 100)
    assert people(statement) == (100, 100, 0)
    assert OutgoingEmail.objects.filter(kind="signature_receipt").count() == 100


@pytest.mark.django_db(transaction=True)
def test_twelve_posts_of_one_mailbox_make_one_person_whoever_agrees_to_how_many():
    statement = StatementFactory()
    consent.current()

    def post(name):
        return signing.sign(statement=statement, name=name, email=AMINA).submission_id

    asked = in_threads(post, ["Amina", "Amina Yusuf"], threads=6)
    assert len(set(asked)) == 12
    in_threads(outcome_of, asked, threads=4)
    assert (Signature.objects.count(), people(statement)) == (1, (1, 0, 0))
