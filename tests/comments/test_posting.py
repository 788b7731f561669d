"""Asking and agreeing: who gets in, who waits, and what nobody can do for another."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from comments import moderation, posting, rules, threads
from comments.models import Approve, Comment, CommentSubmission, SiteRules, Thread
from core.addresses import mailbox_key
from mail.models import OutgoingEmail
from petitions.models import Signature, SignatureSubmission, Statement
from petitions.signatures import signing
from submissions import agreeing
from submissions.models import Decision
from tests import asking
from tests.comments.making import TYPED, agreed, approved, ask
from tests.factories import CommentFactory, SignatureFactory

pytestmark = pytest.mark.django_db


def test_every_statement_has_a_thread_however_it_was_written(thread):
    Statement.objects.bulk_create([Statement(title="A", slug="a"), Statement(title="B", slug="b")])
    assert Thread.objects.count() == 3
    assert (thread.mode, thread.published, threads.standing(thread)) == ("open", 0, ("open", None))


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
        {"mode": "closed", "closed_at": timezone.now()},
        {"mode": "hidden"},
        {"closes_at": timezone.now() - timedelta(seconds=1)},
        {"close_after_days": 1},
    ],
)
def test_nobody_writes_under_a_thread_that_ended(thread, shut):
    Statement.objects.update(published_at=timezone.now() - timedelta(days=2))
    Thread.objects.update(**shut)
    with pytest.raises(posting.ThreadClosed):
        ask(thread)
    assert (CommentSubmission.objects.count(), OutgoingEmail.objects.count()) == (0, 0)


def test_a_thread_of_its_own_days_outlives_the_sites(thread):
    SiteRules.objects.update(close_after_days=1)
    Statement.objects.update(published_at=timezone.now() - timedelta(days=2))
    assert threads.standing(thread)[0] == "closed"
    Thread.objects.update(close_after_days=0)
    assert threads.standing(thread) == ("open", None)
    Thread.objects.update(close_after_days=3, closes_at=timezone.now() + timedelta(days=9))
    state, ends_at = threads.standing(thread)
    assert (state, ends_at) == ("open", Statement.objects.get().published_at + timedelta(days=3))


@pytest.mark.parametrize("hidden", [{"hidden_at": timezone.now()}, {"published_at": None}])
def test_nobody_writes_under_a_statement_that_nobody_reads(thread, hidden):
    Statement.objects.update(**hidden)
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
    posting.take_back(comment_id=deleted.pk)
    found = [posting.agree(submission_id=one.pk) for one in (to_binned, to_deleted)]
    assert [(one.state, one.held_reason, one.parent) for one in found] == [
        ("waiting", "What it answers is no longer shown", binned),
        ("waiting", "What it answers is no longer shown", None),
    ]


def test_a_newcomer_waits_and_is_trusted_once_approved(thread):
    first = agreed(thread)
    assert (first.state, first.held_reason) == ("waiting", "New here")
    moderation.approve(comment=first)
    assert agreed(thread, body="And my children too.", email="a.mina@example.org").state == "waiting"
    third = agreed(thread, body="And my children as well.", email="Amina+again@example.org")
    assert (third.state, third.held_reason, third.published_at is not None) == ("published", "", True)
    thread.refresh_from_db()
    assert thread.published == 2


def test_typing_a_trusted_address_gets_nobody_in(thread):
    approved(thread)
    ask(thread, body="I have changed my mind.")
    assert Comment.objects.count() == 1


@pytest.mark.parametrize(
    ("rule", "typed", "state", "reason"),
    [
        ({}, {}, "published", ""),
        ({}, {"body": "See https://example.org/"}, "waiting", "1 link"),
        ({"links_allowed": 1}, {"body": "See https://example.org/"}, "published", ""),
        ({"links_allowed": 1}, {"body": "a.com b.com"}, "waiting", "2 links"),
        ({"watched_words": "grim # a place\n\nhalf  mast"}, {"body": "Half\nmast."}, "waiting", "Watched: half mast"),
        ({"watched_words": "grim"}, {"body": "Pilgrim."}, "published", ""),
        ({"watched_words": "amina"}, {}, "waiting", "Watched: amina"),
        ({"approve": Approve.EVERYBODY}, {}, "waiting", "Every comment is read first"),
        ({"trusted_after": 0}, {}, "waiting", "New here"),
        ({"trusted_after": 2}, {}, "waiting", "New here"),
        ({}, {"signals": "honeypot"}, "waiting", "Filled in a field that people cannot see"),
        (
            {},
            {"signals": "forged_stamp too_fast"},
            "waiting",
            "Sent with a stamp that is not ours; Sent within two seconds of opening the page",
        ),
    ],
)
@pytest.mark.parametrize("whose", ["site", "thread"])
def test_rules(thread, rule, typed, state, reason, whose):
    approved(thread, body="Trust me.")
    (SiteRules if whose == "site" else Thread).objects.update(**rule)
    comment = agreed(thread, **typed)
    assert (comment.state, comment.held_reason) == (state, reason)


def test_only_links_lets_newcomers_in(thread):
    SiteRules.objects.update(approve=Approve.LINKS)
    assert agreed(thread).state == "published"
    assert agreed(thread, body="https://example.org/").state == "waiting"


@pytest.mark.parametrize("approve", [Approve.FIRST_TIMERS, Approve.LINKS, Approve.EVERYBODY])
def test_a_mailbox_with_spam_behind_it_waits_also_when_the_comment_is_gone(thread, approve):
    approved(thread)
    spam = approved(thread, body="Buy.")
    moderation.spam(comment=spam)
    posting.take_back(comment_id=spam.pk)
    SiteRules.objects.update(approve=approve)
    assert [agreed(thread, body=f"{n}").held_reason for n in range(2)] == ["Spam came from this mailbox before"] * 2
    bar = Decision.objects.get()
    assert (bar.makes, bar.kind, bar.scope, bytes(bar.subject), bar.submission) == (
        "hold", "comment", None, mailbox_key("amina@example.org"), spam.submission_id
    )  # fmt: skip


@pytest.mark.parametrize("lift", [moderation.undo, moderation.approve, moderation.bin])
def test_what_is_no_spam_after_all_speaks_for_its_mailbox_again(thread, lift):
    approved(thread)
    spam, other = approved(thread, body="Buy."), approved(thread, body="Sell.")
    moderation.spam(comment=spam)
    lift(comment=spam)
    assert agreed(thread, body="Hello.").state == "published"
    moderation.spam(comment=spam)
    moderation.spam(comment=other)
    lift(comment=spam)
    assert agreed(thread, body="Hello again.").held_reason == "Spam came from this mailbox before"


def test_undoing_what_was_no_spam_makes_it_spam_again(thread):
    approved(thread)
    spam = approved(thread, body="Buy.")
    moderation.spam(comment=spam)
    moderation.approve(comment=spam)
    assert moderation.undo(comment=spam).state == "spam"
    assert agreed(thread, body="Hello.").held_reason == "Spam came from this mailbox before"


def test_the_same_words_by_another_wait(thread):
    approved(thread, email="other@example.org")
    approved(thread, body="Trust me.")
    assert agreed(thread).held_reason == "Somebody else wrote the same here"


def test_words_that_nobody_agreed_to_make_no_others_wait(thread):
    approved(thread, body="Trust me.")
    ask(thread, email="mallory@example.org")
    assert agreed(thread).state == "published"


def test_many_from_one_network_wait_and_none_is_refused(thread, settings):
    settings.COMMENTS_PER_ADDRESS = 2
    approved(thread, body="Trust me.")
    for number in range(3):
        ask(thread, body="Flood.", email=f"mallory-{number}@example.org", ip_key="hall")
    states = [agreed(thread, body=f"{number}", ip_key="hall").state for number in range(3)]
    assert states == ["published", "published", "waiting"]
    assert agreed(thread, body="Elsewhere.", ip_key="home").state == "published"


def test_agreed_after_closing_goes_to_the_queue_with_a_note(thread):
    approved(thread)
    late = ask(thread, body="One more thing.")
    threads.close(thread=thread)
    done = posting.agree(submission_id=late.pk)
    assert (done.state, done.held_reason) == ("waiting", "Confirmed after the thread was closed")


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


def test_taking_back_leaves_a_place_only_where_it_was_answered(thread):
    top, alone = approved(thread), approved(thread, body="Alone.")
    moderation.reply(comment=top, body="Thank you.", name="Eastside Campaign")
    posting.take_back(comment_id=alone.pk)
    posting.take_back(comment_id=top.pk)
    top.refresh_from_db()
    assert (top.state, top.author_name, top.author_email, top.body) == ("binned", "", "", "")
    thread.refresh_from_db()
    assert (Comment.objects.count(), thread.published) == (2, 1)
    with pytest.raises(moderation.ModerationError):
        moderation.approve(comment=top)


def test_without_the_sites_row_nobody_gets_straight_in(thread):
    SiteRules.objects.all().delete()
    assert (agreed(thread).held_reason, rules.of(thread)) == (
        "New here",
        rules.InForce(watched_words="", refused_words=""),
    )


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
