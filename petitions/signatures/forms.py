"""What a person types to sign. The words are those of UX 3.4."""

import re
from typing import Any, TypedDict

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.forms import AddressField, HouseForm, PersonNameField, suggest_address
from core.text.boxes import TextBox
from core.text.kinds import ORGANISATION
from petitions.signatures import consent
from petitions.statements.models import Statement
from submissions.asking import codes_of

VIA = re.compile(r"[A-Za-z0-9_-]{1,32}")


def clean_via(value: str) -> str:
    """A source code such as `wa`, or nothing: it never identifies a person and never stops a signature."""
    return value if VIA.fullmatch(value) else ""


class Typed(TypedDict):
    """The arguments of `signing.sign` that a person gives."""

    name: str
    email: str
    postcode: str
    affiliation: str
    personal_capacity: bool
    show_name: bool
    email_updates: bool
    via: str
    seen_version: int
    signals: str


class SignForm(HouseForm):
    """Two required fields; what else is asked depends on the statement."""

    name = PersonNameField(label=_("Full name"), help_text=_("As you want it to appear."))
    email = AddressField(
        label=_("Email"), help_text=_("We'll send one email so you can confirm. We never show your address.")
    )
    postcode = TextBox(
        label=_("Postcode (optional)"),
        help_text=_("Helps us show local support."),
        max_length=16,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
    )
    affiliation = TextBox(
        kind=ORGANISATION,
        label=_("Organisation or job (optional)"),
        help_text=_("This signs for you, not for the organisation."),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    personal_capacity = forms.BooleanField(label=_("I'm signing in a personal capacity"), required=False)
    show_name = forms.BooleanField(label=consent.CHOICES[0], required=False)
    email_updates = forms.BooleanField(label=consent.CHOICES[1], required=False)
    via = forms.CharField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    consent = consent.SENTENCE
    suggestion: str | None = None

    def __init__(self, *args: Any, statement: Statement, **kwargs: Any) -> None:
        super().__init__(*args, scope=f"sign.{statement.pk}", **kwargs)
        self.statement = statement
        if not statement.ask_postcode:
            del self.fields["postcode"]
        if not statement.ask_affiliation:
            del self.fields["affiliation"], self.fields["personal_capacity"]

    def clean_via(self) -> str:
        return clean_via(self.cleaned_data["via"])

    def clean_email(self) -> str:
        """Offer the likely address once; whatever the person then chooses is taken."""
        email = self.cleaned_data["email"]
        choice = self.data.get("email_choice", "")
        self.suggestion = suggest_address(email)
        if choice == "keep" or self.suggestion is None:
            self.suggestion = None
            return email
        if choice == self.suggestion:
            self.suggestion = None
            return choice
        question = gettext("Did you mean %(address)s?") % {"address": self.suggestion}
        raise forms.ValidationError(question, code="suggestion")

    @property
    def typed(self) -> Typed:
        """The arguments of `signing.sign` that the person gave."""
        data = dict(self.cleaned_data)
        return {
            "name": data["name"],
            "email": data["email"],
            "postcode": data.get("postcode", ""),
            "affiliation": data.get("affiliation", ""),
            "personal_capacity": data.get("personal_capacity", False),
            "show_name": data["show_name"],
            "email_updates": data["email_updates"],
            "via": data["via"],
            "seen_version": data["version"] or 0,
            "signals": codes_of(self.flags),
        }
