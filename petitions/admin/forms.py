"""What staff type about statements and events."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.db.models import Field, Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import richtext
from core.admin import DateAndTime
from core.text.boxes import TextBox
from petitions.admin.checklist import READS_BEST
from petitions.news.models import Update
from petitions.statements import publishing
from petitions.statements.models import Statement, Version

MOST_LETTERS = 5_000


def rich_text(model: type[Model], name: str, **kwargs: Any) -> forms.Field:
    """The editor for a rich text field of `model`, as the admin shows it."""
    column = model._meta.get_field(name)
    field = column.formfield(widget=AdminTextareaWidget, **kwargs) if isinstance(column, Field) else None
    if field is None:
        raise TypeError(f"{name} is nothing that is typed")
    return field


class StatementForm(forms.ModelForm):
    """A statement whose text is locked."""

    first = forms.BooleanField(
        label=_("First on the home page"), required=False, help_text=_("In place of the one that is first now.")
    )

    class Meta:
        model = Statement
        fields = ["slug"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("first", self.instance.is_featured)

    def clean_slug(self) -> str:
        """Refuse an address that leads to another statement."""
        slug = self.cleaned_data["slug"]
        if publishing.is_slug_taken(slug, besides=self.instance if self.instance.pk else None):
            raise forms.ValidationError(str(publishing.SlugTaken()))
        return slug

    def clean_closes_at(self) -> datetime | None:
        """Another closing time reopens it, too."""
        closes_at = self.cleaned_data["closes_at"]
        if "closes_at" in self.changed_data and self.instance.ended_at and publishing.is_forgotten(self.instance):
            raise forms.ValidationError(str(publishing.Forgotten()))
        return closes_at


class DraftForm(StatementForm):
    """A statement whose text is still being written."""

    body = rich_text(
        Version, "body", label=_("Text"), required=False, help_text=_("What people sign. Publishing locks it for good.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        draft = self.instance.versions.last() if self.instance.pk else None
        self.initial.setdefault("body", draft.body if draft else "")


class ScheduleForm(forms.Form):
    """When visitors first see it."""

    at = forms.SplitDateTimeField(label="Publish at", widget=DateAndTime)
    past = "Choose a time in the future, or publish it now."

    def clean_at(self) -> datetime:
        if self.cleaned_data["at"] <= timezone.now():
            raise forms.ValidationError(self.past)
        return self.cleaned_data["at"]


class PlanForm(ScheduleForm):
    """When a mail goes out."""

    at = forms.SplitDateTimeField(label="Send it at", widget=DateAndTime)
    past = "Choose a time in the future, or send it now."


class HideForm(forms.Form):
    """Why nobody should see it."""

    reason = TextBox(max_length=200, help_text=_("For the record; visitors do not see it."))


class HandInForm(forms.Form):
    """When it was handed in, and to whom."""

    handed_in_on = forms.DateField(label="Date", widget=forms.DateInput(attrs={"type": "date"}))
    handed_in_to = TextBox(label=_("Handed in to"), max_length=120)


class OutcomeForm(forms.Form):
    """What came of it."""

    outcome = rich_text(Statement, "outcome", required=False)


class CorrectionForm(forms.Form):
    """A new version of the promise and what everybody is told about it."""

    title = TextBox(
        label=_("Title"),
        max_length=Version._meta.get_field("title").max_length,
        widget=AdminTextInputWidget(attrs={"data-count": READS_BEST}),
    )
    addressed_to = TextBox(
        label=_("Addressed to"),
        max_length=Version._meta.get_field("addressed_to").max_length,
        widget=AdminTextInputWidget,
        required=False,
    )
    body = rich_text(Version, "body", label=_("Text"))
    note = TextBox(
        label=_("What changed and why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 80}),
        help_text=_("Everybody can read it, on the page and in its history."),
    )
    replaces = forms.IntegerField(widget=forms.HiddenInput)


class UpdateForm(forms.ModelForm):
    """News, no longer than a mail should be (UX 1c)."""

    class Meta:
        model = Update
        fields = ["body"]

    def clean_body(self) -> str:
        """Refuse what nobody reads to its end."""
        body = self.cleaned_data["body"]
        letters = len(richtext.plain_text(body))
        if letters > MOST_LETTERS:
            raise forms.ValidationError(f"Keep it to {MOST_LETTERS:,} letters; it has {letters:,}.")
        return body
