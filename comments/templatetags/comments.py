"""The thread as a part of the statement's page, which may not import it."""

from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from comments import pages, threads
from comments.consent import SENTENCE
from petitions import linked
from petitions.models import Statement

register = template.Library()
TOLD = 20


@register.inclusion_tag("comments/thread_section.html")
def comment_thread(statement: Statement, article: dict[str, Any] | str = "") -> dict[str, Any]:
    """The first page of the thread, and the form. It looks at no request, because the page is kept for everybody.

    `article` is what machines are told of the statement (petitions/linked.py); the comments are told with it.
    """
    request = HttpRequest()
    request.path = reverse("comments", args=[statement.slug])
    return {**pages.context(threads.of(statement), request), "article": article}


@register.filter
def heading(number: int, state: str) -> str:
    """`18 comments`, `1 comment`, `No comments yet. Say why …`; the last only where one can."""
    return pages.heading(number, state == "open")


@register.simple_tag
def consent_sentence() -> str:
    """What a writer agrees to."""
    return SENTENCE


@register.simple_tag
def comments_as_data(
    statement: Statement, number: int, comments: list[pages.Shown], article: dict[str, Any] | str = ""
) -> SafeString:
    """The `article`, or else only what it is called, with the comments on this page (schema.org, JSON-LD)."""
    address = settings.ORIGIN + statement.get_absolute_url()
    shown = [answer for one in comments for answer in (one, *one.replies) if answer.comment.is_visible]
    named = {"@type": "Article", "@id": address, "headline": statement.title, "mainEntityOfPage": address}
    told = [_as_data(one, address) for one in shown[:TOLD]]
    return linked.script({**named, **(article or {}), "commentCount": number if told else 0, "comment": told})


def _as_data(shown: pages.Shown, address: str) -> dict[str, Any]:
    comment = shown.comment
    data = {
        "@type": "Comment",
        "@id": f"{address}#comment-{comment.pk}",
        "text": comment.body,
        "datePublished": comment.created_at.isoformat(timespec="seconds"),
        "author": {"@type": "Organization" if comment.is_organiser else "Person", "name": comment.author_name},
    }
    return {**data, "parentItem": {"@id": f"{address}#comment-{comment.parent_id}"}} if comment.parent_id else data
