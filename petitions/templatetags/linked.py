"""What machines are told about a page (schema.org, JSON-LD): data, which no policy takes for a script."""

from django import template
from django.utils.safestring import SafeString

from petitions import linked
from petitions.models import Statement

register = template.Library()


@register.simple_tag
def trail(statement: Statement) -> SafeString:
    """The way from the home page to what stands under this statement."""
    return linked.script(linked.trail(statement))


@register.simple_tag
def publisher() -> SafeString:
    """Who publishes here."""
    return linked.script(linked.publisher())
