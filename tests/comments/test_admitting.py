"""Who goes straight in, and why the others wait for a moderator."""

import pytest

from comments import moderation, posting, rules, threads
from comments.models import Approve, Comment, SiteRules, Thread
from core.addresses import mailbox_key
from submissions.models import Decision
from tests.comments.making import agreed, approved, ask

pytestmark = pytest.mark.django_db


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
        ({}, {"signals": "link"}, "waiting", "The name looks like a web address"),
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
    posting.erase(comment_id=spam.pk)
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


def test_without_the_sites_row_nobody_gets_straight_in(thread):
    SiteRules.objects.all().delete()
    assert (agreed(thread).held_reason, rules.of(thread)) == (
        "New here",
        rules.InForce(watched_words="", refused_words=""),
    )
