"""What moderators decide, what readers then see, and what can be undone."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User

from comments import moderation, reporting, threads
from comments.models import Comment, Report, SiteRules, Thread
from mail.models import OutgoingEmail
from petitions.models import Statement
from tests.comments.making import agreed, comment, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def carol() -> User:
    return User.objects.create_user("carol", is_staff=True)


def numbers(thread: Thread) -> tuple[int, int]:
    """What is stored, and what the rows say."""
    thread.refresh_from_db()
    return thread.published, Comment.objects.visible().filter(thread=thread).count()


VERBS = {
    "approve": (moderation.approve, "published", {"waiting", "spam", "binned"}),
    "unapprove": (moderation.unapprove, "waiting", {"published"}),
    "spam": (moderation.spam, "spam", {"waiting", "published", "binned"}),
    "bin": (moderation.bin, "binned", {"waiting", "published", "spam"}),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", Comment.State.values)
def test_each_verb_from_each_state(thread, carol, verb, state):
    act, to, of = VERBS[verb]
    row = comment(thread, state)
    changed_at = Statement.objects.get().changed_at
    if state not in of:
        with pytest.raises(moderation.ModerationError):
            act(comment=row, by=carol)
        assert (Comment.objects.get().state, LogEntry.objects.count()) == (state, 0)
        return
    act(comment=row, by=carol)
    row.refresh_from_db()
    assert (row.state, row.was, row.decided_by) == (to, state, carol)
    assert numbers(thread) == (int(to == "published"), int(to == "published"))
    assert Statement.objects.get().changed_at > changed_at
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, row.author_name in entry.object_repr) == (carol, str(row.pk), False)

    moderation.undo(comment=row, by=carol)
    row.refresh_from_db()
    assert (row.state, row.was) == (state, "")
    assert numbers(thread) == (int(state == "published"), int(state == "published"))
    with pytest.raises(moderation.NothingToUndo):
        moderation.undo(comment=row, by=carol)


def test_the_writer_hears_of_publishing_once_and_only_after_undo_is_over(thread):
    row = comment(thread)
    moderation.approve(comment=row)
    moderation.unapprove(comment=row)
    moderation.approve(comment=row)
    mail = OutgoingEmail.objects.get()
    assert (mail.kind, mail.recipient, mail.context) == ("comment_published", row.author_email, {"comment": row.pk})
    assert (mail.due_at - mail.created_at).total_seconds() == pytest.approx(moderation.SECONDS_TO_UNDO, abs=2)


def test_declining_with_and_without_mail(thread):
    moderation.decline(comment=comment(thread), reason=" it names a private person. ", tell=True)
    moderation.decline(comment=comment(thread), reason="it is an advert", tell=False)
    assert list(Comment.objects.values_list("state", "decided_reason").order_by("pk")) == [
        ("binned", "it names a private person"),
        ("binned", "it is an advert"),
    ]
    assert OutgoingEmail.objects.get().kind == "comment_declined"
    with pytest.raises(moderation.NoReason):
        moderation.decline(comment=comment(thread), reason=" . ", tell=True)


def test_answering_approves_what_waits_and_stays_two_deep(thread, carol):
    row = comment(thread)
    answer = moderation.reply(comment=row, body="Thank you.", name="Eastside Campaign", by=carol)
    assert (answer.state, answer.is_organiser, answer.parent_id, answer.author_email) == ("published", True, row.pk, "")
    row.refresh_from_db()
    assert (row.state, numbers(thread)) == ("published", (2, 2))
    second = moderation.reply(comment=answer, body="And again.", name="Eastside Campaign", by=carol)
    assert second.parent_id == row.pk
    with pytest.raises(moderation.CannotAnswer):
        moderation.reply(comment=comment(thread, "spam"), body="No.", name="E", by=carol)


def test_organisers_answer_under_closed_threads_too(thread):
    row = comment(thread, "published")
    threads.close(thread=thread)
    assert moderation.reply(comment=row, body="Last word.", name="E").is_visible


def test_an_edit_is_marked_and_recorded(thread, carol):
    row = comment(thread, "published", body="He lives at number 40.")
    moderation.edit(comment=row, name=row.author_name, body="He lives near.", by=carol)
    row.refresh_from_db()
    assert (row.body, row.edited_at is not None, LogEntry.objects.get().change_message) == (
        "He lives near.",
        True,
        "Edited.",
    )
    with pytest.raises(moderation.ModerationError):
        moderation.edit(comment=row, name=row.author_name, body=row.body, by=carol)


def test_three_networks_hide_a_comment_until_somebody_looks(thread, carol):
    row = comment(thread, "published")
    assert [reporting.report(comment=row, reason="abuse", ip_key=key) for key in "aabbb"] == [False] * 5
    assert numbers(thread) == (1, 1)
    assert reporting.report(comment=row, reason="hate", ip_key="c")
    assert (numbers(thread), Report.objects.count()) == ((0, 0), 3)
    reporting.keep(comment=row, by=carol)
    assert numbers(thread) == (1, 1)
    assert not reporting.report(comment=row, reason="abuse", ip_key="a")
    assert [reporting.report(comment=row, reason="abuse", ip_key=key) for key in "def"] == [False] * 3  # it was kept
    with pytest.raises(moderation.ModerationError):
        reporting.keep(comment=comment(thread, "published"), by=carol)


def test_readers_who_cannot_be_told_apart_count_as_one(thread):
    row = comment(thread, "published")
    assert [reporting.report(comment=row, reason="abuse") for _ in range(5)] == [False] * 5


@pytest.mark.parametrize(("enough", "hidden"), [(0, False), (1, True)])
def test_how_many_reports_hide_is_a_rule(thread, enough, hidden):
    SiteRules.objects.update(reports_hide=enough)
    assert reporting.report(comment=comment(thread, "published"), reason="spam", ip_key="a") is hidden


def test_closing_opening_and_hiding(thread, carol):
    threads.close(thread=thread, by=carol, message="Enough said.")
    thread.refresh_from_db()
    assert (thread.mode, thread.closed_by, thread.closed_message) == ("closed", carol, "Enough said.")
    with pytest.raises(threads.AlreadySo):
        threads.close(thread=thread)
    threads.reopen(thread=thread, by=carol)
    assert threads.is_open(thread)
    with pytest.raises(threads.AlreadySo):
        threads.reopen(thread=thread)
    threads.hide(thread=thread, by=carol)
    with pytest.raises(threads.AlreadySo):
        threads.hide(thread=thread)
    assert threads.state_of(thread)[0] == "hidden"
    threads.reopen(thread=thread, by=carol)
    assert LogEntry.objects.count() == 4


def test_opening_drops_dates_that_have_passed(thread):
    Statement.objects.update(published_at="2020-01-01T00:00Z")
    Thread.objects.update(closes_at="2020-02-01T00:00Z", close_after_days=3)
    thread.refresh_from_db()
    threads.reopen(thread=thread)
    assert threads.state_of(thread) == ("open", None)


def test_an_edit_makes_nobody_say_the_same_twice(thread, carol):
    """It was an error page."""
    one, other = (agreed(thread, body=body) for body in ("Yes.", "Keep it."))
    with pytest.raises(moderation.SaidAlready):
        moderation.edit(comment=other, name="Amina Yusuf", body="Yes.", by=carol)
    other.refresh_from_db()
    assert (one.body, other.body) == ("Yes.", "Keep it.")


@pytest.mark.parametrize("verb", ["approve", "spam", "bin", "undo", "edit", "decline", "reply"])
def test_what_its_writer_has_taken_back_is_decided_by_nobody(thread, carol, verb):
    """It was an error page for the moderator who pressed a moment later."""
    row = comment(thread)
    Comment.objects.filter(pk=row.pk).delete()
    more = {"edit": {"name": "A", "body": "B"}, "decline": {"reason": "x", "tell": False},
            "reply": {"name": "A", "body": "B"}}.get(verb, {})  # fmt: skip
    with pytest.raises(moderation.Withdrawn):
        getattr(moderation, verb)(comment=row, by=carol, **more)


def test_what_its_writer_has_taken_back_is_reported_in_vain(thread):
    row = published(thread)
    Comment.objects.filter(pk=row.pk).delete()
    assert reporting.report(comment=row, reason="rude", ip_key="a") is False
