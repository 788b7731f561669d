"""The thread for feed readers (Atom, RFC 4287): what was published last, in the order it was."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from comments import text
from comments.models import Comment, Thread
from comments.views import shown
from core import identity, items
from core.items import Feed
from core.speed import kept
from core.text import tidying
from petitions.statements import finding
from petitions.statements.models import Statement

NEWEST = 20


@require_safe
def atom(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest comments; away while the thread or its statement is."""
    try:
        return kept.keep(
            request,
            key=f"comment-feed.{slug}",
            stamp=lambda: finding.stamp(slug),
            render=lambda: _write(shown(finding.find(slug)).thread),
            content_type="application/atom+xml; charset=utf-8",
        )
    except finding.Http404:
        return finding.missing(request, slug)


def _write(thread: Thread) -> str:
    """Addresses are built from the configured origin: a feed is kept, and no request may write its own into it."""
    statement = thread.statement
    page = identity.origin() + reverse("comments", args=[statement.slug])
    feed = Feed(
        title=tidying.line(f"Comments: {statement.title}"),
        link=page,
        description=tidying.line(statement.summary),
        language=statement.language,
        author_name=statement.who.name,
        feed_url=identity.origin() + reverse("comment_feed", args=[statement.slug]),
        feed_guid=statement.urn("comments"),
    )
    items.each(_newest(thread), lambda comment: _add(feed, statement, comment))
    return feed.writeString("utf-8")


def _add(feed: Feed, statement: Statement, comment: Comment) -> None:
    feed.add_item(
        title=f"{comment.author_name} says",
        link=identity.origin() + comment.get_absolute_url(),
        description=text.html(comment.body),
        author_name=comment.author_name,
        pubdate=comment.published_at,
        updateddate=comment.edited_at or comment.published_at,
        unique_id=statement.urn(f"comment {comment.pk}"),
    )


def _newest(thread: Thread) -> list[Comment]:
    found = Comment.objects.visible().filter(thread=thread).select_related("parent").order_by("-published_at", "-id")
    newest = list(found[:NEWEST])
    for comment in newest:
        comment.thread = thread
    return newest
