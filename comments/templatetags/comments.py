"""What Django's templates ask of this app."""

from django import template
from django.utils.safestring import SafeString

from comments import pages
from petitions.models import Statement
from petitions.travel import structured_data

register = template.Library()


@register.filter
def heading(number: int, state: str) -> str:
    """`18 comments`, `1 comment`, `No comments yet. Say why …`; the last only where one can."""
    return pages.heading(number, state == "open")


@register.simple_tag
def comments_as_data(statement: Statement, number: int, comments: list[pages.Shown]) -> SafeString:
    """What machines are told of the comments on this page (schema.org, JSON-LD)."""
    return structured_data.script(pages.as_data(statement, number, comments))
