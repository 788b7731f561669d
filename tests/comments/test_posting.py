"""Asking and agreeing: who gets in, who waits, and what nobody can do for another."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from comments import moderation, posting, threads
from comments.models import Comment, CommentSubmission, SiteRules, Thread
from mail.models import OutgoingEmail
from petitions.models import Signature, SignatureSubmission, Statement
from petitions.signatures import signing
from submissions import agreeing
from tests import asking
from tests.comments.making import TYPED, agreed, approved, ask
from tests.factories import CommentFactory, SignatureFactory
from tests.moments import from_now

pytestmark = pytest.mark.django_db


def test_every_statement_has_a_thread_however_it_was_written(thread):
    Statement.objects.bulk_create([Statement(title="A", slug="a"), Statement(title="B", slug="b")])
    assert Thread.objects.count() == 3
    assert (thread.mode, thread.published, threads.state_of(thread)) == ("open", 0, ("open", None))


def test_posting_writes_a_submission_and_a_mail_and_no_comment(thread):
    asked = posting.post(thread=thread, **TYPED, ip_key="k")
    row, mail = CommentSubmission.objects.get(), OutgoingEmail.objects.get()
    assert (row.thread, row.parent_id, row.author_name, row.body) == (thread, None, TYPED["name"], TYPED["body"])
    assert (row.pk, row.reference, row.consent.text[:10]) == (asked.submission_id, asked.reference, "By posting")
    assert (mail.pk, mail.kind, mail.recipient, mail.lane, mail.context) == (
        asked.mail_id, "comment_confirm", "amina@example.org", 1, {"submission": row.pk}
    )  # fmt: skip
    thread.refresh_from_db()
    assert (thread.published, Comment.objects.count()) == (0, 0)


def test_agreeing_copies_exactly_what_was_typed_and_empties_it(thread):
    submission = ask(thread, ip_key="k")
    row = Comment.objects.get(pk=asking.agree(submission).result_id)
    assert (row.author_name, row.author_email, row.body, row.ip_key) == (*TYPED.values(), "k")
    assert (row.submission_id, row.created_at, row.consent_id, row.source) == (
        submission.pk, submission.created_at, submission.consent_id, "form"
    )  # fmt: skip
    submission.refresh_from_db()
    assert (submission.author_name, submission.body, submission.words_digest, submission.email) == ("", "", "", "")
    assert (submission.agreed_at is not None, submission.result_id) == (True, row.pk)


def test_agreeing_lets_go_what_was_put_off_for_the_mailbox(thread):
    first, later = ask(thread), posting.post(thread=thread, **{**TYPED, "body": "Later."})
    other = posting.post(thread=thread, **{**TYPED, "email": "b@example.org"})
    OutgoingEmail.objects.filter(state="queued").update(due_at=timezone.now() + timedelta(days=1))
    asking.agree(first)
    due = OutgoingEmail.objects.filter(state="queued", due_at__lte=Now()).values_list("pk", flat=True)
    assert (list(due), other.mail_id != later.mail_id) == ([later.mail_id], True)


def test_the_same_words_twice_are_two_submissions_and_one_comment(thread):
    first, second = ask(thread), ask(thread, body="it is where I learnt to READ")
    done = [asking.agree(one).result_id for one in (second, first)]
    assert (done, Comment.objects.count()) == ([Comment.objects.get().pk] * 2, 1)
    assert Comment.objects.get().body == "it is where I learnt to READ"
    agreed(thread, email="b@example.org")
    agreed(thread, parent=CommentFactory(statement=thread.statement))
    assert Comment.objects.filter(words_digest=Comment.objects.earliest("pk").words_digest).count() == 3


def test_another_spelling_of_the_mailbox_says_it_once_and_is_led_nowhere(thread):
    first = agreed(thread)
    neighbour = ask(thread, email="Amina+x@example.org")
    with pytest.raises(agreeing.NotAgreed):
        asking.agree(neighbour)
    neighbour.refresh_from_db()
    assert (Comment.objects.get(), neighbour.agreed_at, neighbour.result_id) == (first, None, None)
    assert agreed(thread, email="AMINA@example.org") == first


@pytest.mark.parametrize(
    "shut",
    [
        {"mode": "closed", "closed_at": timedelta(0)},
        {"mode": "hidden"},
        {"closes_at": timedelta(seconds=-1)},
        {"close_after_days": 1},
    ],
)
def test_nobody_writes_under_a_thread_that_ended(thread, shut):
    Statement.objects.update(published_at=timezone.now() - timedelta(days=2))
    Thread.objects.update(**from_now(shut))
    with pytest.raises(posting.ThreadClosed):
        ask(thread)
    assert (CommentSubmission.objects.count(), OutgoingEmail.objects.count()) == (0, 0)


def test_a_thread_of_its_own_days_outlives_the_sites(thread):
    SiteRules.objects.update(close_after_days=1)
    Statement.objects.update(published_at=timezone.now() - timedelta(days=2))
    assert threads.state_of(thread)[0] == "closed"
    Thread.objects.update(close_after_days=0)
    assert threads.state_of(thread) == ("open", None)
    Thread.objects.update(close_after_days=3, closes_at=timezone.now() + timedelta(days=9))
    state, ends_at = threads.state_of(thread)
    assert (state, ends_at) == ("open", Statement.objects.get().published_at + timedelta(days=3))


@pytest.mark.parametrize("hidden", [{"hidden_at": timedelta(0)}, {"published_at": None}])
def test_nobody_writes_under_a_statement_that_nobody_reads(thread, hidden):
    Statement.objects.update(**from_now(hidden))
    with pytest.raises(posting.ThreadClosed):
        ask(thread)


def test_answers_stand_under_comments_that_everybody_reads_here(thread):
    top = approved(thread)
    assert agreed(thread, body="Me too.", parent=top).parent == top
    elsewhere = CommentFactory()
    hidden = CommentFactory(statement=thread.statement, hidden_at=timezone.now())
    waiting = CommentFactory(statement=thread.statement, state="waiting")
    deep = CommentFactory(statement=thread.statement, parent=top)
    for parent in (elsewhere, hidden, waiting, deep):
        with pytest.raises(posting.ThreadClosed):
            ask(thread, body="Me three.", parent=parent)


def test_an_answer_to_what_is_gone_since_waits(thread):
    approved(thread, body="Trust me.")
    binned, deleted = CommentFactory(statement=thread.statement), CommentFactory(statement=thread.statement)
    to_binned, to_deleted = ask(thread, parent=binned), ask(thread, parent=deleted)
    moderation.bin(comment=binned)
    posting.erase(comment_id=deleted.pk)
    found = [posting.agree(submission_id=one.pk) for one in (to_binned, to_deleted)]
    assert [(one.state, one.held_reason, one.parent) for one in found] == [
        ("waiting", "What it answers is no longer shown", binned),
        ("waiting", "What it answers is no longer shown", None),
    ]


def refusal(submission: CommentSubmission) -> str:
    with pytest.raises(agreeing.NotAgreed) as refused:
        asking.agree(submission)
    return refused.value.state


def test_twice_disowned_too_late_hidden_and_never(thread, settings):
    done, disowned, old = ask(thread), ask(thread, body="Not me."), ask(thread, body="Old.")
    asking.agree(done)
    assert agreeing.disown(3, disowned.pk)
    assert (refusal(done), refusal(disowned)) == ("agreed", "ended")
    assert not agreeing.disown(3, done.pk)
    asking.later(days=settings.UNCONFIRMED_DAYS)
    hidden = ask(thread, body="Hidden.")
    threads.hide(thread=thread)
    assert (refusal(old), refusal(hidden)) == ("expired", "hidden")
    assert agreeing.state(3, 0) == "unknown"
    assert posting.agree(submission_id=0) is None
    assert Comment.objects.count() == 1


def test_also_signing_is_a_submission_of_its_own_in_the_same_transaction(thread):
    ask(thread, also_sign=True)
    (signature,) = SignatureSubmission.objects.all()
    assert (signature.name, signature.unless_signed, signature.show_name) == ("Amina Yusuf", True, False)
    kinds = OutgoingEmail.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["comment_confirm", "signature_confirm"]
    asking.agree(CommentSubmission.objects.get())
    assert Signature.objects.count() == 0
    asking.agree(signature)
    assert (Signature.objects.get().state, Signature.objects.get().name) == ("confirmed", "Amina Yusuf")


def test_where_nobody_can_sign_nothing_is_written(thread):
    Statement.objects.update(signed_by="organisations")
    with pytest.raises(signing.StatementClosed):
        posting.post(thread=thread, **TYPED, also_sign=True)
    assert (CommentSubmission.objects.count(), OutgoingEmail.objects.count()) == (0, 0)


@pytest.mark.parametrize("state", ["confirmed", "held", "removed"])
def test_also_signing_changes_no_signature_that_is_there(thread, state):
    SignatureFactory(statement=thread.statement, email="amina@example.org", state=state, name="A")
    ask(thread, also_sign=True)
    with pytest.raises(agreeing.NotAgreed):
        asking.agree(SignatureSubmission.objects.get())
    assert list(Signature.objects.values_list("state", "name")) == [(state, "A")]


def test_withdrawing_leaves_a_place_only_where_it_was_answered(thread):
    top, alone = approved(thread), approved(thread, body="Alone.")
    moderation.reply(comment=top, body="Thank you.", name="Eastside Campaign")
    posting.erase(comment_id=alone.pk)
    posting.erase(comment_id=top.pk)
    top.refresh_from_db()
    assert (top.state, top.author_name, top.author_email, top.body) == ("binned", "", "", "")
    thread.refresh_from_db()
    assert (Comment.objects.count(), thread.published) == (2, 1)
    with pytest.raises(moderation.ModerationError):
        moderation.approve(comment=top)


@pytest.mark.parametrize(
    "change",
    [{"body": "Other words."}, {"body": ""}, {"author_name": "Mallory"}, {"parent": 1}, {"thread": 1}, {"email": ""}],
)
def test_the_database_lets_nobody_change_what_was_typed(thread, change):
    ask(thread)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        CommentSubmission.objects.update(**change)


@pytest.mark.parametrize(
    "change", [{"state": "pending"}, {"submission_id": None}, {"state": "published", "body": "", "published_at": 1}]
)
def test_the_database_refuses_moves_and_comments_without_a_ground(thread, change):
    agreed(thread)
    if "published_at" in change:
        change = {**change, "published_at": timezone.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.update(**change)
