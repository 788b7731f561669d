"""Writing and confirming: who gets in, who waits, and what nobody can find out."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comments import moderation, posting, rules, threads
from comments.models import Approve, Comment, SiteRules, Thread
from core import tokens
from mail.models import OutgoingEmail, Suppression
from petitions.models import Signature, Statement
from tests.factories import CommentFactory, SignatureFactory

pytestmark = pytest.mark.django_db
TYPED = {"name": "Amina Yusuf", "email": "amina@example.org", "body": "It is where I learnt to read."}


def write(thread: Thread, **typed) -> Comment:
    posting.post(thread=thread, **{**TYPED, **typed})
    return Comment.objects.latest("pk")


def confirmed(thread: Thread, **typed) -> Comment:
    return posting.confirm(comment_id=write(thread, **typed).pk)


def published(thread: Thread, **typed) -> Comment:
    comment = confirmed(thread, **typed)
    return comment if comment.is_visible else moderation.approve(comment=comment)


def test_every_statement_has_a_thread_however_it_was_written(thread):
    Statement.objects.bulk_create([Statement(title="A", slug="a"), Statement(title="B", slug="b")])
    assert Thread.objects.count() == 3
    assert (thread.mode, thread.published, threads.standing(thread)) == ("open", 0, ("open", None))


def test_posting_writes_a_comment_and_a_mail_and_shows_nothing(thread):
    receipt = posting.post(thread=thread, **TYPED, held_reason="", ip_key="k")
    comment, row = Comment.objects.get(), OutgoingEmail.objects.get()
    assert (comment.state, comment.author_name, comment.body) == ("unconfirmed", TYPED["name"], TYPED["body"])
    assert (row.pk, row.kind, row.recipient, row.lane) == (receipt.mail_id, "comment_confirm", "amina@example.org", 1)
    assert row.context == {"comment": comment.pk, "statement": f"comments-{thread.pk}"}
    thread.refresh_from_db()
    assert (thread.published, comment.consent.text.startswith("By posting")) == (0, True)


def test_a_double_tap_is_one_comment(thread):
    first = posting.post(thread=thread, **TYPED)
    second = posting.post(
        thread=thread, **{**TYPED, "email": "Amina+x@example.org", "body": "it is where I learnt to READ"}
    )
    assert (Comment.objects.count(), OutgoingEmail.objects.count()) == (1, 2)
    assert first != second
    assert posting.post(thread=thread, **{**TYPED, "email": "b@example.org"})
    assert Comment.objects.count() == 2


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
        write(thread)
    assert (Comment.objects.count(), OutgoingEmail.objects.count()) == (0, 0)


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
        write(thread)


def test_answers_stand_under_comments_that_everybody_reads_here(thread):
    top = published(thread)
    answer = write(thread, body="Me too.", parent=top)
    assert answer.parent == top
    elsewhere = CommentFactory()
    hidden = CommentFactory(statement=thread.statement, hidden_at=timezone.now())
    waiting = CommentFactory(statement=thread.statement, state="waiting")
    deep = CommentFactory(statement=thread.statement, parent=top)
    for parent in (elsewhere, hidden, waiting, deep):
        with pytest.raises(posting.ThreadClosed):
            write(thread, body="Me three.", parent=parent)


def test_a_newcomer_waits_and_is_trusted_once_approved(thread):
    first = confirmed(thread)
    assert (first.state, first.held_reason) == ("waiting", "New here")
    moderation.approve(comment=first)
    second = confirmed(thread, body="And my children too.", email="a.mina@example.org")
    assert second.state == "waiting"
    third = confirmed(thread, body="And my children as well.", email="Amina+again@example.org")
    assert (third.state, third.held_reason, third.published_at is not None) == ("published", "", True)
    thread.refresh_from_db()
    assert thread.published == 2


def test_typing_a_trusted_address_gets_nobody_in(thread):
    published(thread)
    forged = write(thread, body="I have changed my mind.")
    assert (forged.state, Comment.objects.visible().count()) == ("unconfirmed", 1)


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
        ({}, {"held_reason": "Filled in a field"}, "waiting", "Filled in a field"),
    ],
)
@pytest.mark.parametrize("whose", ["site", "thread"])
def test_rules(thread, rule, typed, state, reason, whose):
    published(thread, body="Trust me.")
    (SiteRules if whose == "site" else Thread).objects.update(**rule)
    comment = confirmed(thread, **typed)
    assert (comment.state, comment.held_reason) == (state, reason)


def test_only_links_lets_newcomers_in(thread):
    SiteRules.objects.update(approve=Approve.LINKS)
    assert confirmed(thread).state == "published"
    assert confirmed(thread, body="https://example.org/").state == "waiting"


def test_a_mailbox_with_spam_behind_it_is_not_trusted(thread):
    published(thread)
    moderation.spam(comment=published(thread, body="Buy."))
    assert confirmed(thread, body="Hello again.").held_reason == "New here"


def test_the_same_words_by_another_wait(thread):
    published(thread, email="other@example.org")
    published(thread, body="Trust me.")
    assert confirmed(thread).held_reason == "Somebody else wrote the same here"


def test_many_from_one_network_wait_and_none_is_refused(thread, settings):
    settings.COMMENTS_PER_ADDRESS = 2
    published(thread, body="Trust me.")
    states = [confirmed(thread, body=f"{number}", ip_key="hall").state for number in range(3)]
    assert states == ["published", "published", "waiting"]


def test_late_confirmation_goes_to_the_queue_with_a_note(thread):
    published(thread)
    late = write(thread, body="One more thing.")
    threads.close(thread=thread)
    done = posting.confirm(comment_id=late.pk)
    assert (done.state, done.held_reason) == ("waiting", "Confirmed after the thread was closed")


def test_confirming_twice_and_too_late_and_never(thread, settings):
    comment = confirmed(thread)
    assert refusal(comment.pk) == "waiting"
    assert refusal(0) == "unknown"
    old = write(thread, body="Old.")
    Comment.objects.filter(pk=old.pk).update(
        created_at=timezone.now() - timedelta(days=settings.UNCONFIRMED_DAYS, hours=1)
    )
    assert refusal(old.pk) == "expired"
    posting.renew(comment_id=old.pk)
    assert posting.confirm(comment_id=old.pk).state == "waiting"
    hidden = write(thread, body="Hidden.")
    threads.hide(thread=thread)
    assert refusal(hidden.pk) == "gone"


def refusal(comment_id: int) -> str:
    with pytest.raises(posting.NotConfirmed) as refused:
        posting.confirm(comment_id=comment_id)
    return refused.value.state


def test_one_press_also_signs_with_one_mail_for_both(thread):
    confirmed(thread, also_sign=True)
    signature = Signature.objects.get()
    assert (signature.state, signature.name, signature.show_name) == ("confirmed", "Amina Yusuf", False)
    assert list(OutgoingEmail.objects.values_list("kind", flat=True).order_by("pk")) == [
        "comment_confirm",
        "signature_receipt",
    ]


@pytest.mark.parametrize("state", ["confirmed", "held", "removed"])
def test_also_signing_changes_no_signature_that_was_decided(thread, state):
    SignatureFactory(statement=thread.statement, email="amina@example.org", state=state, name="A")
    confirmed(thread, also_sign=True)
    assert list(Signature.objects.values_list("state", "name")) == [(state, "A")]


def test_the_code_confirms_within_ten_tries(thread):
    comment = write(thread)
    code = tokens.code(posting.CONFIRM, comment.pk)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert [posting.confirm_by_code(comment_id=comment.pk, typed=wrong) for _ in range(10)] == [None] * 10
    assert posting.confirm_by_code(comment_id=comment.pk, typed=code) is None
    other = write(thread, body="Other.")
    code = tokens.code(posting.CONFIRM, other.pk)
    assert posting.confirm_by_code(comment_id=other.pk, typed=f"{code[:3]} {code[3:]}").state == "waiting"


def test_disowning_deletes_what_waits_and_nothing_else(thread):
    posting.disown(comment_id=write(thread).pk)
    assert (Comment.objects.count(), Suppression.objects.count()) == (0, 1)
    kept = confirmed(thread)
    posting.disown(comment_id=kept.pk)
    assert Comment.objects.count() == 1


def test_taking_back_leaves_a_place_only_where_it_was_answered(thread):
    top, alone = published(thread), published(thread, body="Alone.")
    moderation.reply(comment=top, body="Thank you.", name="Eastside Campaign")
    posting.take_back(comment_id=alone.pk)
    posting.take_back(comment_id=top.pk)
    top.refresh_from_db()
    assert (top.state, top.author_name, top.author_email, top.body) == ("binned", "", "", "")
    thread.refresh_from_db()
    assert (Comment.objects.count(), thread.published) == (2, 1)
    with pytest.raises(moderation.ModerationError):
        moderation.approve(comment=top)


def test_a_proved_mailbox_may_talk_and_a_stranger_is_spared(thread):
    published(thread)
    write(thread, body="More.")
    contexts = list(
        OutgoingEmail.objects.filter(kind="comment_confirm").order_by("pk").values_list("context", flat=True)
    )
    more = Comment.objects.latest("pk")
    assert [context["statement"] for context in contexts] == [f"comments-{thread.pk}", f"comment-{more.pk}"]


def test_without_the_sites_row_nobody_gets_straight_in(thread):
    SiteRules.objects.all().delete()
    assert (confirmed(thread).held_reason, rules.of(thread)) == (
        "New here",
        rules.InForce(watched_words="", refused_words=""),
    )
