"""Forms to bring a list in."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import desk
from core.admin import choose_from
from exchange import columns, encodings, sources
from exchange.models import Brings, Import
from petitions.models import Statement


class ManyFiles(forms.ClearableFileInput):
    """A box from which several files can be chosen."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """All of them."""
        files = data if isinstance(data, (list, tuple)) else [data]
        return [super(FilesField, self).clean(one, initial) for one in files if one is not None]


class ChooseForm(forms.Form):
    """Which list, and of which statement."""

    statement = forms.ModelChoiceField(
        Statement.objects.none(), required=False, label=_("Statement"),
        help_text=_("That these people signed. Leave it empty for a WordPress post that is to become one."),
    )  # fmt: skip
    file = FilesField(
        required=False, label=_("File"),
        help_text=_("CSV, Excel, LibreOffice, or a WordPress export, which may be several files. At most 64 MB."),
    )  # fmt: skip
    pasted = forms.CharField(
        required=False, strip=False, label=_("Or paste a list"),
        widget=forms.Textarea(attrs={"rows": 6}), help_text=_("One name a line, or rows from a spreadsheet."),
    )  # fmt: skip
    brings = forms.ChoiceField(
        required=False, label=_("It is a list of"),
        choices=[("", _("Find out")), *[one for one in Brings.choices if one[0] != Brings.COMMENTS]],
    )  # fmt: skip
    source = forms.ChoiceField(
        required=False, label=_("It comes from"),
        choices=[("", _("Find out")), *[(one.name, one.label) for one in (*sources.SOURCES, sources.ANY)]],
    )  # fmt: skip
    encoding = forms.ChoiceField(required=False, label=_("Its letters are written as"), choices=encodings.CHOICES)
    post = forms.CharField(
        required=False, label=_("Post"),
        help_text=_("Of a WordPress export with several posts: the title or the address of the one."),
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choose_from(self, "statement", desk.seen_by(user, Statement.objects.all()))

    def clean(self) -> dict[str, Any]:
        """One list, and for everything but a post the statement."""
        data = super().clean() or {}
        files, pasted = data.get("file") or [], (data.get("pasted") or "").strip()
        if not files and not pasted and "file" not in self.errors:
            self.add_error("file", gettext("Choose a file, or paste a list below."))
        if files and pasted:
            self.add_error("pasted", gettext("Choose a file or paste a list, not both."))
        if pasted and not data.get("brings"):
            self.add_error("brings", gettext("Say whether these are people or organisations."))
        if pasted and data.get("statement") is None:
            self.add_error("statement", gettext("Choose the statement that they signed."))
        return data


class AgreedForm(forms.ModelForm):
    """Which column is which, and what was agreed, which no file says."""

    class Meta:
        model = Import
        fields = [
            "statement",
            "collected_by",
            "words",
            "agreed_when",
            "may_mail",
            "may_show",
            "day_first",
            "date_if_none",
            "asks",
            "answer_by",
            "silence_keeps",
        ]
        widgets = {
            "words": forms.Textarea(attrs={"rows": 3}),
            "answer_by": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "date_if_none": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts = {
            "collected_by": _("Whose list it is: the group, the campaign or the person."),
            "words": _("As they stood beside the button or over the sheet. They are kept with every row."),
            "agreed_when": _("Such as: March to June 2021, on eastside.example."),
            "may_mail": _("Only who agreed to be written to. Where the list says who wants news, it decides for each."),
            "may_show": _("Only if they were told that it would be public."),
            "asks": _(
                "Tick this unless you know that they agreed. Nobody counts before they say yes; nobody is asked twice."
            ),
            "answer_by": _("Only if they are asked: the mail says it. On the day after, the list is closed."),
            "silence_keeps": _(
                "Only if they are asked, and only who got the mail. Their names are never shown, and they get no news. "
                "Leave it empty unless you have good reason."
            ),
            "day_first": _("How the list writes dates that could be read in two ways."),
        }

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        listed = self.instance
        if "statement" in self.fields:
            choose_from(self, "statement", desk.seen_by(user, Statement.objects.all()))
            self.fields["statement"].required = listed.brings != Brings.COMMENTS
        self.ours = columns.of(listed.brings)
        if listed.brings != Brings.COMMENTS:
            taken = [("", gettext("not in the list")), *enumerate(_shown(listed.headings))]
            for column in self.ours:
                self.fields[f"column_{column.name}"] = forms.TypedChoiceField(
                    required=False, label=str(column.label), choices=taken, coerce=int, empty_value=None,
                    initial=listed.columns.get(column.name, ""),
                )  # fmt: skip
        for name in self._needless():
            del self.fields[name]

    def _needless(self) -> set[str]:
        """The questions that this kind of list does not need."""
        of_people = {"may_mail", "may_show", "asks", "answer_by", "silence_keeps"}
        if self.instance.brings == Brings.COMMENTS:
            return of_people | {"collected_by", "words", "agreed_when", "day_first", "date_if_none"}
        if self.instance.brings == Brings.ORGANISATIONS:
            return of_people | {"words"}
        return set() if self.instance.brings == Brings.PEOPLE else of_people | {"day_first", "date_if_none"}

    @property
    def chosen(self) -> dict[str, int]:
        """Our columns by the places that were chosen for them."""
        typed = {column.name: self.cleaned_data.get(f"column_{column.name}") for column in self.ours}
        return {name: place for name, place in typed.items() if place is not None}

    @property
    def matching(self) -> list[forms.BoundField]:
        """The boxes for columns."""
        return [self[name] for name in self.fields if name.startswith("column_")]

    @property
    def agreed(self) -> list[forms.BoundField]:
        """The others."""
        return [self[name] for name in self.fields if not name.startswith("column_")]


def _shown(headings: Sequence[str]) -> list[str]:
    return [heading or gettext("column %(number)s") % {"number": at} for at, heading in enumerate(headings, 1)]
