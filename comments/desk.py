"""What waits for a moderator here, and to which statement it belongs (core/desk.py)."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from comments.models import Comment, CommentSubmission, Thread
from core import desk, roles
from mail.desk import mail_about

desk.belongs(Comment, "thread__statement")
desk.belongs(Thread, "statement")
desk.belongs(CommentSubmission, "thread__statement")
mail_about(CommentSubmission, "comment_confirm", "comment_reminder", key="submission", path="thread__statement")
mail_about(
    Comment,
    "comment_published",
    "comment_declined",
    "comment_undecided",
    "comment_own_link",
    key="comment",
    path="thread__statement",
)

LOOK = "view_thread view_comment view_commentsubmission"
roles.grant(roles.CAMPAIGNER, "comments", f"{LOOK} change_thread add_comment")
roles.grant(roles.MODERATOR, "comments", f"{LOOK} change_thread add_comment change_comment")
roles.grant(roles.AUDITOR, "comments", f"{LOOK} view_siterules")


@desk.tile(_("Comments waiting"), address="comments_comment", permission="comments.view_comment", since="confirmed_at")
def waiting() -> QuerySet:
    """Comments that a moderator should read."""
    return Comment.objects.waiting()


@desk.tile(
    _("Reported by readers"),
    address="comments_comment",
    query="?state=reported",
    permission="comments.view_comment",
    since="reported_at",
)
def reported() -> QuerySet:
    """Comments that readers reported: hidden until somebody looks, or kept before and reported again."""
    return Comment.objects.reported()
