"""What the components (core/components.py) may ask of each app, where no app knows of the other."""

from typing import Any

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from comments import pages as comments
from comments import threads
from core import components
from organisations import wall
from petitions.models import Statement
from petitions.travel import structured_data


def environment(**options: Any) -> Environment:
    """The Jinja2 of settings.TEMPLATES."""
    made = components.environment(**options)
    made.globals |= {"trail": trail, "endorsers": endorsers, "comment_thread": comment_thread}
    made.globals |= {"takes_comments": takes_comments}
    return made


def trail(statement: Statement) -> str:
    """The way from the home page to what stands under this statement, for machines."""
    return structured_data.script(structured_data.trail(statement))


@pass_context
def endorsers(context: Context, statement: Statement) -> Markup:
    """The wall of organisations on the statement's page."""
    return wall.section(statement, context["site"])


@pass_context
def comment_thread(context: Context, statement: Statement, article: dict[str, Any] | None) -> Markup:
    """The comments on the statement's page. What machines are told of the statement is told with them."""
    return comments.section(statement, article, context["site"])


def takes_comments(statement: Statement) -> bool:
    """Whether one can write under it now."""
    return threads.of(statement).state_now == "open"
