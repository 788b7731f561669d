"""Forms of staff for statements and events."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.db.models import Field, Model
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import richtext
from core.admin import DateAndTime
from core.moments import within_reach
from core.text.boxes import TextBox
from petitions.admin.checklist import READS_BEST
from petitions.news.models import Update
from petitions.statements import picturing, publishing
from petitions.statements.models import Statement, Version
from publishers import drawing
from publishers.models import Picture

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

    picture_file = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_("Stands over the page and in shared links. A PNG, JPEG or WebP picture of at most 8 MB."),
    )
    kept_picture = forms.CharField(required=False, widget=forms.HiddenInput)
    drop_picture = forms.BooleanField(label=_("Use no picture"), required=False)

    class Meta:
        model = Statement
        fields = ["slug"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("first", self.instance.is_featured)
        self.drawn: picturing.Drawn | None = None
        if "image_focus" in self.fields:
            self.fields["image_focus"].required = False

    def clean_picture_file(self) -> None:
        """Draw it anew, and keep it while something else is mended; say why it can't be used."""
        file = self.cleaned_data["picture_file"]
        if file is None:
            found = [Picture.objects.filter(pk=one).first() for one in self.data.get("kept_picture", "").split()]
            self.drawn = picturing.Drawn(*found) if len(found) == 2 and all(found) else None  # type: ignore[arg-type]  # mypy does not follow all()
            return
        try:
            self.drawn = picturing.Drawn(*(drawing.keep(drawn) for drawn in drawing.hero(file)))
        except drawing.BadPicture as error:
            raise forms.ValidationError(str(error)) from error
        self.data = self.data.copy()  # type: ignore[attr-defined]  # what was posted is a QueryDict
        self.data["kept_picture"] = " ".join(str(one) for one in self.drawn)  # type: ignore[index]  # the same

    def clean_image_focus(self) -> str:
        """The middle, if nothing was chosen."""
        return self.cleaned_data["image_focus"] or Statement.Focus.MIDDLE

    def clean(self) -> dict[str, Any]:
        """A picture is for everybody, so it is described."""
        data = super().clean() or self.cleaned_data
        has_picture = self.drawn or (self.instance.image_id and not data.get("drop_picture"))
        if has_picture and "image_words" in self.fields and not data.get("image_words"):
            self.add_error("image_words", _("Say what the picture shows, for people who don't see it."))
        return data

    def _get_validation_exclusions(self) -> set[str]:
        """The row's own picture is not yet what it will be, so `clean` asks in its place."""
        return {*super()._get_validation_exclusions(), "image"}  # type: ignore[misc]  # the stubs leave it out

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

    at = forms.SplitDateTimeField(label=_("Publish at"), widget=DateAndTime, validators=[within_reach])
    past = _("Choose a time in the future, or publish it now.")

    def clean_at(self) -> datetime:
        if self.cleaned_data["at"] <= timezone.now():
            raise forms.ValidationError(self.past)
        return self.cleaned_data["at"]


class PlanForm(ScheduleForm):
    """When a mail goes out."""

    at = forms.SplitDateTimeField(label=_("Send it at"), widget=DateAndTime, validators=[within_reach])
    past = _("Choose a time in the future, or send it now.")


class HideForm(forms.Form):
    """The reason for hiding a statement."""

    reason = TextBox(max_length=200, help_text=_("For the record; visitors do not see it."))


class HandInForm(forms.Form):
    """When it was handed in, and to whom."""

    handed_in_on = forms.DateField(
        label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}), validators=[within_reach]
    )
    handed_in_to = TextBox(label=_("Handed in to"), max_length=120)


class OutcomeForm(forms.Form):
    """The outcome of a statement."""

    outcome = rich_text(Statement, "outcome", required=False)


class CorrectionForm(forms.Form):
    """A correction: the new version of the promise and its public note."""

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
        """Refuse a text that is too long."""
        body = self.cleaned_data["body"]
        letters = len(richtext.plain_text(body))
        if letters > MOST_LETTERS:
            raise forms.ValidationError(
                gettext("Keep it to %(most)s letters; it has %(letters)s.")
                % {"most": f"{MOST_LETTERS:,}", "letters": f"{letters:,}"}
            )
        return body
