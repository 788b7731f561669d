"""Writing a comment, agreeing to it, and taking it back. The only way in: views and seeds call it."""

from datetime import timedelta
from typing import TypedDict

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from comments import akismet, consent, moderation, rules, text, threads
from comments.models import Comment, CommentSubmission, Thread
from core import addresses, tombstones
from core.models import Tombstone
from petitions.signatures import signing
from submissions import asking, decisions, limits, own_links, status, traps
from submissions.asking import Asked
from submissions.kinds import named

KIND = moderation.KIND
MANAGE = "comment-manage"
State = Comment.State


class Said(TypedDict):
    """A comment's text, its writer, and the comment it answers."""

    name: str
    email: str
    body: str
    parent: Comment | None
    signals: str
    ip_key: str


class ThreadClosed(Exception):
    """The thread is closed, or the comment to answer is gone."""


def post(
    *,
    thread: Thread,
    name: str,
    email: str,
    body: str,
    parent: Comment | None = None,
    also_sign: bool = False,
    signals: str = "",
    ip_key: str = "",
) -> Asked:
    """Store a comment submission and queue its confirmation mail; it is not published before its writer agrees.

    `body` is plain text as `text.tidy` leaves it; `parent` a comment that stands by itself, in the same thread.
    `also_sign` asks for a signature as well: a submission of its own, in the same mail; who has signed stays as they
    are. Raises ThreadClosed when nobody can write there, by the database's clock, or when `parent` is gone, and
    signing.StatementClosed when nobody can sign; then nothing is written.
    """
    comment: Said = {"name": name, "email": email, "body": body, "parent": parent, "signals": signals, "ip_key": ip_key}
    if not also_sign:
        return _ask(thread, **comment)
    with transaction.atomic():
        asked = _ask(thread, **comment)
        signing.sign(
            statement=thread.statement, name=name, email=email, unless_signed=True, signals=signals, ip_key=ip_key
        )
    return asked


def _ask(
    thread: Thread, *, name: str, email: str, body: str, parent: Comment | None, signals: str, ip_key: str
) -> Asked:
    asked = asking.ask(
        KIND,
        email=email,
        typed={"author_name": name, "body": body, "words_digest": text.digest(body)},
        thread=thread.pk,
        parent=parent.pk if parent else None,
        consent_id=consent.current(),
        language=thread.statement.language,
        signals=signals,
        ip_key=ip_key,
    )
    if asked is None:
        raise ThreadClosed
    return asked


@transaction.atomic
def agree(*, submission_id: int) -> Comment | None:
    """Make a comment of what its mailbox agrees to: it waits for a moderator, or everybody reads it by the rules.

    The same words by one address in one place stay one comment, which is returned again. None when nothing was agreed:
    it is used up, ended or gone, or the mailbox has said the same with its address written in another way.
    """
    found = CommentSubmission.objects.filter(pk=submission_id).first()
    if found is None:
        return None
    # Mailbox, thread, submission: whoever decides takes its locks in the same order (moderation.lock).
    _share(bytes(found.mailbox_key))
    thread = threads.lock(found.thread_id)
    submission = CommentSubmission.objects.select_for_update().filter(pk=submission_id).first()
    if submission is None or not _waits(submission_id):
        return None
    parent = answered(submission)
    comment = said_before(submission, parent)
    if comment is None:
        comment = _admit(submission, thread, parent)
    elif not is_same_address(comment, submission):
        return None
    _use_up(submission_id, comment)
    limits.wake([bytes(submission.mailbox_key)])
    return comment


def _share(mailbox_key: bytes) -> None:
    """Lock this mailbox against decisions until the transaction ends; others may agree for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(submissions_lock(%s))", [mailbox_key])


def _waits(submission_id: int) -> bool:
    return [one.state for one in status.of([(named(KIND).number, submission_id)])] == ["waiting"]


def answered(submission: CommentSubmission) -> Comment | None:
    """The comment it answers, whether or not it is still shown; None when there is none (any more)."""
    return Comment.objects.filter(pk=submission.parent_id).first() if submission.parent_id else None


def said_before(submission: CommentSubmission, parent: Comment | None) -> Comment | None:
    """An earlier comment of the mailbox, in any spelling, with the same words in the same place."""
    same = Comment.objects.filter(thread=submission.thread_id, words_digest=submission.words_digest, parent=parent)
    return same.filter(mailbox_key=submission.mailbox_key).first()


def is_same_address(comment: Comment, submission: CommentSubmission) -> bool:
    """Whether both came from one address as it was typed: only that one leads to a writer's own page."""
    return addresses.address_key(comment.author_email) == bytes(submission.address_key)


def _admit(submission: CommentSubmission, thread: Thread, parent: Comment | None) -> Comment:
    """Put a comment whose writer is proved where it belongs. The thread is locked."""
    reasons = _reasons_to_wait(submission, thread, parent)
    is_checked = bool(settings.AKISMET_KEY)
    goes_in = not reasons and not is_checked
    comment = Comment.objects.create(
        thread=thread,
        parent=parent,
        author_name=submission.author_name,
        author_email=submission.email,
        body=submission.body,
        words_digest=submission.words_digest,
        submission_id=submission.pk,
        consent_id=submission.consent_id,
        ip_key=submission.ip_key,
        created_at=submission.created_at,
        held_reason="; ".join(reasons)[:200],
        spam_check=Comment.SpamCheck.DUE if is_checked else Comment.SpamCheck.NONE,
        state=State.PUBLISHED if goes_in else State.WAITING,
        published_at=Now() if goes_in else None,
    )
    comment.refresh_from_db()
    comment.thread = thread
    if is_checked:
        akismet.ask(comment)
    if comment.is_visible:
        threads.recount(thread)
    return comment


def _use_up(submission_id: int, comment: Comment) -> None:
    """Its words live in the comment from now on; a stub goes on answering "already done"."""
    CommentSubmission.objects.filter(pk=submission_id).update(
        agreed_at=Now(), result_id=comment.pk, email="", author_name="", body="", words_digest=""
    )


def _reasons_to_wait(submission: CommentSubmission, thread: Thread, parent: Comment | None) -> list[str]:
    """Why a moderator should read it first, in words for moderators; nothing lets it straight in."""
    in_force = rules.of(thread)
    reasons = [traps.words(submission.signals)] if submission.signals else []
    if not threads.is_open(thread):
        reasons.append(_("Confirmed after the thread was closed"))
    if submission.parent_id and not (parent and parent.is_visible):
        reasons.append(_("What it answers is no longer shown"))
    reasons += rules.doubts(name=submission.author_name, body=submission.body, rules=in_force)
    if _said_by_others(submission):
        reasons.append(_("Somebody else wrote the same here"))
    if _many_from_there(submission):
        many = _("More than %(number)s comments from one network in a short time")
        reasons.append(many % {"number": settings.COMMENTS_PER_ADDRESS})
    if _is_distrusted(submission):
        reasons.append(_("Spam came from this mailbox before"))
    elif in_force.approve == rules.Approve.EVERYBODY:
        reasons.append(_("Every comment is read first"))
    elif in_force.approve != rules.Approve.LINKS and not _is_trusted(submission, in_force):
        reasons.append(_("New here"))
    return reasons


def _is_distrusted(submission: CommentSubmission) -> bool:
    return decisions.live(kind=KIND, scope=None, subject=bytes(submission.mailbox_key)).exists()


def _is_trusted(submission: CommentSubmission, in_force: rules.InForce) -> bool:
    """Whether this mailbox has enough published comments behind it."""
    known = Comment.objects.visible().filter(mailbox_key=submission.mailbox_key)
    return bool(in_force.trusted_after) and known.count() >= in_force.trusted_after


def _said_by_others(submission: CommentSubmission) -> bool:
    same = Comment.objects.filter(thread=submission.thread_id, words_digest=submission.words_digest)
    return same.exclude(mailbox_key=submission.mailbox_key).exists()


def _many_from_there(submission: CommentSubmission) -> bool:
    """Judged by what was agreed to: what a stranger only typed makes no neighbour's comment wait."""
    if not submission.ip_key:
        return False
    since = submission.created_at - timedelta(minutes=settings.COMMENTS_PER_ADDRESS_MINUTES)
    near = Comment.objects.filter(ip_key=submission.ip_key, created_at__range=(since, submission.created_at))
    return near.count() >= settings.COMMENTS_PER_ADDRESS


@transaction.atomic
def withdraw(*, comment_id: int) -> bool:
    """Withdraw a comment at its writer's wish: it is no longer published. Returns whether there was one.

    How it stood is kept for as long as `put_back` can bring it back; then it goes (retention.py).
    """
    thread = thread_of(comment_id)
    if thread is None:
        return False
    standing = Comment.objects.filter(pk=comment_id, withdrawn_at=None).exclude(body="")
    done = standing.update(withdrawn_at=Now(), withdrawn_from=F("state"), state=State.BINNED)
    threads.recount(thread)
    return bool(done)


@transaction.atomic
def put_back(*, comment_id: int) -> bool:
    """Undo `withdraw` within WITHDRAWN_MINUTES, at its writer's wish; whether it was in time."""
    thread = thread_of(comment_id)
    if thread is None:
        return False
    since = Now() - timedelta(minutes=settings.WITHDRAWN_MINUTES)
    done = Comment.objects.filter(pk=comment_id, withdrawn_at__gt=since).update(
        withdrawn_at=None, state=F("withdrawn_from"), withdrawn_from=""
    )
    threads.recount(thread)
    return bool(done)


def thread_of(comment_id: int) -> Thread | None:
    """Its thread, for this transaction alone."""
    thread_id = Comment.objects.filter(pk=comment_id).values_list("thread_id", flat=True).first()
    return threads.lock(thread_id) if thread_id else None


@transaction.atomic
def erase(*, comment_id: int, why: str = Tombstone.Why.ERASED) -> None:
    """Delete a comment at once and for good (GDPR Art. 17); where it was answered, an empty place stays.

    What readers reported about it goes with it. Harmless to repeat.
    """
    thread = thread_of(comment_id)
    comment = Comment.objects.filter(pk=comment_id).first()
    if thread is None or comment is None or not comment.body:
        return
    if comment.mailbox_key:
        tombstones.leave(
            why, kind=KIND, subjects=[bytes(comment.mailbox_key)], scope=thread.statement_id,
            which=which_of(comment.words_digest),
        )  # fmt: skip
    if comment.replies.exists():
        comment.reports.all().delete()
        empty = dict.fromkeys(("body", "author_name", "words_digest", "held_reason", "was", "withdrawn_from"), "")
        gone = Comment.objects.filter(pk=comment_id)
        forget(gone, state=State.BINNED, hidden_at=None, withdrawn_at=None, decided_reason=WITHDRAWN, **empty)
    else:
        comment.delete()
    threads.recount(thread)


def renew_link(*, comment_id: int, link_number: int) -> bool:
    """Let no link to the writer's own page work any more but one that is mailed to them now; whether that was done."""
    mail = {"mail": "comment_own_link", "key": "comment", "address": "author_email"}
    return own_links.renew(Comment, comment_id, link_number, **mail)


WITHDRAWN = "Withdrawn by its writer"


def which_of(words_digest: str) -> str:
    """By which a tombstone tells the comments of one writer apart: a keyed hash, 32 characters."""
    return addresses.keyed("words", words_digest).hex()


def forget(comments: QuerySet[Comment], **values: object) -> int:
    """Forget whose mailbox these comments came from; returns how many rows that was."""
    return comments.update(author_email="", address_key=None, mailbox_key=None, ip_key="", **values)
