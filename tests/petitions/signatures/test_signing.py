"""Signing, agreeing and what else happens to a signature."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone

from mail.models import OutgoingEmail
from petitions.models import Signature, SignatureSubmission, Statement
from petitions.signatures import consent, signing
from petitions.signatures.agreeing import agree as agree_by_id
from submissions import agreeing
from submissions.models import ConsentText, Decision
from tests.asking import agree, ask, later, mail_all, people, receipts, sign
from tests.factories import StatementFactory, VersionFactory
from tests.moments import from_now

pytestmark = pytest.mark.django_db
AMINA = "amina@example.org"


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
        {"closed_at": timedelta(minutes=-1)},
        {"closes_at": timedelta(seconds=-1)},
        {"published_at": None},
        {"published_at": timedelta(days=1)},
        {"hidden_at": timedelta(0)},
        {"signed_by": "organisations"},
    ],
)
def test_nothing_gets_in_unless_the_statement_is_open(statement, change):
    change = from_now({"published_at": timedelta(days=-2), **change})
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
    assert (stub.email, stub.name, stub.postcode, stub.affiliation) == ("", "", "", "")
    assert (stub.show_name, stub.email_updates, stub.result_id) == (False, False, agreed.result_id)


def test_agreeing_takes_one_query(statement, django_assert_num_queries):
    asked = ask(statement)
    with django_assert_num_queries(1):
        agree_by_id(submission_id=asked.pk)


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
