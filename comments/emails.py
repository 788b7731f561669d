"""Mail to writers and moderators, each judged just before it is sent. No mail contains what a visitor typed."""

from typing import Any

from django.contrib.auth import get_user_model
from django.urls import reverse

from comments import digest, posting
from comments.models import Comment
from core import identity, tokens
from mail import outbox
from mail.models import OutgoingEmail
from publishers import staffing
from submissions import own_links

State = Comment.State
Built = outbox.Message | outbox.Skip


@outbox.kind("comment_published")
def published(row: OutgoingEmail) -> Built:
    """A moderator has read it and everybody can now."""
    comment = _find(row)
    if comment is None or not comment.is_visible or not comment.author_email:
        return outbox.Skip("no longer so")
    return _message("comment_published", comment, to=comment.author_email)


@outbox.kind("comment_declined")
def declined(row: OutgoingEmail) -> Built:
    """A moderator did not publish it, and why."""
    comment = _find(row)
    if comment is None or comment.state != State.BINNED or not (comment.author_email and comment.decided_reason):
        return outbox.Skip("no longer so")
    return _message("comment_declined", comment, to=comment.author_email, reason=comment.decided_reason)


@outbox.kind("comment_undecided")
def undecided(row: OutgoingEmail) -> Built:
    """Nobody decided about it, and it goes now; it can be sent again."""
    comment = _find(row)
    if comment is None or comment.state != State.WAITING or not comment.author_email:
        return outbox.Skip("no longer so")
    return _message("comment_undecided", comment, to=comment.author_email)


@outbox.kind("comment_own_link")
def link(row: OutgoingEmail) -> Built:
    """The new link to a writer's own comment; the old ones lead nowhere."""
    comment = _find(row)
    if comment is None or not comment.author_email:
        return outbox.Skip("gone")
    return _message("own_link", comment, to=comment.author_email)


@outbox.kind("comment_digest")
def waiting(row: OutgoingEmail) -> Built:
    """The digest for moderators: counts and links."""
    user = get_user_model().objects.filter(pk=row.context["user"], is_active=True, is_staff=True).first()
    counts = digest.queue_of_today(user)
    if user is None or not digest.wants(user.pk) or not any(counts.values()):
        return outbox.Skip("no longer so")
    whose = staffing.publisher_for(user)
    queue = identity.origin() + reverse("admin:comments_comment_changelist")
    context = {
        **counts,
        "queue_url": queue,
        "reported_url": f"{queue}?state=reported",
        "statement_url": queue,
        "stop_url": tokens.link("manage", tokens.make_token(digest.MANAGE, user.pk)),
    }
    return outbox.Message("comment_digest", row.recipient, context, publisher=whose.pk if whose else None)


def _find(row: OutgoingEmail) -> Comment | None:
    return Comment.objects.select_related("thread__statement", "parent").filter(pk=row.context["comment"]).first()


def _message(name: str, comment: Comment, *, to: str, **context: Any) -> outbox.Message:
    statement = comment.thread.statement
    return outbox.Message(
        name=name,
        to=to,
        context={
            "statement": statement,
            "statement_url": identity.origin() + statement.get_absolute_url(),
            "comment_url": identity.origin() + comment.get_absolute_url(),
            "manage_url": own_links.in_mail(posting.MANAGE, comment),
            **context,
        },
        reply_to=statement.contact_email,
        publisher=statement.publisher_id,
    )
