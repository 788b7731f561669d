"""The threads of the demo: the closed one with its 18 comments, an open one with answers, and a queue."""

from typing import Any

from comments import importers, posting, rules, text, threads, voices
from comments.models import Comment, Thread
from seeds.people import mailbox
from seeds.world import Clock, read

ASKED = "asked"  # what its writer has not agreed to


def load(clock: Clock) -> int:
    """Write the threads that are still empty. Returns how many comments that was."""
    return sum(_fill(written, clock) for written in read("comments")["threads"])


def _fill(written: dict[str, Any], clock: Clock) -> int:
    thread = Thread.objects.select_related("statement").filter(statement__slug=written["statement"]).first()
    if thread is None or thread.comments.exists():
        return 0
    past = [one for one in written["comments"] if one.get("state") != ASKED]
    done = importers.load(thread=thread, rows=[_row(thread, one, clock) for one in past])
    for one in written["comments"]:
        if one not in past:
            posting.post(thread=thread, name=one["by"], email=_address(one), body=text.tidy(one["body"]))
            done += 1
    for one in past:
        if one.get("voice"):
            voices.choose(comment=thread.comments.get(author_name=one["by"]))
    if written["mode"] == Thread.Mode.CLOSED:
        closed_at = clock.ago(written["closed_days_ago"])
        threads.close(thread=thread, at=closed_at, message=written.get("closed_message", ""))
    return done


def _row(thread: Thread, one: dict[str, Any], clock: Clock) -> importers.Row:
    is_organiser = one.get("organiser", False)
    state = one.get("state", Comment.State.PUBLISHED)
    return importers.Row(
        key=one["key"],
        name=one["by"],
        body=one["body"],
        written_at=clock.ago(one["days_ago"]),
        email="" if is_organiser else _address(one),
        to=one.get("to", ""),
        state=state,
        is_organiser=is_organiser,
        reason=one.get("reason", "") or (_why(thread, one) if state == Comment.State.WAITING else ""),
    )


def _why(thread: Thread, one: dict[str, Any]) -> str:
    """What the site itself would have noted on a comment that waits."""
    found = rules.doubts(name=one["by"], body=one["body"], rules=rules.of(thread))
    return "; ".join([*found, "New here"])


def _address(one: dict[str, Any]) -> str:
    return f"{mailbox(one['by'])}@example.org"
