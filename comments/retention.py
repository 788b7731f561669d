"""Retention of comments: the times are settings, and the privacy notice prints the same ones."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from comments import posting, threads
from comments.models import Comment, Report
from core.models import Tombstone
from mail import farewell

BATCH = 500
FEW = 100  # each locks its thread
# Of whom a comment came from (posting.forget).
FORGOTTEN = ("author_email", "address_key", "mailbox_key", "ip_key")

_ENDED = f"""
SELECT th.id FROM comments_thread th JOIN petitions_statement st ON st.id = th.statement_id
WHERE {threads.ENDS} < now() - %s AND EXISTS (
    SELECT 1 FROM comments_comment c WHERE c.thread_id = th.id AND c.mailbox_key IS NOT NULL)
LIMIT 20
"""


def forget_writers() -> int:
    """Forget the addresses of writers COMMENT_EMAIL_DAYS after their thread ended; what they wrote stays.

    A thread that never ends keeps nobody for ever: COMMENT_EMAIL_LONGEST_DAYS after writing is the end of it. Returns
    how many comments that was. What still waits then is deleted instead, when its writer has been told
    (`delete_undecided`).
    """
    known = Comment.objects.filter(_forgotten()).exclude(state=Comment.State.WAITING)
    return posting.forget(Comment.objects.filter(pk__in=known.values("pk")[:BATCH]))


def _forgotten() -> Q:
    """Comments whose writers we know and need not know any longer."""
    values: list[Any] = [timedelta(days=settings.COMMENT_EMAIL_DAYS)]
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, values)
        ended = [row[0] for row in cursor.fetchall()]
    old = Q(created_at__lt=Now() - timedelta(days=settings.COMMENT_EMAIL_LONGEST_DAYS))
    return (Q(thread__in=ended) | old) & Q(mailbox_key__isnull=False)


# What goes of a comment that was answered; those that were not go as a whole.
EMPTIED = ("author_name", "body", "words_digest", "held_reason", "decided_reason")


@transaction.atomic
def empty_bin() -> int:
    """Delete comments marked as spam or binned COMMENT_BIN_DAYS ago; where one was answered, an empty place stays."""
    old = Comment.objects.filter(
        state__in=["spam", "binned"], decided_at__lt=Now() - timedelta(settings.COMMENT_BIN_DAYS)
    )
    alone = old.filter(replies=None)
    gone = alone.filter(pk__in=alone.values("pk")[:BATCH]).delete()[0]
    answered = old.exclude(replies=None).exclude(body="")
    kept = Comment.objects.filter(pk__in=list(answered.values_list("pk", flat=True)[:BATCH]))
    return gone + posting.forget(kept, was="", **dict.fromkeys(EMPTIED, ""))


def delete_withdrawn() -> int:
    """Delete comments that their writers withdrew WITHDRAWN_MINUTES ago: until then they can undo that."""
    over = Now() - timedelta(minutes=settings.WITHDRAWN_MINUTES)
    return _erase(Q(withdrawn_at__lt=over), Tombstone.Why.WITHDRAWN)


def delete_undecided() -> int:
    """Delete comments undecided for UNDECIDED_DAYS, or until their writers are forgotten, once these have been told."""
    over = Q(confirmed_at__lt=Now() - timedelta(settings.UNDECIDED_DAYS)) | _forgotten()
    due = Comment.objects.filter(over, state=Comment.State.WAITING).order_by("pk")
    gone = farewell.told(
        kind="comment_undecided", key="comment", whom=dict(due.values_list("pk", "author_email")[:FEW])
    )
    return _erase(Q(pk__in=gone, state=Comment.State.WAITING), Tombstone.Why.REMOVED)


def _erase(due: Q, why: str) -> int:
    """Erase one batch of those that are due, and correct the numbers of their threads; returns how many."""
    ids = list(Comment.objects.filter(due).order_by("pk").values_list("pk", flat=True)[:FEW])
    for pk in ids:
        posting.erase(comment_id=pk, why=why)
    return len(ids)


def forget_reports() -> int:
    """Delete reports REPORT_DAYS after a moderator looked, or else UNDECIDED_DAYS after they came.

    That there was a report stays, so that what was kept is not hidden again by the same network.
    """
    looked = Q(looked_at__lt=Now() - timedelta(settings.REPORT_DAYS))
    old = Q(created_at__lt=Now() - timedelta(settings.UNDECIDED_DAYS))
    due = Report.objects.filter(looked | old).exclude(words="")
    return Report.objects.filter(pk__in=list(due.values_list("pk", flat=True)[:BATCH])).update(words="")
