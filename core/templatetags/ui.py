"""What Django's templates, which are the pages, ask of the house: components, forms, times."""

from datetime import datetime
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.template import Context, Node, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.utils.safestring import SafeString
from markupsafe import Markup

from core import components
from core.forms import TRAP

register = template.Library()


class ComponentNode(Node):
    """Draws a component with what it declared, and with the site's own facts; it sees nothing else of the page."""

    def __init__(self, name: str, given: dict[str, FilterExpression]) -> None:
        self.name, self.given = name, given

    def render(self, context: Context) -> Markup:
        values: dict[str, Any] = {key: value.resolve(context) for key, value in self.given.items()}
        return components.draw(self.name, context.get("site"), **values)


@register.tag
def component(parser: Parser, token: Token) -> ComponentNode:
    """`{% component "name" key=value … %}`: templates/components/name.jinja (core/components.py)."""
    _, quoted, *bits = token.split_contents()
    name = quoted.strip("\"'")
    given = token_kwargs(bits, parser)
    if bits:
        raise TemplateSyntaxError(f"component {name} takes key=value only, not {' '.join(bits)}")
    try:
        components.declared(name).check(name, given.keys())
    except components.Misspelt as error:
        raise TemplateSyntaxError(str(error)) from error
    return ComponentNode(name, given)


@register.simple_block_tag
def notice(content: str, kind: str = "plain") -> Markup:
    """`{% notice "warning" %}…{% endnotice %}`: plain, done or warning; the words carry the meaning, not the edge."""
    return components.notice(kind, lambda: content)


@register.filter
def typed(form: BaseForm) -> list[tuple[str, str]]:
    """`(label, words)` of what a person typed into a form that could not be taken, so that nothing is lost."""
    fields = (field for field in form.visible_fields() if field.html_name != TRAP)
    return [(field.label, str(field.value())) for field in fields if field.value() and not is_checkbox(field)]


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Whether the field is a single box to tick."""
    return getattr(field.field.widget, "input_type", "") == "checkbox" and not field.use_fieldset


@register.filter
def nbsp(text: str) -> str:
    """As in components."""
    return components.nbsp(text)


@register.filter(expects_localtime=True)
def iso(time: datetime | None) -> str:
    """As in components, but by the clocks that `{% timezone %}` chose."""
    return time.isoformat(timespec="seconds") if time else ""


@register.filter
def dressed(field: BoundField) -> SafeString:
    """The field's own element, in the house's class beside any it has."""
    own = field.field.widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"form-control {own}".strip()})
