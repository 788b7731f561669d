"""Public pages and the parts that they are built of: Jinja2, because one page draws a hundred of them, and Django's own
engine takes ten times as long for each. Mails, the admin and the boxes of forms are Django's own templates.

`component("paper", statement=…)` draws templates/components/paper.jinja. The first line of a component says what it
takes, `{# takes: statement, version, level=2 #}`, and anything else is an error: a part that is misspelt must not
quietly stay empty.
"""

import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from django.forms import BaseForm, BoundField
from django.template import engines
from django.template.defaultfilters import striptags, urlize
from django.template.loader import get_template
from django.utils import dateformat, formats, html, timezone, translation
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from jinja2 import BaseLoader, Environment, StrictUndefined, Template, TemplateNotFound, Undefined, pass_context
from jinja2.runtime import Context, Macro
from markupsafe import Markup

from core.forms import TRAP, is_checkbox
from core.period import until
from core.speed import links

_TAKES = re.compile(r"\A\{# takes:(.*?)#\}")
NOTICES = {"plain", "done", "warning"}
MONTHS = "January February March April May June July August September October November December".split()


class Misspelt(ValueError):
    """A part of a page that is asked for with what it does not take, or without what it needs."""


@dataclass(frozen=True)
class Declared:
    """The parameters of a component: required names, and optional names with their defaults."""

    needed: frozenset[str]
    defaults: dict[str, str]

    @classmethod
    def by(cls, source: str, name: str) -> "Declared":
        """Read the first line of a component's source. Raises Misspelt when it declares nothing."""
        found = _TAKES.match(source)
        if found is None:
            raise Misspelt(f"components/{name}.jinja must begin with {{# takes: … #}}")
        parts = [part.strip() for part in found[1].split(",") if part.strip()]
        pairs = [part.partition("=") for part in parts]
        needed = frozenset(key for key, equals, _ in pairs if not equals)
        return cls(needed=needed, defaults={key: value for key, equals, value in pairs if equals})

    def check(self, name: str, given: Set[str]) -> None:
        """Raise Misspelt unless everything needed is given, and nothing unknown."""
        if missing := self.needed - given:
            raise Misspelt(f"component {name} needs {', '.join(sorted(missing))}")
        if unknown := given - self.needed - self.defaults.keys():
            raise Misspelt(f"component {name} does not take {', '.join(sorted(unknown))}")


def _house() -> Environment:
    return engines["jinja2"].env  # type: ignore[attr-defined]  # of Jinja2's backend; the stubs say any backend


def declared(name: str) -> Declared:
    """The parameters of the component of that name. Raises Misspelt, or jinja2.TemplateNotFound."""
    return _known(_house(), name)[1]


def draw(name: str, site: Mapping[str, Any], **given: Any) -> Markup:
    """Render the component with its arguments and the `site` of core.http.site; it sees nothing else of the page.

    Raises Misspelt for what it does not take, jinja2.UndefinedError for a name that nothing stands behind.
    """
    template, takes = _known(_house(), name)
    takes.check(name, given.keys())
    # Jinja2 escaped whatever was put in.
    return Markup(template.render({"site": site, **takes.defaults, **given}))


@lru_cache(maxsize=200)
def _known(environment: Environment, name: str) -> tuple[Template, Declared]:
    path = f"components/{name}.jinja"
    if environment.loader is None:
        raise TemplateNotFound(path)
    source = environment.loader.get_source(environment, path)[0]
    template = environment.get_template(path)
    # Whoever draws copies them, and a ChainMap takes longer to copy than most components to draw.
    template.globals = dict(template.globals)
    return template, Declared.by(source, name)


@pass_context
def component(context: Context, name: str, /, **given: Any) -> Markup:
    """A component within another."""
    return draw(name, context["site"], **given)


def notice(kind: str = "plain", *, caller: Macro) -> Markup:
    """A notice that is plain, done or warning; `caller` draws its words, which carry the meaning, not the edge.

    In a component: `{% call notice("warning") %}…{% endcall %}`.
    """
    if kind not in NOTICES:
        raise Misspelt(f"there is no {kind} notice")
    return Markup('<div class="notice notice-{}">{}</div>').format(kind, caller())


def grouped(number: int) -> str:
    """`1,284`."""
    return f"{number:,}"


def cut(text: str, most: int) -> str:
    """At most so many characters; `…` marks what is left out."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def capfirst(text: str) -> str:
    """With a capital at the beginning, and the rest as it is."""
    return text[:1].upper() + text[1:]


def said(time: date, pattern: str) -> str:
    """The day or time as it is, by whatever clock; `pattern` as Django's dates have it."""
    return dateformat.format(time, pattern)


def dated(time: date | None, pattern: str) -> str:
    """The day or time by the site's clocks in the reader's language, as Django's `date` filter has it."""
    if time is None:
        return ""
    return formats.date_format(_local(time) if isinstance(time, datetime) else time, pattern)


def _local(time: datetime) -> datetime:
    return time.astimezone(timezone.get_default_timezone())


def day(time: datetime) -> str:
    """The day by the site's clocks, such as `5 June 2026`."""
    local = _local(time)
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}"


def minute(time: datetime) -> str:
    """The day and time by the site's clocks, such as `5 June 2026, 09:30`."""
    local = _local(time)
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}, {local.hour:02}:{local.minute:02}"


def iso(time: datetime | None) -> str:
    """`time` for machines, such as `2026-10-17T12:00:00+01:00`: HTML takes no more than three digits of a second."""
    return _local(time).isoformat(timespec="seconds") if time else ""


def nbsp(text: str) -> str:
    """`text` that stays on one line, such as a time of day."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def shielded(address: str) -> Markup:
    """An e-mail address as people read and copy it, and as machines that collect addresses do not.

    What they would read has words in it that no browser shows and no screen reader says. A link to it leads by way of
    `publishers.views.write`.
    """
    name, _at, domain = address.partition("@")
    return Markup("{}<span hidden>.not-this</span>@<span hidden>nowhere.</span>{}").format(name, domain)


def problems(form: BaseForm) -> list[tuple[str, str]]:
    """`(id of the field, message)` for every error of a form, in the order of its fields, general ones first."""
    general = [("", str(message)) for message in form.non_field_errors()]
    return general + [(_target(field), str(message)) for field in form for message in field.errors]


def _target(field: BoundField) -> str:
    """The id that a link must name to bring the reader to the field; of several radio buttons the first."""
    return field.id_for_label or (field.subwidgets[0].id_for_label if field.subwidgets else field.auto_id)


def typed(form: BaseForm) -> list[tuple[str, str]]:
    """`(label, text)` of each field of a form that could not be accepted, so that nothing typed is lost."""
    fields = (field for field in form.visible_fields() if field.html_name != TRAP)
    return [(str(field.label), str(field.value())) for field in fields if field.value() and not is_checkbox(field)]


def box(field: BoundField) -> SafeString:
    """One field of a form with its label, its help and what is wrong with it, as crispy-forms draws it."""
    return _boxes().render({"field": field})


@cache
def _boxes() -> Any:
    """Looked up once: a form draws a dozen."""
    return get_template("forms/field.html")


def _words(value: Any) -> Any:
    """What stands in double braces. Raises Misspelt for a method that nobody called, which Django's engine calls."""
    if callable(value) and not isinstance(value, Undefined):
        raise Misspelt(f"{value!r} is to be called")
    return value


class JinjaOnly(BaseLoader):
    """Finds what ends in .jinja and leaves the rest to Django's engine, so that a name says which engine draws it."""

    def __init__(self, files: BaseLoader) -> None:
        self._files = files

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        """As Jinja2 asks for it. Raises TemplateNotFound."""
        if not template.endswith(".jinja"):
            raise TemplateNotFound(template)
        return self._files.get_source(environment, template)


def linebreaks(text: str) -> Markup:
    """Plain text of several lines as paragraphs, escaped."""
    return Markup(html.linebreaks(text, autoescape=True))


def environment(*, loader: BaseLoader, **options: Any) -> Environment:
    """The Jinja2 environment; `undersigned.drawing` adds what the other apps draw."""
    options |= {"undefined": StrictUndefined, "finalize": _words, "trim_blocks": True, "lstrip_blocks": True}
    options |= {"loader": JinjaOnly(loader), "extensions": ["jinja2.ext.i18n"]}
    made = Environment(**options)  # noqa: S701 - Django's engine turns autoescape on
    # The newer style escapes what is filled into a sentence, and not the sentence.
    made.install_gettext_callables(  # type: ignore[attr-defined]  # jinja2.ext.i18n adds it
        translation.gettext, translation.ngettext, newstyle=True,
        pgettext=translation.pgettext, npgettext=translation.npgettext,
    )  # fmt: skip
    made.globals |= {
        "box": box,
        "component": component,
        "notice": notice,
        "static": links.file,
        "url": links.path,
        "urlencode": urlencode,
    }
    ours = [
        capfirst,
        cut,
        day,
        grouped,
        iso,
        linebreaks,
        minute,
        nbsp,
        problems,
        said,
        shielded,
        typed,
        until,
    ]
    filters = [*ours, until, striptags, urlize]
    made.filters |= {"date": dated, "forceescape": html.escape, **{function.__name__: function for function in filters}}
    return made
