"""The parts that pages are built of.

`{% component "paper" statement=statement version=version %}` draws templates/components/paper.html. The first line of a
component says what it takes, `{# takes: statement, version, level=2 #}`, and anything else is an error when the page's
template is compiled: a part that is misspelt must not quietly stay empty.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser

from django import template
from django.forms import BaseForm, BoundField
from django.template import Context, Node, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.forms import TRAP

register = template.Library()

_TAKES = re.compile(r"\A\{# takes:(.*?)#\}")


@dataclass(frozen=True)
class Declared:
    """What a component takes: names it must be given, and names with what they are when not given."""

    needed: frozenset[str]
    defaults: dict[str, str]

    @classmethod
    def by(cls, source: str, name: str) -> "Declared":
        """Read the first line of a component's source. Raises TemplateSyntaxError when it declares nothing."""
        found = _TAKES.match(source)
        if found is None:
            raise TemplateSyntaxError(f"components/{name}.html must begin with {{# takes: … #}}")
        parts = [part.strip() for part in found[1].split(",") if part.strip()]
        pairs = [part.partition("=") for part in parts]
        needed = frozenset(key for key, equals, _ in pairs if not equals)
        return cls(needed=needed, defaults={key: value for key, equals, value in pairs if equals})

    def check(self, name: str, given: set[str]) -> None:
        """Raise TemplateSyntaxError unless everything needed is given, and nothing unknown."""
        if missing := self.needed - given:
            raise TemplateSyntaxError(f"component {name} needs {', '.join(sorted(missing))}")
        if unknown := given - self.needed - self.defaults.keys():
            raise TemplateSyntaxError(f"component {name} does not take {', '.join(sorted(unknown))}")


class ComponentNode(Node):
    """Draws a component with what it declared, and with the site's own facts; it sees nothing else of the page."""

    def __init__(self, name: str, given: dict[str, FilterExpression]) -> None:
        self.name, self.given = name, given

    def render(self, context: Context) -> SafeString:
        component = context.template.engine.get_template(f"components/{self.name}.html")
        declared = Declared.by(component.source, self.name)
        values = {key: value.resolve(context) for key, value in self.given.items()}
        return component.render(context.new({"site": context.get("site"), **declared.defaults, **values}))


@register.tag
def component(parser: Parser, token: Token) -> ComponentNode:
    """`{% component "name" key=value … %}`"""
    _, quoted, *bits = token.split_contents()
    name = quoted.strip("\"'")
    given = token_kwargs(bits, parser)
    if bits:
        raise TemplateSyntaxError(f"component {name} takes key=value only, not {' '.join(bits)}")
    source = template.engines["django"].engine.get_template(f"components/{name}.html").source
    Declared.by(source, name).check(name, set(given))
    return ComponentNode(name, given)


@register.simple_block_tag
def notice(content: str, kind: str = "plain") -> SafeString:
    """`{% notice "warning" %}…{% endnotice %}`: plain, done or warning; the words carry the meaning, not the edge."""
    if kind not in {"plain", "done", "warning"}:
        raise TemplateSyntaxError(f"there is no {kind} notice")
    return format_html('<div class="notice notice-{}">{}</div>', kind, content)


@register.filter
def problems(form: BaseForm) -> list[tuple[str, str]]:
    """`(id of the field, message)` for every error of a form, in the order of its fields, general ones first."""
    general = [("", message) for message in form.non_field_errors()]
    return general + [(_target(field), message) for field in form for message in field.errors]


def _target(field: BoundField) -> str:
    """The id that a link must name to bring the reader to the field; of several radio buttons the first."""
    return field.id_for_label or (field.subwidgets[0].id_for_label if field.subwidgets else field.auto_id)


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
    """`text` that stays on one line, such as a time of day."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


@register.filter(expects_localtime=True)
def iso(time: datetime | None) -> str:
    """`time` for machines, such as `2026-10-17T12:00:00+01:00`: HTML takes no more than three digits of a second."""
    return time.isoformat(timespec="seconds") if time else ""


@register.filter
def dressed(field: BoundField) -> SafeString:
    """The field's own element, in the house's class beside any it has."""
    own = field.field.widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"form-control {own}".strip()})


class _Blocks(HTMLParser):
    """Finds where the outermost blocks of rich text end, and how many words they hold up to there."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.depth = self.words = 0
        self.ends: list[tuple[int, int]] = []
        self.starts = [0]
        for line in html.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.depth += tag != "br"

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag != "br"
        if self.depth == 0:
            line, column = self.getpos()
            self.ends.append((self.starts[line - 1] + column + len(f"</{tag}>"), self.words))

    def handle_data(self, data: str) -> None:
        self.words += len(data.split())


@register.filter
def fold(html: str, words: int = 120) -> list[str]:
    """Rich text in one part or two, cut between blocks after about `words` words.

    A rest that is shorter than a third of `words` stays with the first part: nobody should press for two lines.
    """
    blocks = _Blocks(html)
    cut, read = next(((end, read) for end, read in blocks.ends if read >= words), (len(html), blocks.words))
    return [html[:cut], html[cut:]] if blocks.words - read >= words // 3 else [html]
