"""The public pages of a thread. Every list is bounded, and no page counts rows."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from markupsafe import Markup

from comments import rules, text, threads
from comments.forms import CommentForm
from comments.models import Comment, Thread
from core import components, identity
from core.paging import Page, after, first
from core.speed import links
from core.speed.prepared import Prepared, run
from petitions.models import Statement
from petitions.travel import structured_data

REPLIES_SHOWN = 20
# What everybody reads of a comment; the address it came from and the rest stay in the database.
READ = ("parent", "author_name", "body", "state", "is_organiser", "created_at", "hidden_at", "edited_at")
IN_STRUCTURED_DATA = 20


@dataclass
class Shown:
    """A comment as a page shows it, with its first answers and how many more there may be."""

    comment: Comment
    replies: list["Shown"]
    has_more: bool = False

    @property
    def html(self) -> Markup:
        """Its words as paragraphs, quotations and lists."""
        return text.html(self.comment.body)


def context(look: threads.Look, request: HttpRequest, *, at: Comment | None = None) -> dict[str, Any]:
    """Everything that a page about a thread shows: the form, and the comments from `at` on."""
    thread, state = look.thread, look.state
    in_force = rules.of(thread, look.site_rules)
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
        "removed": False,
    }


def section(statement: Statement, article: dict[str, Any] | None, site: dict[str, Any]) -> Markup:
    """The thread as a part of the statement's page, which is kept for everybody: its first comments, and the form.

    `article` is what machines are told of the statement (petitions/travel/structured_data.py); the comments are told
    with it.
    """
    request = HttpRequest()
    request.path = links.path("comments", statement.slug)
    found = context(threads.look(statement), request)
    published, state = found["thread"].published, found["state"]
    data = structured_data.script(as_data(statement, published, found["comments"], article)) if article else ""
    return components.draw(
        "comments",
        site,
        structured_data=data,
        heading=heading(published, state == "open"),
        takes_replies=found["rules"].takes_replies,
        **{name: found[name] for name in ("statement", "thread", "state", "comments", "next_url", "form")},
    )


def listed(thread: Thread, request: HttpRequest, in_force: rules.InForce, at: Comment | None) -> Page:
    """One page of top-level comments, each with its first answers, in two queries."""
    if at is not None:
        request = _starting_at(at, request.path, newest_first=in_force.newest_first)
    order = ("-created_at", "-id") if in_force.newest_first else ("created_at", "id")
    size = in_force.per_page
    if request.GET.get("after"):
        page = after(Comment.objects.roots().filter(thread=thread), request, order=order, size=size)
    else:
        page = first(_first(order, size + 1)(thread.pk), request, order=order, size=size)
    return Page(rows=_with_replies(page.rows), next_url=page.next_url, first_url=page.first_url)


def _starting_at(comment: Comment, path: str, *, newest_first: bool = False, **query: int) -> HttpRequest:
    """The page that begins with `comment`."""
    request = HttpRequest()
    before = comment.pk + (1 if newest_first else -1)
    request.path = path
    request.GET = QueryDict(urlencode({**query, "after": f"{comment.created_at.isoformat()}~{before}"}))
    return request


def stands_beside(reply: Comment) -> bool:
    """Whether the page that shows what `reply` answers shows it too, among the first answers."""
    earlier = Q(created_at__lt=reply.created_at) | Q(created_at=reply.created_at, pk__lt=reply.pk)
    before = Comment.objects.visible().filter(earlier, parent=reply.parent).order_by("created_at", "id")
    return len(before.values_list("pk")[:REPLIES_SHOWN]) < REPLIES_SHOWN


def _with_replies(roots: list[Comment]) -> list[Shown]:
    if not roots:
        return []
    ids = [root.pk for root in roots]
    found: dict[int | None, list[Shown]] = {pk: [] for pk in ids}
    for reply in _replies(ids):
        found[reply.parent_id].append(Shown(reply, []))
    return [Shown(root, found[root.pk][:REPLIES_SHOWN], len(found[root.pk]) > REPLIES_SHOWN) for root in roots]


@lru_cache(maxsize=20)
def _first(order: tuple[str, str], most: int) -> Prepared:
    """The first top-level comments in the thread of that id, in that order."""
    roots = Comment.objects.roots()
    return Prepared(lambda thread: roots.filter(thread=thread).only(*READ).order_by(*order)[:most], int)


# By their ids, and not in one query with what they answer: PostgreSQL then looks up the answers of these and no others,
# even when it knows nothing yet of a table that grew by thousands a moment ago.
def _replies(roots: list[int]) -> list[Comment]:
    return [Comment.from_db("default", _COLUMNS, row) for row in run(_REPLIES, [roots, REPLIES_SHOWN + 1])]


_COLUMNS = [field.attname for field in Comment._meta.concrete_fields if field.name in {"id", *READ}]
_REPLIES = f"""
SELECT {", ".join(_COLUMNS)} FROM (
    SELECT *, row_number() OVER (PARTITION BY parent_id ORDER BY created_at, id) AS place
    FROM comments_comment WHERE parent_id = ANY(%s::bigint[]) AND state = 'published' AND hidden_at IS NULL
) reply WHERE place <= %s ORDER BY created_at, id
"""


def answers_to(top: Comment, request: HttpRequest, in_force: rules.InForce, at: Comment | None = None) -> Page:
    """One page of the answers to `top`, from the answer `at` on if there is one."""
    if at is not None:
        request = _starting_at(at, request.path, to=top.pk)
    replies = Comment.objects.visible().filter(parent=top)
    page = after(replies, request, order=("created_at", "id"), size=in_force.per_page)
    return Page(rows=[Shown(reply, []) for reply in page.rows], next_url=page.next_url, first_url=page.first_url)


def heading(number: int, is_open: bool) -> str:
    """The words above a thread."""
    if not number:
        return _("No comments yet. Say why this matters to you.") if is_open else _("No comments")
    return _("Comments (%(number)s)") % {"number": f"{number:,}"}


def as_data(
    statement: Statement, number: int, comments: list[Shown], article: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The `article`, or else only what it is called, with the comments on this page (schema.org)."""
    address = identity.origin() + statement.get_absolute_url()
    shown = [answer for one in comments for answer in (one, *one.replies) if answer.comment.is_visible]
    named = {"@type": "Article", "@id": address, "headline": statement.title, "mainEntityOfPage": address}
    some = [_as_data(one.comment, address) for one in shown[:IN_STRUCTURED_DATA]]
    return {**named, **(article or {}), "commentCount": number if some else 0, "comment": some}


def _as_data(comment: Comment, address: str) -> dict[str, Any]:
    data = {
        "@type": "Comment",
        "@id": f"{address}#comment-{comment.pk}",
        "text": comment.body,
        "datePublished": comment.created_at.isoformat(timespec="seconds"),
        "author": {"@type": "Organization" if comment.is_organiser else "Person", "name": comment.author_name},
    }
    return {**data, "parentItem": {"@id": f"{address}#comment-{comment.parent_id}"}} if comment.parent_id else data
