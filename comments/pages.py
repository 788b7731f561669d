"""What readers see of a thread. Every list is bounded, and no number is counted on the page."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, QueryDict
from django.utils.safestring import SafeString

from comments import rules, text
from comments.forms import CommentForm
from comments.models import Comment, Thread
from core.paging import Page, after

REPLIES_SHOWN = 20


@dataclass
class Shown:
    """A comment as a page shows it, with its first answers and how many more there may be."""

    comment: Comment
    replies: list["Shown"]
    has_more: bool = False

    @property
    def html(self) -> SafeString:
        """Its words as paragraphs, quotations and lists."""
        return text.html(self.comment.body)


def context(thread: Thread, request: HttpRequest, *, at: Comment | None = None) -> dict[str, Any]:
    """Everything that a page about `thread` (of `threads.of`) shows: the form, and the comments from `at` on."""
    in_force = rules.of(thread)
    state = thread.state_now
    page = listed(thread, request, in_force, at) if state != "hidden" else Page(rows=[], next_url=None, first_url=None)
    return {
        "thread": thread,
        "statement": thread.statement,
        "state": state,
        "rules": in_force,
        "comments": page.rows,
        "next_url": page.next_url,
        "first_url": page.first_url,
        "form": CommentForm(thread=thread, in_force=in_force),
    }


def listed(thread: Thread, request: HttpRequest, in_force: rules.InForce, at: Comment | None) -> Page:
    """One page of the comments that stand by themselves, each with its first answers, in two queries."""
    if at is not None:
        request = _starting_at(at, request.path, in_force)
    order = ("-created_at", "-id") if in_force.newest_first else ("created_at", "id")
    roots = Comment.objects.roots().filter(thread=thread)
    page = after(roots, request, order=order, size=in_force.per_page)
    return Page(rows=_with_replies(page.rows), next_url=page.next_url, first_url=page.first_url)


def _starting_at(comment: Comment, path: str, in_force: rules.InForce) -> HttpRequest:
    """As if somebody had come to the page that begins with `comment`."""
    request = HttpRequest()
    request.path, request.GET = path, QueryDict(mutable=True)
    before = comment.pk + (1 if in_force.newest_first else -1)
    request.GET["after"] = f"{comment.created_at.isoformat()}~{before}"
    return request


def _with_replies(roots: list[Comment]) -> list[Shown]:
    place = Window(RowNumber(), partition_by=F("parent"), order_by=["created_at", "id"])
    if not roots:
        return []
    replies = Comment.objects.visible().filter(parent__in=roots).annotate(place=place)
    found: dict[int, list[Shown]] = {root.pk: [] for root in roots}
    for reply in replies.filter(place__lte=REPLIES_SHOWN + 1).order_by("created_at", "id"):
        found[reply.parent_id].append(Shown(reply, []))
    return [Shown(root, found[root.pk][:REPLIES_SHOWN], len(found[root.pk]) > REPLIES_SHOWN) for root in roots]


def answers_to(top: Comment, request: HttpRequest, in_force: rules.InForce) -> Page:
    """One page of the answers to `top`."""
    replies = Comment.objects.visible().filter(parent=top)
    page = after(replies, request, order=("created_at", "id"), size=in_force.per_page)
    return Page(rows=[Shown(reply, []) for reply in page.rows], next_url=page.next_url, first_url=page.first_url)


def heading(number: int, is_open: bool) -> str:
    """The words above a thread."""
    if not number:
        return "No comments yet. Say why this matters to you." if is_open else "No comments"
    return f"{number:,} comment{'s' if number != 1 else ''}"
