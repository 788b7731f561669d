"""Signing, confirming and what else happens to a signature."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core import tokens
from mail.models import OutgoingEmail, Suppression
from petitions.models import ConsentText, Signature, Statement
from petitions.signatures import consent, counting, signing
from tests.factories import SignatureFactory, StatementFactory, VersionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def statement() -> Statement:
    return StatementFactory()


def people(statement: Statement) -> tuple[int, int, int]:
    """Confirmed, shown and removed, after proving that the stored numbers are those of the rows."""
    result = counting.recount(statement=statement)
    assert result.stored == result.rows
    return result.stored


def sign(statement: Statement, **typed: object) -> Signature:
    """Sign, and return the row that the address has then."""
    typed = {"name": "Amina Yusuf", "email": "amina@example.org", **typed}
    signing.sign(statement=statement, **typed)
    return Signature.objects.get(statement=statement, email=typed["email"])


def test_signing_writes_one_pending_row_and_one_mail(statement):
    receipt = signing.sign(statement=statement, name="Amina Yusuf", email="amina@example.org", via="wa", ip_key="k")

    signature = Signature.objects.get()
    assert (signature.state, signature.name, signature.via, signature.version) == (
        "pending", "Amina Yusuf", "wa", statement.version
    )  # fmt: skip
    mail = OutgoingEmail.objects.get()
    assert (mail.pk, mail.kind, mail.recipient, mail.lane) == (
        receipt.mail_id, "signature_confirm", "amina@example.org", OutgoingEmail.Lane.CONFIRM
    )  # fmt: skip
    assert mail.context == {"statement": statement.pk, "ip": "k"}
    assert people(statement) == (0, 0, 0)


def test_signing_takes_one_query(statement, django_assert_num_queries):
    consent.current()  # writes it down
    sign(statement)
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
    assert sign(statement).consent.pk == consent.current()


def test_signing_again_while_waiting_replaces_what_was_typed(statement):
    first = sign(statement, name="Amnia")
    second = sign(statement, name="Amina", show_name=True)
    assert (second.pk, second.name, second.show_name) == (first.pk, "Amina", True)
    assert OutgoingEmail.objects.count() == 2


def test_signing_again_after_confirming_changes_nothing(statement):
    signature = sign(statement)
    signing.confirm(signature_id=signature.pk)
    sign(statement, name="Somebody Else", show_name=True)
    signature.refresh_from_db()
    assert (signature.name, signature.show_name, signature.state) == ("Amina Yusuf", False, "confirmed")
    assert people(statement) == (1, 0, 0)


def test_tags_and_case_make_no_second_person(statement):
    sign(statement)
    signing.sign(statement=statement, name="Amina", email="Amina+news@EXAMPLE.org")
    assert Signature.objects.count() == 1


def test_the_version_on_the_signers_screen_is_the_one_that_is_kept(statement):
    first = statement.version
    VersionFactory(statement=statement, number=2, body="<p>Corrected.</p>", note="A typo.")
    assert sign(statement, email="seen@example.org", seen_version=1).version == first
    assert sign(statement, email="new@example.org").version.number == 2
    assert sign(statement, email="odd@example.org", seen_version=99).version.number == 2


@pytest.mark.parametrize(
    "change",
    [
        {"closed_at": timezone.now() - timedelta(minutes=1)},
        {"closes_at": timezone.now() - timedelta(seconds=1)},
        {"published_at": None},
        {"published_at": timezone.now() + timedelta(days=1)},
        {"hidden_at": timezone.now()},
    ],
)
def test_nothing_gets_in_unless_the_statement_is_open(statement, change):
    change = {"published_at": timezone.now() - timedelta(days=2), **change}
    Statement.objects.filter(pk=statement.pk).update(**change)
    with pytest.raises(signing.StatementClosed):
        signing.sign(statement=statement, name="Late", email="late@example.org")
    assert (Signature.objects.count(), OutgoingEmail.objects.count()) == (0, 0)


def test_confirming_counts_once_and_queues_one_receipt(statement):
    signature = sign(statement, show_name=True)
    moved = signing.confirm(signature_id=signature.pk)
    assert (moved.id, moved.state) == (signature.pk, "confirmed")
    assert people(statement) == (1, 1, 0)
    with pytest.raises(signing.NotConfirmed) as refusal:
        signing.confirm(signature_id=signature.pk)
    assert refusal.value.state == "confirmed"
    assert people(statement) == (1, 1, 0)
    assert OutgoingEmail.objects.filter(kind="signature_receipt").count() == 1


def test_confirming_takes_one_query(statement, django_assert_num_queries):
    signature = sign(statement)
    with django_assert_num_queries(1):
        signing.confirm(signature_id=signature.pk)


def test_a_held_signature_is_not_counted_until_a_moderator_releases_it(statement):
    signature = sign(statement, held_reason="Filled in a field that people cannot see")
    assert signing.confirm(signature_id=signature.pk).state == "held"
    assert people(statement) == (0, 0, 0)
    kinds = OutgoingEmail.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["signature_confirm", "signature_held"]
    assert signing.release(signature_id=signature.pk).state == "confirmed"
    assert people(statement) == (1, 0, 0)
    assert OutgoingEmail.objects.filter(kind="signature_released").count() == 1


def test_an_expired_link_says_so_and_can_be_renewed(statement, settings):
    signature = sign(statement)
    Signature.objects.update(created_at=timezone.now() - timedelta(days=settings.UNCONFIRMED_DAYS, minutes=1))
    with pytest.raises(signing.NotConfirmed) as refusal:
        signing.confirm(signature_id=signature.pk)
    assert refusal.value.state == "expired"
    signing.renew(signature_id=signature.pk)
    assert signing.standing(signature.pk) == "ready"
    assert OutgoingEmail.objects.filter(kind="signature_confirm").count() == 2


@pytest.mark.parametrize(("hours", "state"), [(23, "confirmed"), (25, "closed")])
@pytest.mark.parametrize("field", ["closed_at", "closes_at"])
def test_a_day_of_grace_after_closing(statement, hours, state, field):
    signature = sign(statement)
    closed = {"published_at": timezone.now() - timedelta(days=9), field: timezone.now() - timedelta(hours=hours)}
    Statement.objects.filter(pk=statement.pk).update(**closed)
    try:
        found = signing.confirm(signature_id=signature.pk).state
    except signing.NotConfirmed as refusal:
        found = refusal.state
    assert found == state


def test_the_code_confirms_however_it_is_typed(statement):
    signature = sign(statement)
    code = tokens.code(signing.CONFIRM, signature.pk)
    typed = f" {code[:3]}-{code[3:]} "
    assert signing.confirm_by_code(statement=statement, email="AMINA@example.org", typed=typed).state == "confirmed"


def test_a_code_has_ten_tries(statement):
    signature = sign(statement)
    code = tokens.code(signing.CONFIRM, signature.pk)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(tokens.CODE_TRIES):
        assert signing.confirm_by_code(statement=statement, email=signature.email, typed=wrong) is None
    assert signing.confirm_by_code(statement=statement, email=signature.email, typed=code) is None
    assert signing.confirm(signature_id=signature.pk).state == "confirmed"


def test_choices_move_the_number_of_public_names(statement):
    signature = sign(statement)
    signing.confirm(signature_id=signature.pk)
    signing.choose(signature_id=signature.pk, show_name=True)
    assert people(statement) == (1, 1, 0)
    signing.choose(signature_id=signature.pk, email_updates=True)
    signing.choose(signature_id=signature.pk, show_name=False)
    assert people(statement) == (1, 0, 0)
    signature.refresh_from_db()
    assert signature.email_updates is True


def test_withdrawing_and_signing_again(statement):
    signature = sign(statement, show_name=True, email_updates=True)
    signing.confirm(signature_id=signature.pk)
    signing.withdraw(signature_id=signature.pk)
    assert people(statement) == (0, 0, 0)
    assert sign(statement).state == "pending"
    signing.confirm(signature_id=signature.pk)
    assert people(statement) == (1, 0, 0)


def test_removed_signatures_stay_and_can_be_restored(statement):
    signature = sign(statement, show_name=True)
    signing.confirm(signature_id=signature.pk)
    signing.remove(signature_id=signature.pk, reason="A duplicate")
    assert people(statement) == (0, 0, 1)
    assert sign(statement).state == "removed"
    with pytest.raises(signing.NotConfirmed):
        signing.withdraw(signature_id=signature.pk)
    signing.restore(signature_id=signature.pk)
    assert people(statement) == (1, 1, 0)


def test_disowning_deletes_and_silences(statement):
    signature = sign(statement)
    signing.disown(signature_id=signature.pk)
    assert (Signature.objects.count(), Suppression.objects.count()) == (0, 1)


def test_disowning_leaves_a_confirmed_signature_alone(statement):
    signature = sign(statement)
    signing.confirm(signature_id=signature.pk)
    signing.disown(signature_id=signature.pk)
    assert (people(statement), Suppression.objects.count()) == ((1, 0, 0), 0)


def test_recount_finds_and_mends_a_wrong_number(statement):
    SignatureFactory.create_batch(3, statement=statement, state="confirmed", confirmed_at=timezone.now())
    result = counting.recount(statement=statement)
    assert (result.stored, result.rows, result.agrees) == ((0, 0, 0), (3, 0, 0), False)
    counting.recount(statement=statement, repair=True)
    assert people(statement) == (3, 0, 0)


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


@pytest.mark.django_db(transaction=True)
def test_sixteen_threads_confirm_the_same_five_hundred_once_each():
    statement = StatementFactory()
    counting.prepare(statement)
    signatures = SignatureFactory.create_batch(500, statement=statement, state="pending", show_name=True)

    def confirm(pk):
        try:
            return signing.confirm(signature_id=pk).state
        except signing.NotConfirmed as refusal:
            return f"already {refusal.state}"

    outcomes = in_threads(confirm, [signature.pk for signature in signatures])

    assert outcomes.count("confirmed") == 500
    assert outcomes.count("already confirmed") == 15 * 500
    assert people(statement) == (500, 500, 0)
    assert OutgoingEmail.objects.filter(kind="signature_receipt").count() == 500


@pytest.mark.django_db(transaction=True)
def test_twelve_parallel_posts_of_one_address_make_one_person():
    statement = StatementFactory()

    def post(email):
        return signing.sign(statement=statement, name="Amina", email=email).mail_id

    in_threads(post, ["amina@example.org", "amina+a@example.org"], threads=12)
    assert Signature.objects.count() == 1
