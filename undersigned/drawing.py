"""What public pages and their parts (core/components.py) may ask of each app, where no app knows of the other."""

from typing import Any

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from comments import pages as comments
from comments import threads, voices
from core import components
from organisations import wall
from organisations.models import Endorsement, Organisation
from petitions.models import Statement
from petitions.travel import structured_data


def environment(**options: Any) -> Environment:
    """The Jinja2 of settings.TEMPLATES."""
    made = components.environment(**options)
    made.globals |= {"trail": trail, "endorsers": endorsers, "comment_thread": comment_thread}
    made.globals |= {"takes_comments": takes_comments, "heading": heading, "comments_as_data": comments_as_data}
    made.globals |= {"publisher": publisher, "chosen_voices": chosen_voices}
    made.filters["initials"] = initials
    return made


def trail(statement: Statement) -> str:
    """Breadcrumbs of the pages under this statement, as structured data."""
    return structured_data.script(structured_data.trail(statement))


@pass_context
def endorsers(context: Context, statement: Statement) -> Markup:
    """The wall of organisations on the statement's page."""
    return wall.section(statement, context["site"])


@pass_context
def comment_thread(context: Context, statement: Statement, article: dict[str, Any] | None) -> Markup:
    """The comments on the statement's page, with the structured data of the statement."""
    return comments.section(statement, article, context["site"])


@pass_context
def chosen_voices(context: Context, statement: Statement) -> Markup:
    """The comments that the campaigner chose to stand near the form."""
    return voices.section(statement, context["site"])


def heading(number: int, state: str) -> str:
    """`18 comments`, `1 comment`, `No comments yet. Say why …`; the last only where one can."""
    return comments.heading(number, state == "open")


def comments_as_data(statement: Statement, number: int, shown: list[comments.Shown]) -> str:
    """Structured data of the comments on this page (schema.org, JSON-LD)."""
    return structured_data.script(comments.as_data(statement, number, shown))


def publisher() -> str:
    """Who publishes here, for machines."""
    return structured_data.script(structured_data.publisher())


def initials(named: Organisation | Endorsement) -> str:
    """Two letters for an organisation without a logo."""
    return wall.initials(named.name)


def takes_comments(statement: Statement) -> bool:
    """Whether one can write under it now."""
    return threads.look(statement).state == "open"
