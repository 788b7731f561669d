"""Readers who say that a comment should not be here, and what a moderator makes of it."""

from django.db import transaction
from django.db.models.functions import Now

from comments import moderation, rules, threads
from comments.models import Comment, Report


@transaction.atomic
def report(*, comment: Comment, reason: str, words: str = "", ip_key: str = "") -> bool:
    """Write down that a reader objects; enough of them hide the comment until a moderator looks.

    One network counts once for each comment, and readers who cannot be told apart count as one. Returns whether the
    comment is hidden now.
    """
    thread = threads.lock(comment.thread_id)
    Report.objects.bulk_create(
        [Report(comment=comment, reason=reason, words=words, ip_key=ip_key)], ignore_conflicts=True
    )
    enough = rules.of(thread).reports_hide
    if not enough or Report.objects.filter(comment=comment, looked_at=None).count() < enough:
        return False
    if Comment.objects.visible().filter(pk=comment.pk).update(hidden_at=Now()):
        threads.recount(thread)
    return True


@transaction.atomic
def keep(*, comment: Comment, by: moderation.Staff = None) -> Comment:
    """Having looked at the reports, leave the comment where it is and show it again. Raises ModerationError."""
    thread = threads.lock(comment.thread_id)
    if not Report.objects.filter(comment=comment, looked_at=None).update(looked_at=Now()):
        raise moderation.ModerationError
    Comment.objects.filter(pk=comment.pk).update(hidden_at=None, decided_by=by, decided_at=Now(), was="")
    comment.refresh_from_db()
    comment.thread = thread
    moderation.write_down(comment, by, "Looked at the reports and kept it")
    threads.recount(thread)
    return comment
