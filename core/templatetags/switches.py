"""What is switched off, for templates."""

from django import template

from core import switches

register = template.Library()


@register.simple_tag
def switched_off() -> dict[str, str]:
    """`{% switched_off as off %}`: the public sentence of each switch that is off, by its name."""
    return switches.off()
