"""The wall of organisations on the statement's page, which may not import this app."""

from typing import Any

from django import template

from organisations import wall
from organisations.models import Organisation
from petitions.models import Statement

register = template.Library()


@register.inclusion_tag("organisations/wall.html")
def endorsers(statement: Statement) -> dict[str, Any]:
    """`{% endorsers statement %}`: the first supporters, and the way to add one's own."""
    return {"statement": statement, "wall": wall.wall(statement)}


@register.filter
def initials(organisation: Organisation) -> str:
    """Two letters for a tile without a logo: those of the first two words that matter."""
    words = [word for word in organisation.name.replace("’", "").split() if word[0].isalnum()]
    big = [word for word in words if word.casefold() not in {"the", "of", "and", "for", "in", "a", "y"}]
    return "".join(word[0] for word in (big or words)[:2]).upper()
