"""What a representative types. The words are those of UX 1b and 3.4."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.forms import AddressField, HouseForm, NameField, PersonNameField, suggest_address
from core.text import kinds
from core.text.boxes import TextBox
from organisations import consent, logos
from organisations.models import AgreedHow, Endorsement, Kind
from petitions.models import Statement
from petitions.signatures.forms import clean_via
from submissions.asking import codes_of
from submissions.forms import SubmissionForm

DATES = ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %B %Y", "%d %b %Y"]
OLDEST = timedelta(days=3 * 366)


class WebsiteField(TextBox):
    """A web address as people type it: the scheme may be missing."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "url", "autocomplete": "url", "spellcheck": "false", "autocapitalize": "none"}
        super().__init__(kind=kinds.LINK, max_length=200, widget=forms.TextInput(attrs=attrs), **kwargs)
        for validator in self.validators:
            if isinstance(validator, URLValidator):
                validator.message = _("Enter a website like example.org")


class LogoField(forms.FileField):
    """A picture, drawn anew as it is checked: the cleaned value is a `logos.Drawing`."""

    widget = forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"})
    default_error_messages = {"empty": _("That file is empty. Choose another one.")}

    def to_python(self, data: File | None) -> logos.Drawing | None:  # type: ignore[override]  # a picture, no longer a file
        """The picture. Raises ValidationError with what is wrong with the file."""
        file = super().to_python(data)
        if file is None:
            return None
        try:
            return logos.draw(file)
        except logos.BadLogo as error:
            raise ValidationError(str(error), code="logo") from error


class DetailsForm(HouseForm):
    """What may be changed later: everything but the mailbox and how it was agreed."""

    organisation = NameField(
        label=_("Organisation or branch"),
        error_messages={
            "required": _("Enter the name of your organisation or branch"),
        },
        max_length=120,
        help_text=_("In full, as you want it to appear."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    kind = forms.ChoiceField(
        label=_("Type"),
        choices=[("", _("Choose one")), *((kind.value, capfirst(kind.label)) for kind in Kind)],
        error_messages={"required": _("Choose what type of organisation it is")},
    )
    town = TextBox(
        label=_("Town or area (optional)"),
        max_length=80,
        required=False,
    )
    website = WebsiteField(label=_("Website (optional)"), required=False, help_text=_("It helps us to check."))
    contact_name = PersonNameField(
        label=_("Your name"),
        error_messages={"required": _("Enter your name")},
    )
    contact_role = TextBox(
        label=_("Your role"),
        error_messages={
            "required": _("Enter your role"),
        },
        max_length=80,
        help_text=_("For example, branch secretary."),
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )
    publish_contact = forms.BooleanField(label=consent.PUBLISH, required=False)
    message = TextBox(
        label=_("Message of support (optional)"),
        max_length=300,
        required=False,
        help_text=_("At most 300 characters. It appears under your organisation's name."),
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 300}),
    )
    logo = LogoField(
        label=_("Logo (optional)"), required=False, help_text=_("A PNG, JPEG or WebP file, smaller than 2 MB.")
    )

    @property
    def lost_logo(self) -> bool:
        """Whether a good logo must be chosen again, because browsers do not keep files in forms."""
        return bool(self.errors and self.files.get("logo") and "logo" not in self.errors)

    @property
    def details(self) -> dict[str, Any]:
        """What was typed, by the names of the verbs' arguments."""
        names = ("kind", "town", "website", "contact_name", "contact_role", "publish_contact", "message", "logo")
        return {name: self.cleaned_data[name] for name in names}


class EndorseForm(SubmissionForm, DetailsForm):
    """One page, no account. Nine fields, a box, and a fold with what can wait."""

    mailbox = "contact_email"

    contact_email = AddressField(
        label=_("Work or branch email"),
        help_text=_("We'll email you to confirm, and when it is listed. We never show your address."),
    )
    agreed_how = forms.ChoiceField(
        label=_("How was this agreed?"),
        choices=[
            (AgreedHow.MEMBERS_MEETING, _("At a members' meeting")),
            (AgreedHow.COMMITTEE, _("By the committee")),
            (AgreedHow.AUTHORISED, _("I am authorised to decide")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say how this was agreed")},
    )
    agreed_on = forms.DateField(
        label=_("Date agreed"),
        input_formats=DATES,
        error_messages={
            "required": _("Enter the date it was agreed"),
            "invalid": _("Enter the date like 3 November 2026 or 03/11/2026"),
        },
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    via = forms.CharField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    field_order = [
        "organisation", "kind", "town", "website", "contact_name", "contact_role", "contact_email", "agreed_how",
        "agreed_on", "publish_contact", "message", "logo",
    ]  # fmt: skip
    optional = ("message", "logo")
    suggestion: str | None = None

    def __init__(self, *args: Any, statement: Statement, **kwargs: Any) -> None:
        super().__init__(*args, scope=f"endorse.{statement.pk}", **kwargs)
        self.statement = statement

    def clean_via(self) -> str:
        """A source code, or nothing."""
        return clean_via(self.cleaned_data["via"])

    def clean_agreed_on(self) -> date:
        """A day that has been, by the clocks of the site's own time zone."""
        day, today = self.cleaned_data["agreed_on"], timezone.localdate()
        if day > today:
            raise ValidationError(_("The date it was agreed must be today or in the past"), code="future")
        if day < today - OLDEST:
            raise ValidationError(_("Check the date: that is more than three years ago"), code="long_ago")
        return day

    def clean_contact_email(self) -> str:
        """Offer the likely address once; whatever the person then chooses is taken."""
        email, choice = self.cleaned_data["contact_email"], self.data.get("email_choice", "")
        self.suggestion = suggest_address(email) if choice != "keep" else None
        if self.suggestion is None or choice == self.suggestion:
            email, self.suggestion = self.suggestion or email, None
            return email
        question = gettext("Did you mean %(address)s?") % {"address": self.suggestion}
        raise ValidationError(question, code="suggestion")

    @property
    def typed(self) -> dict[str, Any]:
        """The arguments of `endorsing.endorse` that the person gave."""
        more = ("organisation", "contact_email", "agreed_how", "agreed_on", "via")
        return {
            **self.details,
            **{name: self.cleaned_data[name] for name in more},
            "seen_version": self.cleaned_data["version"] or 0,
            "signals": codes_of(self.flags),
        }


class ReviseForm(DetailsForm):
    """The details of an endorsement that is waiting or listed."""

    no_logo = forms.BooleanField(label=_("Show no logo"), required=False)

    def __init__(self, *args: Any, endorsement: Endorsement, **kwargs: Any) -> None:
        initial = {**{name: getattr(endorsement, name) for name in self.base_fields if hasattr(endorsement, name)}}
        initial |= {"organisation": endorsement.name, "logo": None}
        super().__init__(*args, scope=f"revise.{endorsement.pk}", initial=initial, **kwargs)
        if endorsement.logo_id is None:
            del self.fields["no_logo"]


class MeetingForm(HouseForm):
    """When a branch meets, and where to write the morning after."""

    meets_on = forms.DateField(
        label=_("Date of your meeting"),
        input_formats=DATES,
        error_messages={
            "required": _("Enter the date of your meeting"),
            "invalid": _("Enter the date like 03/11/2026"),
        },
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    email = AddressField(label=_("Email"), help_text=_("One email, the morning after. Then we delete your address."))

    def __init__(self, *args: Any, statement: Statement, **kwargs: Any) -> None:
        super().__init__(*args, scope=f"meeting.{statement.pk}", **kwargs)

    def clean_meets_on(self) -> date:
        """A day to come, within a year."""
        day, today = self.cleaned_data["meets_on"], timezone.localdate()
        if day < today:
            raise ValidationError(_("The date of your meeting must be today or later"), code="past")
        if day > today + timedelta(days=366):
            raise ValidationError(_("Check the date: that is more than a year away"), code="far")
        return day
