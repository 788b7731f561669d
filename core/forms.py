"""The house's public forms: one layout, fields for what people are called and where they read mail."""

from collections.abc import Container, Hashable, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from crispy_forms.utils import render_crispy_form
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core import mailboxes, naming, spam
from core.text import tidying
from core.typos import suggest_address

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Words
else:
    Words = str | Promise

__all__ = ["AddressField", "HouseForm", "NameField", "PersonNameField", "suggest_address"]

TRAP, STAMP = "website_2", "stamp"


class SharedFields(dict[str, forms.Field]):
    """A form class's fields, which a form takes as they are: copying them takes longer than checking what was typed.

    docs/decisions/0022 has the figure. Without SPEED each form has copies, as Django's have.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, forms.Field]:
        return dict(self) if settings.SPEED else deepcopy(dict(self), memo)


class HouseForm(forms.Form):
    """A public form: words above the box, errors where they belong, no cookie, and two quiet questions for robots.

    `scope` ties the form's stamp to what is posted, such as `sign.7`. After validation `flags` holds what a robot gave
    away: `honeypot`, `too_fast`, `forged_stamp`, and what is odd about a name (core/naming.py). Flags never make a form
    invalid.
    """

    use_required_attribute = False
    # Whether those that nobody has posted yet look the same to everybody; boxes with what one person gave are not kept.
    are_alike = True
    # What stands folded below the rest, and what is said there.
    folded: Container[str] = ()
    folded_words: Words = ""
    base_fields: ClassVar[dict[str, forms.Field]]
    _has_copies = False

    website_2 = forms.Field(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    stamp = forms.Field(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, scope: str, **kwargs: Any) -> None:
        if not isinstance(self.base_fields, SharedFields):
            type(self).base_fields = SharedFields(self.base_fields)
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.scope = scope
        self.fields |= {name: self.fields.pop(name) for name in (TRAP, STAMP)}  # the quiet ones come last
        if not self.is_bound:
            self.initial = {**self.initial, STAMP: spam.stamp(scope)}

    def _copy_fields(self) -> None:
        """Part with the class's fields before this form is drawn, because drawing dresses widgets.

        What is only posted and accepted is never drawn, and on the worst day that is nearly every form.
        """
        if not self._has_copies:
            self.fields, self._has_copies = deepcopy(dict(self.fields)), True
            self.fit()
            self._bound_fields_cache: dict[str, forms.BoundField] = {}

    @property
    def fitted_to(self) -> Hashable:
        """To what `fit` fits the boxes, so that forms which differ in it are drawn apart."""
        return None

    def fit(self) -> None:
        """Fit the form's own copies of its fields to what it is about; the class's are everybody's."""

    def __getitem__(self, name: str) -> forms.BoundField:
        if name in self.fields:  # a template that asks for form.errors tries this first
            self._copy_fields()
        return super().__getitem__(name)

    @property
    def drawn(self) -> SafeString:
        """All its fields in HTML; the page brings the form tag, the summary of errors and the button.

        An empty form looks the same to everybody, so its boxes are drawn once for each wording and shown again.
        """
        is_kept = settings.SPEED and self.are_alike and not self.is_bound
        return (self._boxes() if is_kept else _drawn_by_crispy(self)) + self._hidden()

    def _boxes(self) -> SafeString:
        wording = (type(self), self.auto_id, get_language(), self.fitted_to, *map(self._wording, self.fields))
        if wording not in _drawn:
            if len(_drawn) >= MOST_DRAWN:
                _drawn.clear()
            _drawn[wording] = _drawn_by_crispy(self)
        return _drawn[wording]

    def _wording(self, name: str) -> tuple[Hashable, ...]:
        field = self.fields[name]
        # The label itself, not its words: those of a lazy one are made anew each time that they are compared.
        words = (text if isinstance(text, str) else id(text) for text in (field.label, field.help_text))
        return name, *words, None if field.widget.is_hidden else self.initial.get(name)

    def _hidden(self) -> SafeString:
        """What the form carries and nobody sees."""
        names = [name for name, field in self.fields.items() if field.widget.is_hidden]
        if self.is_bound:
            carried = [(self.add_prefix(name), self[name].value()) for name in names]
        else:
            carried = [(self.add_prefix(name), self.initial.get(name)) for name in names]
        return format_html_join("\n", _HIDDEN, ((name, "" if value is None else value) for name, value in carried))

    def _clean_fields(self) -> None:
        """As Django does it, less the fields that are bound for drawing, which is half of the work."""
        if not settings.SPEED:
            super()._clean_fields()  # type: ignore[misc]  # the stubs leave it out
            return
        for name, field in self.fields.items():
            key = self.add_prefix(name)
            value = field.widget.value_from_datadict(self.data, self.files, key)
            try:
                if isinstance(field, forms.FileField):
                    self.cleaned_data[name] = field.clean(value, self.initial.get(name))
                else:
                    self.cleaned_data[name] = field.clean(value)
                if clean := getattr(self, f"clean_{name}", None):
                    self.cleaned_data[name] = clean()
            except ValidationError as error:
                self.add_error(name, error)

    @property
    def flags(self) -> set[str]:
        """What speaks for a robot, from the data as it was sent, and what is odd about the names in it."""
        found = {"honeypot"} if self.data.get(self.add_prefix(TRAP)) else set()
        if verdict := spam.judge(self.scope, self.data.get(self.add_prefix(STAMP), "")):
            found.add(verdict)
        for name, field in self.fields.items():
            if isinstance(field, NameField):
                found |= field.oddities(getattr(self, "cleaned_data", {}).get(name, ""))
        return found


def is_checkbox(field: forms.BoundField) -> bool:
    """Whether the field is a single box to tick."""
    return getattr(field.field.widget, "input_type", "") == "checkbox" and not field.use_fieldset


_HIDDEN = '<input type="hidden" name="{}" value="{}">'
MOST_DRAWN = 200
_drawn: dict[tuple[Hashable, ...], SafeString] = {}


def _drawn_by_crispy(form: HouseForm) -> SafeString:
    names = [field.name for field in form.visible_fields()]
    folded = [name for name in names if name in form.folded]
    shown = _drawn_fields(form, [name for name in names if name not in folded])
    if not folded:
        return shown
    is_open = form.is_bound and any(form[name].value() or form[name].errors for name in folded)
    below = format_html(
        '<details class="field-more"{}><summary>{}</summary>{}</details>',
        " open" if is_open else "",
        form.folded_words,
        _drawn_fields(form, folded),
    )
    return shown + below


def _drawn_fields(form: HouseForm, names: Sequence[str]) -> SafeString:
    helper = FormHelper()
    helper.layout = Layout(*names)
    helper.form_tag = False
    helper.disable_csrf = True
    helper.form_show_errors = False
    helper.field_template = "forms/field.html"
    return render_crispy_form(form, helper)


class NameField(forms.CharField):
    """What a person or an organisation is called, in any script, tidied. What is odd is held for a look (`flags`)."""

    default_error_messages = {
        "required": _("Enter your full name"),
        "max_length": _("Your name must be 255 characters or fewer"),
    }
    is_of_a_person = False

    def __init__(self, *, max_length: int = 255, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, strip=False, **kwargs)

    def to_python(self, value: Any) -> str:
        """The name as it will be stored."""
        return naming.tidy(super().to_python(value) or "")

    def oddities(self, name: str) -> set[str]:
        """What somebody should look at, in codes."""
        return naming.oddities(name, of_a_person=self.is_of_a_person) if name else set()


class PersonNameField(NameField):
    """What a person is called."""

    is_of_a_person = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("autocomplete", "name")
        self.widget.attrs.setdefault("spellcheck", "false")


class AddressField(forms.CharField):
    """An e-mail address by its form alone: asking the network would be slow, and would tell others who signs."""

    widget = forms.EmailInput
    default_error_messages = {"required": _("Enter your email address")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("max_length", None)  # mailboxes.read measures what is meant, not what was pasted around it
        super().__init__(strip=False, **kwargs)
        attrs = {"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"}
        self.widget.attrs = {**attrs, **self.widget.attrs}

    def to_python(self, value: Any) -> str:
        """The address that is meant, with its domain in small letters. Raises ValidationError that says why none is."""
        typed = super().to_python(value)
        try:
            return mailboxes.read(typed) if typed else ""
        except mailboxes.Unclear as unclear:
            if not tidying.name(typed or ""):
                return ""
            raise ValidationError(unclear.sentence, code=unclear.code) from unclear
