"""Decisions of moderators about a comment. Each verb locks the thread, acts, recounts, and records who decided.

Every decision keeps the state before it, so `undo` can bring it back; mail about a decision waits long enough for that.
What a comment says never changes by agreeing, so staff decide about the words they see.
"""

from collections.abc import Set
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from comments import text, threads
from comments.models import Comment, Thread
from core import addresses, audit
from core.audit import Staff
from mail import outbox
from submissions import decisions
from submissions.models import Decision

KIND = "comment"
State = Comment.State

# From where to where a comment may go; the database has the same table (comments/schema.py).
MOVES = {
    State.WAITING: (State.PUBLISHED, State.SPAM, State.BINNED),
    State.PUBLISHED: (State.WAITING, State.SPAM, State.BINNED),
    State.SPAM: (State.WAITING, State.PUBLISHED, State.BINNED),
    State.BINNED: (State.WAITING, State.PUBLISHED, State.SPAM),
}

# How long the mail to the writer waits, so that the decision can still be undone.
SECONDS_TO_UNDO = 60
DECISION_MAILS = ("comment_published", "comment_declined")

# Each ends the sentence “We didn't publish your comment because …”.
REASONS = [
    _("it is not about this statement"),
    _("it attacks a person"),
    _("it names a private person"),
    _("it reads like an advert"),
    _("it says what you have said here already"),
    _("it could get you or us into legal trouble"),
]


class ModerationError(Exception):
    """Base of the refusals; the text is for the moderator."""

    message: str | Lazy = _("This does not apply to that comment.")

    def __str__(self) -> str:
        return str(self.message)


class Withdrawn(ModerationError):
    """Its writer was faster."""

    message = _("Its writer has taken this comment back.")


class NothingToUndo(ModerationError):
    """There is no decision to undo, or a colleague has decided since."""

    message = _("There is nothing to undo.")


class CannotAnswer(ModerationError):
    """Only a published comment can be answered, one level deep."""

    message = _("This comment cannot be answered.")


class SaidAlready(ModerationError):
    """The same person has said the same in the same place."""

    message = _("Its writer has said just these words here already.")


class NoReason(ModerationError):
    """A mail that declines says why."""

    message = _("Say why. The writer reads it.")


def lock(comment: Comment) -> Thread:
    """The thread, for this transaction alone; for the writer's mailbox nobody agrees or decides meanwhile either.

    Raises Withdrawn.
    """
    bars = _bars(comment).values_list("subject", flat=True)
    own = [addresses.mailbox_key(comment.author_email)] if comment.author_email else []
    decisions.lock(*map(bytes, bars), *own)
    return lock_thread(comment)


def lock_thread(comment: Comment) -> Thread:
    """The thread for this transaction alone, where nothing is decided about the mailbox. Raises Withdrawn."""
    thread = threads.lock(comment.thread_id)
    if not Comment.objects.filter(pk=comment.pk, withdrawn_at=None).exists():
        raise Withdrawn
    return thread


def _bars(comment: Comment) -> QuerySet[Decision]:
    """The decisions in force against a mailbox because of this comment."""
    return Decision.objects.filter(source=KIND, source_id=comment.pk, makes=Decision.Makes.HOLD, lifted_at=None)


def distrust(comment: Comment, by: Staff = None) -> None:
    """Have whatever its mailbox writes from now on wait, also when the comment is gone. The caller holds the `lock`."""
    if comment.author_email:
        decisions.make(
            Decision.Makes.HOLD, kind=KIND, scope=None, subject=addresses.mailbox_key(comment.author_email),
            reason="Marked as spam", by=by, source=KIND, source_id=comment.pk, submission=comment.submission_id,
        )  # fmt: skip


def _reconsider(comment: Comment, was: str, by: Staff) -> None:
    """Trust its mailbox no more, or again, where the comment has become spam or is so no longer."""
    if comment.state == State.SPAM and was != State.SPAM:
        distrust(comment, by)
    elif was == State.SPAM and comment.state != State.SPAM:
        for bar in _bars(comment):
            decisions.undo(bar, by=by)


def decide(comment: Comment, *, to: str, of: Set[str], by: Staff, what: str, why: str = "", **more: Any) -> Comment:
    """Change the state, if it is one of `of` now. The thread is locked by then and counted after.

    Raises ModerationError.
    """
    thread = lock(comment)
    values = {"state": to, "was": F("state"), "decided_by": by, "decided_at": Now(), "decided_reason": why, **more}
    changed = Comment.objects.filter(pk=comment.pk, state__in=of).update(**values)
    comment.refresh_from_db()
    if not changed:
        raise ModerationError
    comment.thread = thread
    _reconsider(comment, comment.was, by)
    threads.recount(thread)
    write_down(comment, by, what, why)
    return comment


def write_down(comment: Comment, by: Staff, what: str, why: str = "") -> None:
    """Record a decision without the writer's name, which has no place in a record that outlives the person's data."""
    audit.record(by=by, on=comment, what=what, why=why, label=f"Comment {comment.pk} on {comment.thread}")


def _tell(comment: Comment, kind: str) -> None:
    """Queue a mail to its writer; organisers and forgotten writers get none."""
    if comment.author_email:
        due = timezone.now() + timedelta(seconds=SECONDS_TO_UNDO)
        outbox.queue(kind=kind, recipient=comment.author_email, context={"comment": comment.pk}, due_at=due)


@transaction.atomic
def approve(*, comment: Comment, by: Staff = None) -> Comment:
    """Let everybody read it, and tell its writer the first time. Raises ModerationError."""
    first = comment.published_at is None
    if not comment.body:  # withdrawn by its writer
        raise ModerationError
    done = decide(
        comment,
        to=State.PUBLISHED,
        of={State.WAITING, State.SPAM, State.BINNED},
        by=by,
        what="Approved",
        published_at=Coalesce("published_at", Now()),
        hidden_at=None,
    )
    if first:
        _tell(done, "comment_published")
    return done


@transaction.atomic
def unapprove(*, comment: Comment, by: Staff = None) -> Comment:
    """Take it off the page and back into the queue. Raises ModerationError."""
    return decide(comment, to=State.WAITING, of={State.PUBLISHED}, by=by, what="Unapproved")


@transaction.atomic
def spam(*, comment: Comment, by: Staff = None, reason: str = "") -> Comment:
    """Mark it as spam: its mailbox is no longer trusted, and no mail is sent. Raises ModerationError."""
    of = {State.WAITING, State.PUBLISHED, State.BINNED}
    return decide(comment, to=State.SPAM, of=of, by=by, what="Marked as spam", why=reason)


@transaction.atomic
def bin(*, comment: Comment, by: Staff = None, reason: str = "") -> Comment:  # noqa: A001  what moderators call it
    """Put it in the bin, from where it can be restored until it is emptied. Raises ModerationError."""
    of = {State.WAITING, State.PUBLISHED, State.SPAM}
    return decide(comment, to=State.BINNED, of=of, by=by, what="Put in the bin", why=reason)


@transaction.atomic
def decline(*, comment: Comment, reason: str, tell: bool, by: Staff = None) -> Comment:
    """Put it in the bin for a reason, which the writer gets by mail when `tell` says so.

    `reason` ends the sentence “We didn't publish your comment because …”. Raises NoReason, ModerationError.
    """
    reason = reason.strip().rstrip(".")
    if not reason:
        raise NoReason
    of = {State.WAITING, State.PUBLISHED, State.SPAM}
    done = decide(comment, to=State.BINNED, of=of, by=by, what="Declined", why=reason)
    if tell:
        _tell(done, "comment_declined")
    return done


@transaction.atomic
def undo(*, comment: Comment, by: Staff = None) -> Comment:
    """Take the last decision back, and mail about it; what readers' reports had hidden is hidden again.

    Raises NothingToUndo when there is none, or when it was undone.
    """
    thread = lock(comment)
    decided = Comment.objects.filter(pk=comment.pk).exclude(was="").first()
    if decided is None:
        raise NothingToUndo
    values = {"state": decided.was, "was": "", "decided_by": by, "decided_at": Now(), "decided_reason": ""}
    about = {"comment": decided.pk}
    stopped = outbox.call_back(
        recipient_key=bytes(decided.mailbox_key or b""), kinds=DECISION_MAILS, about=about, since=decided.decided_at
    )
    if "comment_published" in stopped:
        values["published_at"] = None  # its writer is told when it is approved again
    Comment.objects.filter(pk=comment.pk).update(**values)
    comment.refresh_from_db()
    comment.thread = thread
    _reconsider(comment, decided.state, by)
    threads.recount(thread)
    write_down(comment, by, "Undid the last decision")
    return comment


@transaction.atomic
def edit(*, comment: Comment, name: str, body: str, by: Staff = None) -> Comment:
    """Edit a comment; readers see that a moderator did.

    Raises ModerationError when nothing changes, SaidAlready, Withdrawn.
    """
    thread = lock_thread(comment)
    if (name, body) == (comment.author_name, comment.body):
        raise ModerationError
    digest = text.digest(body)
    same = Comment.objects.filter(thread=thread, parent=comment.parent_id, words_digest=digest).exclude(pk=comment.pk)
    if comment.mailbox_key and same.filter(mailbox_key=comment.mailbox_key).exists():
        raise SaidAlready
    values = {"author_name": name, "body": body, "words_digest": digest, "edited_at": Now()}
    Comment.objects.filter(pk=comment.pk).update(**values)
    comment.refresh_from_db()
    comment.thread = thread
    threads.recount(thread)
    write_down(comment, by, "Edited")
    return comment


@transaction.atomic
def reply(*, comment: Comment, body: str, name: str, by: Staff = None) -> Comment:
    """Answer as the organiser, at once and also under a closed thread; one that waits is approved first.

    An answer to an answer stands under the same comment. Raises CannotAnswer.
    """
    if comment.state == State.WAITING:
        approve(comment=comment, by=by)
    top = comment.parent or comment
    thread = lock_thread(top)
    if not (comment.is_visible and top.is_visible):
        raise CannotAnswer
    answer = Comment(thread=thread, parent=top, author_name=name, body=body, words_digest=text.digest(body))
    answer.is_organiser, answer.state, answer.source = True, State.PUBLISHED, Comment.Source.STAFF
    answer.confirmed_at = answer.published_at = Now()
    answer.decided_by = by
    answer.save()
    answer.refresh_from_db()
    threads.recount(thread)
    write_down(answer, by, "Answered as the organiser")
    return answer
