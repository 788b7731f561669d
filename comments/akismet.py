"""A second opinion on comments from a spam service that speaks Akismet's language, when one is set up.

It is asked through the one door (mail/outbound), so never in a request, and is told as little as it can work with: no
address of any kind. While it gives no answer the comment waits, and after TRIES a moderator decides. Source: Akismet's
API, "Comment Check".
"""

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from comments import moderation, threads
from comments.models import Comment
from mail.outbound import guard, kinds
from mail.outbound.models import OutgoingRequest
from mail.outbound.queue import queue

TRIES = 5
Check = Comment.SpamCheck


@kinds.named_by_operator
def host() -> str:
    """Where the service answers; whoever set a key for it wants it asked."""
    return settings.AKISMET_URL if settings.AKISMET_KEY else ""


def ask(comment: Comment) -> None:
    """Have the service asked about a comment, in the caller's transaction."""
    queue(
        kind="spam_check",
        host=guard.host_of(settings.AKISMET_URL),
        context={"comment": comment.pk},
        once=f"spam_check:{comment.pk}",
    )


def _answered(row: OutgoingRequest, answer: kinds.Answer) -> None:
    said = answer.body.strip()
    if said not in {b"true", b"false"}:
        raise kinds.Unusable("It said neither true nor false.")
    for comment in Comment.objects.filter(pk=row.context["comment"]).select_related("thread"):
        judge(comment=comment, spam=said == b"true")


def _failed(row: OutgoingRequest) -> None:
    _hold(row, "The spam service gave no answer")


def _hold(row: OutgoingRequest, why: str) -> None:
    """A moderator decides, and the comment never goes straight in."""
    due = Comment.objects.filter(pk=row.context["comment"], spam_check=Check.DUE)
    due.update(spam_check=Check.FAILED, held_reason=why)


@kinds.kind("spam_check", answered=_answered, failed=_failed, tries=TRIES, give_up=timedelta(0))
def check(row: OutgoingRequest) -> kinds.Request | kinds.Skip:
    """What the service is asked about one comment."""
    if not settings.AKISMET_KEY:
        _hold(row, "The spam service was switched off")
        return kinds.Skip("no spam service")
    waiting = Comment.objects.filter(pk=row.context["comment"], state=Comment.State.WAITING, spam_check=Check.DUE)
    comment = waiting.select_related("thread__statement").first()
    if comment is None:
        return kinds.Skip("decided meanwhile")
    asked = {
        "api_key": settings.AKISMET_KEY,
        "blog": settings.ORIGIN,
        "permalink": settings.ORIGIN + comment.thread.statement.get_absolute_url(),
        "comment_type": "comment",
        "comment_author": comment.author_name,
        "comment_content": comment.body,
        # Required by the service; who wrote is none of its business.
        "user_ip": "127.0.0.1",
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return kinds.Request(f"{settings.AKISMET_URL}comment-check", body=urlencode(asked).encode(), headers=headers)


@transaction.atomic
def judge(*, comment: Comment, spam: bool) -> Comment:
    """Act on the answer: spam goes there, the rest goes on as the rules said when it was confirmed.

    Changes nothing when a moderator has decided meanwhile.
    """
    thread = moderation.lock(comment)
    comment = Comment.objects.get(pk=comment.pk)
    comment.thread = thread
    if (comment.state, comment.spam_check) != (Comment.State.WAITING, Check.DUE):
        return comment
    if spam:
        return moderation.decide(
            comment,
            to=Comment.State.SPAM,
            of={Comment.State.WAITING},
            by=None,
            what="Marked as spam",
            why="The spam service says so",
            spam_check=Check.SPAM,
        )
    return _let_on(comment)


def _let_on(comment: Comment) -> Comment:
    late = "" if threads.is_open(comment.thread) else "Checked for spam after the thread was closed"
    comment.spam_check, comment.held_reason = Check.CLEAN, comment.held_reason or late
    if not comment.held_reason:
        comment.state, comment.published_at = Comment.State.PUBLISHED, Now()
    comment.save(update_fields=["spam_check", "held_reason", "state", "published_at"])
    comment.refresh_from_db()
    if comment.is_visible:
        threads.recount(comment.thread)
    return comment
