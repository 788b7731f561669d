"""Correcting one's own comment (GDPR Art. 16)."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from comments import moderation, posting, rules, text, threads
from comments.models import Comment
from submissions import traps

State = Comment.State


def revise(*, comment_id: int, name: str, body: str, signals: str = "") -> Comment:
    """Correct one's own comment (GDPR Art. 16): newer words that others could read wait as a new comment's would.

    Raises ThreadClosed when it is gone, or nobody may write there any more; SaidAlready for the words of another one.
    """
    with transaction.atomic():
        thread = posting.thread_of(comment_id)
        comment = Comment.objects.filter(pk=comment_id, withdrawn_at=None).exclude(body="").first()
        if thread is None or comment is None or comment.state not in {State.WAITING, State.PUBLISHED}:
            raise posting.ThreadClosed
        comment.thread = thread
        is_same = (comment.author_name, comment.body) == (name, body)
        if is_same:
            return comment
        reasons = _reasons_to_look_again(comment, name, body, signals)
        values: dict[str, Any] = {"author_name": name, "body": body, "words_digest": text.digest(body)}
        if reasons and comment.state == State.PUBLISHED:
            values |= {"state": State.WAITING, "held_reason": "; ".join(reasons)[:200], "was": ""}
        try:
            with transaction.atomic():
                Comment.objects.filter(pk=comment_id).update(edited_at=Now(), **values)
        except IntegrityError as error:
            if "comment_once_per_person" not in str(error):
                raise
            raise moderation.SaidAlready from error
        comment.refresh_from_db()
        threads.recount(thread)
    return comment


def _reasons_to_look_again(comment: Comment, name: str, body: str, signals: str) -> list[str]:
    """Why a moderator should read newer words first, by the rules of new ones."""
    in_force = rules.of(comment.thread)
    reasons = [traps.words(signals)] if signals else []
    reasons += rules.doubts(name=name, body=body, rules=in_force)
    if body != comment.body and in_force.approve != rules.Approve.LINKS:
        known = Comment.objects.visible().filter(mailbox_key=comment.mailbox_key).exclude(pk=comment.pk)
        if in_force.approve == rules.Approve.EVERYBODY or known.count() < (in_force.trusted_after or 1):
            reasons.append(_("Its writer has changed it"))
    return reasons
