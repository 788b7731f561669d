"""Writing a comment and proving whose mailbox it came from. The only way in: views and seeds call it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from comments import consent, rules, text, threads
from comments.models import Comment, Thread
from core import tokens
from core.addresses import canonical
from core.speed import prepared
from mail import outbox
from mail.models import OutgoingEmail
from petitions.signatures import signing

CONFIRM, MANAGE = "comment-confirm", "comment-manage"
State = Comment.State


class PostingError(Exception):
    """Something a writer can be told in plain words."""


class ThreadClosed(PostingError):
    """Nobody can write here (any more)."""


class NotConfirmed(PostingError):
    """The comment could not be confirmed; `state` says where it stands."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


@dataclass(frozen=True)
class Receipt:
    """What the door knows after somebody wrote: the submission's mail row, and nothing about who wrote before."""

    mail_id: int


# Rows and mail in one round trip; the same words twice are one comment. FOR SHARE waits for whoever is closing the
# thread at this moment and then sees it closed. A mailbox that was proved here before has its mails counted comment by
# comment, others by the thread (mail/limits.py): a conversation is no bombardment.
_POST = f"""
WITH thread AS (
    SELECT th.id, th.statement_id FROM comments_thread th JOIN petitions_statement st ON st.id = th.statement_id
    WHERE th.id = %(thread)s AND {threads.OPEN}
        AND (%(parent)s::bigint IS NULL OR EXISTS (
            SELECT 1 FROM comments_comment p WHERE p.id = %(parent)s AND p.thread_id = th.id
                AND p.parent_id IS NULL AND p.state = 'published' AND p.hidden_at IS NULL))
    FOR SHARE OF th
), posted AS (
    INSERT INTO comments_comment (thread_id, parent_id, author_name, author_email, email_canonical, body, digest,
        also_sign, consent_id, held_reason, ip_key)
    SELECT id, %(parent)s, %(name)s, %(email)s, %(email_canonical)s, %(body)s, %(digest)s,
        %(also_sign)s, %(consent)s, %(held_reason)s, %(ip_key)s FROM thread
    ON CONFLICT (thread_id, email_canonical, digest, coalesce(parent_id, 0)) WHERE email_canonical <> ''
        DO UPDATE SET digest = EXCLUDED.digest
    RETURNING id, thread_id
), proved AS (
    SELECT EXISTS (SELECT 1 FROM comments_comment c, thread WHERE c.email_canonical = %(email_canonical)s
        AND c.email_canonical <> '' AND c.thread_id = thread.id AND c.confirmed_at IS NOT NULL) AS here
), mail AS (
    INSERT INTO mail_outgoingemail (kind, recipient, recipient_key, lane, context)
    SELECT 'comment_confirm', %(email)s, %(email_canonical)s, {OutgoingEmail.Lane.CONFIRM.value},
        jsonb_build_object('comment', posted.id, 'statement',
            CASE WHEN proved.here THEN 'comment-' || posted.id ELSE 'comments-' || posted.thread_id END)
    FROM posted, proved
    RETURNING id
)
SELECT id FROM mail
"""


def post(
    *,
    thread: Thread,
    name: str,
    email: str,
    body: str,
    parent: Comment | None = None,
    also_sign: bool = False,
    held_reason: str = "",
    ip_key: str = "",
) -> Receipt:
    """Write down a comment, and that a mail must go out; nobody reads it until its writer confirms.

    `body` is plain text as `text.tidy` leaves it; `parent` a comment that stands by itself, in the same thread.
    Raises ThreadClosed when nobody can write there, by the database's clock, or when `parent` is gone.
    """
    values = {
        "thread": thread.pk,
        "parent": parent.pk if parent else None,
        "name": name,
        "email": email,
        "email_canonical": canonical(email),
        "body": body,
        "digest": text.digest(body),
        "also_sign": also_sign,
        "consent": consent.current(),
        "held_reason": held_reason,
        "ip_key": ip_key,
    }
    rows = prepared.run(_POST, values)
    if not rows:
        raise ThreadClosed
    return Receipt(mail_id=rows[0][0])


_STANDING = """
SELECT CASE WHEN c.state <> 'unconfirmed' THEN c.state WHEN c.created_at <= now() - %(valid)s THEN 'expired'
    WHEN st.hidden_at IS NOT NULL OR th.mode = 'hidden' THEN 'gone' ELSE 'ready' END
FROM comments_comment c JOIN comments_thread th ON th.id = c.thread_id
    JOIN petitions_statement st ON st.id = th.statement_id WHERE c.id = %(id)s
"""


def standing(comment_id: int) -> str:
    """Where a comment stands by the database's clock: a state, or `ready`, `expired`, `gone`, `unknown`."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"id": comment_id, "valid": timedelta(days=settings.UNCONFIRMED_DAYS)})
        row = cursor.fetchone()
    return row[0] if row else "unknown"


@transaction.atomic
def confirm(*, comment_id: int) -> Comment:
    """Believe the mailbox: the comment waits for a moderator, or is read by everybody when the rules say so.

    Raises NotConfirmed with the state it is in instead; already done is answered before anything else.
    """
    found = Comment.objects.filter(pk=comment_id).values_list("thread", flat=True).first()
    if found is None:
        raise NotConfirmed("unknown")
    thread = threads.lock(found)
    state = standing(comment_id)
    if state != "ready":
        raise NotConfirmed(state)
    comment = Comment.objects.select_for_update().get(pk=comment_id)
    comment.thread = thread
    _admit(comment)
    if comment.also_sign:
        _sign_too(comment)
    return comment


def _admit(comment: Comment) -> None:
    """Put a comment whose writer is proved where it belongs."""
    in_force = rules.of(comment.thread)
    reasons = _reasons_to_wait(comment, in_force)
    asked = bool(settings.AKISMET_KEY)
    comment.held_reason = "; ".join(reasons)[:200]
    comment.spam_check = Comment.SpamCheck.DUE if asked else Comment.SpamCheck.NONE
    comment.confirmed_at = Now()
    comment.state = State.WAITING
    if not reasons and not asked:
        comment.state, comment.published_at = State.PUBLISHED, Now()
    comment.save(update_fields=["held_reason", "spam_check", "confirmed_at", "state", "published_at"])
    comment.refresh_from_db()
    if comment.is_visible:
        threads.recount(comment.thread)


def _reasons_to_wait(comment: Comment, in_force: rules.InForce) -> list[str]:
    """Why a moderator should read it first, in words for moderators; nothing lets it straight in."""
    reasons = [comment.held_reason] if comment.held_reason else []
    if not threads.is_open(comment.thread):
        reasons.append("Confirmed after the thread was closed")
    reasons += rules.doubts(name=comment.author_name, body=comment.body, rules=in_force)
    if _said_by_others(comment):
        reasons.append("Somebody else wrote the same here")
    if _many_from_there(comment):
        reasons.append(f"More than {settings.COMMENTS_PER_ADDRESS} comments from one network in a short time")
    if in_force.approve == rules.Approve.EVERYBODY:
        reasons.append("Every comment is read first")
    elif in_force.approve != rules.Approve.LINKS and not is_trusted(comment.email_canonical, in_force):
        reasons.append("New here")
    return reasons


def is_trusted(email_canonical: str, in_force: rules.InForce) -> bool:
    """Whether this mailbox has enough published comments behind it, and none that was spam."""
    if not in_force.trusted_after:
        return False
    known = Comment.objects.filter(email_canonical=email_canonical, confirmed_at__isnull=False)
    if known.filter(state=State.SPAM).exists():
        return False
    return known.filter(state=State.PUBLISHED, hidden_at=None).count() >= in_force.trusted_after


def _said_by_others(comment: Comment) -> bool:
    same = Comment.objects.filter(thread=comment.thread, digest=comment.digest)
    return same.exclude(email_canonical=comment.email_canonical).exclude(state=State.UNCONFIRMED).exists()


def _many_from_there(comment: Comment) -> bool:
    if not comment.ip_key:
        return False
    span = timedelta(minutes=settings.COMMENTS_PER_ADDRESS_MINUTES)
    near = Comment.objects.filter(
        ip_key=comment.ip_key, created_at__range=(comment.created_at - span, comment.created_at)
    )
    return near.count() > settings.COMMENTS_PER_ADDRESS


def _sign_too(comment: Comment) -> None:
    """Sign with the mailbox that was proved a moment ago; who has signed already, or comes too late, just has not."""
    statement = comment.thread.statement
    try:
        receipt = signing.sign(
            statement=statement, name=comment.author_name, email=comment.author_email, ip_key=comment.ip_key
        )
    except signing.StatementClosed:
        return
    # The link would prove the same mailbox twice.
    OutgoingEmail.objects.filter(pk=receipt.mail_id).delete()
    mine = statement.signatures.filter(email_canonical=comment.email_canonical, state="pending")
    for signature in mine:
        signing.confirm(signature_id=signature.pk)


def send_again(*, comment: Comment, email: str) -> Receipt:
    """Queue the confirmation mail once more, to the address as it was typed; the caps decide whether it goes out."""
    row = outbox.queue(
        kind="comment_confirm",
        recipient=email,
        lane=OutgoingEmail.Lane.CONFIRM,
        context={"comment": comment.pk, "statement": f"comments-{comment.thread_id}"},
    )
    return Receipt(mail_id=row.pk)


@transaction.atomic
def renew(*, comment_id: int) -> None:
    """Give a comment whose link has expired another fortnight, and queue a new mail. Raises ThreadClosed."""
    waiting = Comment.objects.filter(pk=comment_id, state=State.UNCONFIRMED)
    comment = waiting.select_for_update(of=["self"]).select_related("thread").first()
    if comment is None:
        return
    if not threads.is_open(comment.thread):
        raise ThreadClosed
    waiting.update(created_at=Now())
    send_again(comment=comment, email=comment.author_email)


def confirm_by_code(*, comment_id: int, typed: str) -> Comment | None:
    """Confirm with the six digits from the mail instead of its link. None when they are wrong; ten tries, ever."""
    tries = Comment.objects.filter(pk=comment_id, state=State.UNCONFIRMED, code_tries__lt=tokens.CODE_TRIES)
    if not tries.update(code_tries=F("code_tries") + 1) or not tokens.is_code(CONFIRM, comment_id, typed):
        return None
    try:
        return confirm(comment_id=comment_id)
    except NotConfirmed:
        return None


def confirmed_since(*, comment_id: int, since: datetime) -> bool:
    """Whether the comment was confirmed after `since`."""
    return Comment.objects.filter(pk=comment_id, confirmed_at__gt=since).exists()


@transaction.atomic
def disown(*, comment_id: int) -> None:
    """Delete a comment its mailbox did not write, and never write to that address again.

    One that was confirmed is the owner's to take back, so it is left alone.
    """
    waiting = Comment.objects.filter(pk=comment_id, state=State.UNCONFIRMED)
    email = waiting.select_for_update().values_list("author_email", flat=True).first()
    if email is not None:
        outbox.suppress(email)
        waiting.delete()


@transaction.atomic
def take_back(*, comment_id: int) -> None:
    """Delete a comment at its writer's wish; where it was answered, an empty place stays (GDPR Art. 17)."""
    comment = Comment.objects.select_related("thread").filter(pk=comment_id).first()
    if comment is None:
        return
    thread = threads.lock(comment.thread_id)
    if comment.replies.exists():
        forget(Comment.objects.filter(pk=comment_id), state=State.BINNED, body="", was="", hidden_at=None)
        Comment.objects.filter(pk=comment_id).update(author_name="", decided_reason="Taken back by its writer")
    else:
        comment.delete()
    threads.recount(thread)


def forget(comments: QuerySet[Comment], **values: Any) -> int:
    """Forget whose mailbox these comments came from; returns how many rows that was."""
    return comments.update(author_email="", email_canonical="", ip_key="", **values)
