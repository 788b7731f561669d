"""Readers who say that a comment should not be here, and what a moderator makes of it."""

from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Count, Max, Q
from django.db.models.functions import Now, TruncDate

from comments import moderation, rules, threads
from comments.models import Comment, Report, Thread
from core.audit import Staff


@transaction.atomic
def report(*, comment: Comment, reason: str, words: str = "", ip_key: str = "") -> bool:
    """Write down that a reader objects; enough of them hide the comment until a moderator looks.

    One network counts once for each comment, and readers who cannot be told apart count as one. What a moderator has
    kept is not hidden again, unless its writer has changed it since; the report waits for a moderator all the same.
    Returns whether the comment is hidden now.
    """
    try:
        thread = moderation.lock_thread(comment)
    except moderation.Withdrawn:
        return False
    Report.objects.bulk_create(
        [Report(comment=comment, reason=reason, words=words, ip_key=ip_key)], ignore_conflicts=True
    )
    enough = rules.of(thread).reports_hide
    if not enough or _networks(comment) < enough or _was_kept(comment):
        return False
    if Comment.objects.visible().filter(pk=comment.pk).update(hidden_at=Now()):
        threads.recount(thread)
    return True


def _networks(comment: Comment) -> int:
    """How many networks object at least: the most of one day, because on the next each has another key."""
    unsettled = Report.objects.filter(comment=comment, looked_at=None)
    days = unsettled.annotate(day=TruncDate("created_at", tzinfo=UTC)).order_by().values("day")
    return days.annotate(number=Count("pk")).aggregate(most=Max("number"))["most"] or 0


def _was_kept(comment: Comment) -> bool:
    """Whether a moderator has looked at reports of just these words and left them where they are."""
    since = Q() if comment.edited_at is None else Q(looked_at__gt=comment.edited_at)
    return Report.objects.filter(since, comment=comment, looked_at__isnull=False).exists()


@transaction.atomic
def keep(*, comment: Comment, by: Staff = None) -> Comment:
    """Having looked at the reports, leave the comment where it is and show it again. Raises ModerationError."""
    thread = moderation.lock_thread(comment)
    unsettled = Report.objects.filter(comment=comment, looked_at=None)
    if not unsettled.exists():
        raise moderation.ModerationError
    _decide(comment, by, hidden_at=None)
    unsettled.update(looked_at=comment.decided_at)
    return _told(comment, thread, by, "Looked at the reports and kept it")


@transaction.atomic
def look_again(*, comment: Comment, hidden_at: datetime | None, by: Staff = None) -> Comment:
    """Take `keep` back: its reports are open again, and the comment is hidden since `hidden_at`, if it was.

    Raises NothingToUndo when somebody has decided since.
    """
    thread = moderation.lock_thread(comment)
    comment.refresh_from_db()
    if not Report.objects.filter(comment=comment, looked_at=comment.decided_at).update(looked_at=None):
        raise moderation.NothingToUndo
    _decide(comment, by, hidden_at=hidden_at)
    return _told(comment, thread, by, "Opened the reports again")


def _decide(comment: Comment, by: Staff, hidden_at: datetime | None) -> None:
    values = {"hidden_at": hidden_at, "decided_by": by, "decided_at": Now(), "was": ""}
    Comment.objects.filter(pk=comment.pk).update(**values)
    comment.refresh_from_db()


def _told(comment: Comment, thread: Thread, by: Staff, what: str) -> Comment:
    comment.thread = thread
    threads.recount(thread)
    moderation.write_down(comment, by, what)
    return comment
