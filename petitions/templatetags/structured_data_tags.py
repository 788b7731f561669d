"""What machines are told about a page (schema.org, JSON-LD): data, which no policy takes for a script."""

from django import template
from django.utils.safestring import SafeString

from petitions.statements.models import Statement
from petitions.travel import structured_data

register = template.Library()


@register.simple_tag
def trail(statement: Statement) -> SafeString:
    """The way from the home page to what stands under this statement."""
    return structured_data.script(structured_data.trail(statement))


@register.simple_tag
def publisher() -> SafeString:
    """Who publishes here."""
    return structured_data.script(structured_data.publisher())
