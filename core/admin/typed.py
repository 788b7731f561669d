"""What a form of the desk would post: as it was opened, as it stands now, and as somebody typed it.

All are the same kind of value, lists of texts by the names of the inputs, so that they can be compared, kept as a
draft, and put back into a form.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core import signing
from django.db.models import Model
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.difference import difference, difference_of_lines
from core.richtext import clean_html

OPENED = "_opened"  # the hidden input that says how the row stood when the form was opened
SALT = "core.admin.typed"
Posted = dict[str, list[str]]
# What has words that can stand side by side, so that "both" makes sense.
PROSE = (forms.Textarea, forms.TextInput)
NO_PROSE = (forms.EmailField, forms.URLField, forms.SlugField, forms.IntegerField, forms.DateField, forms.TimeField)


class NoStamp(Exception):
    """The form does not say how the row stood when it was opened, or what it says is not ours."""


def shown(form: forms.BaseForm) -> Posted:
    """What an unbound form would post if nobody changed anything. Files and passwords are never told."""
    posted: Posted = {}
    for bound in form:
        if not bound.field.disabled:
            posted |= _posted(bound.field.widget, bound.html_name, bound.value())
    return posted


def stamp(posted: Posted) -> str:
    """The same as text for a hidden input, which only this site can make."""
    return signing.dumps(posted, salt=SALT, compress=True)


def read_stamp(stamped: str) -> Posted:
    """What `stamp` was given. Raises NoStamp."""
    try:
        return signing.loads(stamped, salt=SALT)
    except signing.BadSignature as error:
        raise NoStamp from error


def typed(form: forms.BaseForm, data: QueryDict) -> Posted:
    """What of `data` belongs to the form's fields; no files, no passwords, nothing of the page's own."""
    names = [name for bound in form for name in names_of(bound)]
    return {name: data.getlist(name) for name in names if name in data}


def initial(form: forms.BaseForm, posted: Mapping[str, list[str]]) -> dict[str, Any]:
    """`posted` as initial values of an unbound form; a field that it does not know is left out, a box is unticked."""
    data = QueryDict(mutable=True)
    for name, values in posted.items():
        data.setlist(name, values)
    known = [bound for bound in form if is_box(bound) or set(names_of(bound)) & posted.keys()]
    return {bound.name: bound.field.widget.value_from_datadict(data, {}, bound.html_name) for bound in known}


def names_of(bound: BoundField) -> list[str]:
    """The names of a field's inputs; none for what is a secret or a file."""
    return list(_names(bound.field.widget, bound.html_name))


def is_box(bound: BoundField) -> bool:
    """Whether nothing posted means "no"."""
    return isinstance(bound.field.widget, forms.CheckboxInput)


def same(bound: BoundField, one: Posted, other: Posted) -> bool:
    """Whether two posts say the same in this field."""
    return _plain(bound, one) == _plain(bound, other)


def said(bound: BoundField, posted: Posted) -> str:
    """What a post says in this field, as text for people; rich text stays HTML."""
    values = [value for name in names_of(bound) for value in posted.get(name, [])]
    if is_box(bound):
        return _("Yes") if values else _("No")
    if isinstance(bound.field, forms.ModelChoiceField):
        chosen = _chosen(bound.field, values)
        return ", ".join(map(str, chosen)) or "–"
    choices = dict(getattr(bound.field, "choices", ()))
    return " ".join(str(choices.get(value, value)) for value in values if value) or "–"


def is_rich(bound: BoundField) -> bool:
    """Whether the field holds HTML."""
    return hasattr(bound.field, "sanitize")


def changed(bound: BoundField, was: Posted, now: Posted) -> SafeString:
    """The difference in this field as HTML: <del> and <ins>."""
    old, new = ("" if text == "–" else text for text in (said(bound, was), said(bound, now)))
    return difference(old, new) if is_rich(bound) else difference_of_lines(old, new)


def takes_both(bound: BoundField) -> bool:
    """Whether the words of two people can stand in it one after the other."""
    widget = _inner(bound.field.widget)
    return isinstance(widget, PROSE) and not isinstance(bound.field, NO_PROSE)


def both(bound: BoundField, one: Posted, other: Posted) -> Posted:
    """The words of one and of the other, to be tidied up by a person."""
    name = bound.html_name
    between = "" if is_rich(bound) else "\n\n" if isinstance(_inner(bound.field.widget), forms.Textarea) else " / "
    return {name: [between.join(text for text in (_first(one, name), _first(other, name)) if text)]}


def _first(posted: Posted, name: str) -> str:
    return next(iter(posted.get(name, [])), "")


def _plain(bound: BoundField, posted: Posted) -> list[tuple[str, list[str]]]:
    """The values without what browsers and editors change by themselves: line ends, white space, empty markup."""
    tidy = clean_html if is_rich(bound) else str
    found = [
        (name, [tidy(value.replace("\r\n", "\n")).strip() for value in posted.get(name, [])])
        for name in names_of(bound)
    ]
    return [(name, sorted(value for value in values if value)) for name, values in found]


def _chosen(field: forms.ModelChoiceField, values: list[str]) -> list[Model]:
    key = field.to_field_name or "pk"
    numbers = [value for value in values if value]
    try:
        return list(field.queryset.filter(**{f"{key}__in": numbers})) if field.queryset is not None else []
    except (ValueError, TypeError):
        return []


def _inner(widget: forms.Widget) -> forms.Widget:
    """The widget inside the one that puts links beside it."""
    return getattr(widget, "widget", widget)


def _parts(widget: forms.MultiWidget) -> list[tuple[forms.Widget, str]]:
    """Its widgets, and what each adds to the name."""
    suffixes: list[str] = widget.widgets_names  # type: ignore[attr-defined]  # the stubs leave it out
    return list(zip(widget.widgets, suffixes, strict=True))


def _names(widget: forms.Widget, name: str) -> Iterator[str]:
    widget = _inner(widget)
    if isinstance(widget, forms.MultiWidget):
        for part, suffix in _parts(widget):
            yield from _names(part, name + suffix)
    elif not isinstance(widget, (forms.FileInput, forms.PasswordInput)) and not getattr(widget, "read_only", False):
        yield name


def _posted(widget: forms.Widget, name: str, value: Any) -> Posted:
    widget = _inner(widget)
    if isinstance(widget, forms.MultiWidget):
        values = value if isinstance(value, (list, tuple)) else widget.decompress(value)
        posted: Posted = {}
        for (part, suffix), one in zip(_parts(widget), values or (), strict=True):
            posted |= _posted(part, name + suffix, one)
        return posted
    if not list(_names(widget, name)):
        return {}
    if isinstance(widget, forms.CheckboxInput):
        return {name: ["on"]} if widget.check_test(value) else {}
    formatted = widget.format_value(value)
    values = formatted if isinstance(formatted, (list, tuple)) else [formatted]
    return {name: ["" if one is None else str(one) for one in values]}
