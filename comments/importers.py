"""Bringing in comments from elsewhere: an earlier site, or the demo's files. No mail is sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from comments import moderation, posting, text, threads
from comments.models import Comment, Thread
from core import addresses, mailboxes, tombstones
from submissions import decisions

State = Comment.State


@dataclass(frozen=True)
class Row:
    """One comment. `key` identifies it, `to` is the key of the one it answers, which comes before it."""

    key: str
    name: str
    body: str
    written_at: datetime
    email: str = ""
    to: str = ""
    state: str = State.PUBLISHED
    is_organiser: bool = False
    reason: str = ""


@transaction.atomic
def load(*, thread: Thread, rows: Iterable[Row]) -> int:
    """Write the rows under `thread`, open or closed; returns how many. Raises KeyError for an answer to nothing.

    What its writer took back here is left out, and what answers it stands by itself.
    """
    return len(write(thread=thread, rows=rows))


@transaction.atomic
def write(*, thread: Thread, rows: Iterable[Row]) -> dict[str, Comment]:
    """The same; returns the comments by the keys of their rows."""
    listed = list(rows)
    keys: set[str] = set()
    for row in listed:
        if row.to and row.to not in keys:
            raise KeyError(row.to)
        keys.add(row.key)
    decisions.lock(*(addresses.mailbox_key(row.email) for row in listed if row.email and row.state == State.SPAM))
    locked = threads.lock(thread.pk)
    written: dict[str, Comment] = {}
    gone = _gone(thread, listed)
    for row in listed:
        if row.key not in gone:
            written[row.key] = _write(locked, row, written.get(row.to))
    threads.recount(locked)
    return written


@transaction.atomic
def take_back(*, thread: Thread, comments: Iterable[int]) -> list[int]:
    """Take comments that were brought in away again, by their ids; returns those that stay.

    What somebody decided, edited or answered stays, and so does what such an answer hangs on.
    """
    locked = threads.lock(thread.pk)
    untouched = Comment.objects.filter(pk__in=list(comments), thread=locked, source=Comment.Source.IMPORT,
                                       decided_by=None, edited_at=None, hidden_at=None, reports=None)  # fmt: skip
    going = set(untouched.values_list("pk", flat=True))
    held = set(Comment.objects.filter(parent__in=going).exclude(pk__in=going).values_list("parent", flat=True))
    gone = Comment.objects.filter(pk__in=going - held)
    gone.exclude(parent=None).delete()
    gone.delete()
    threads.recount(locked)
    return list(Comment.objects.filter(pk__in=list(comments)).values_list("pk", flat=True))


def _gone(thread: Thread, rows: list[Row]) -> set[str]:
    """The keys of those that must not be brought back (core/tombstones.py)."""
    gone = set()
    for row in rows:
        if row.email:
            which = posting.which_of(text.digest(text.tidy(row.body)))
            mine = [addresses.mailbox_key(row.email)]
            found = tombstones.barred(kind=posting.KIND, subjects=mine, scope=thread.statement_id, which=which)
            gone |= {row.key} if found else set()
    return gone


def _write(thread: Thread, row: Row, parent: Comment | None) -> Comment:
    body, email = text.tidy(row.body), mailboxes.tidied(row.email)
    decided = row.state in {State.SPAM, State.BINNED}
    times: dict[str, Any] = {
        "created_at": row.written_at,
        "confirmed_at": row.written_at,
        "published_at": row.written_at if row.state == State.PUBLISHED else None,
        "decided_at": row.written_at if decided else None,
    }
    comment = Comment.objects.create(
        thread=thread,
        source=Comment.Source.IMPORT,
        parent=parent and (parent.parent or parent),
        author_name=row.name,
        author_email=email,
        body=body,
        words_digest=text.digest(body),
        state=row.state,
        is_organiser=row.is_organiser,
        decided_reason=row.reason if decided else "",
        held_reason=row.reason if row.state == State.WAITING else "",
        **times,
    )
    if row.state == State.SPAM:
        moderation.distrust(comment)
    return comment
