"""Template tags of this app."""

from django import template

from organisations import wall
from organisations.models import Endorsement, Organisation

register = template.Library()


@register.filter
def initials(named: Organisation | Endorsement) -> str:
    """Two letters for an organisation without a logo."""
    return wall.initials(named.name)
