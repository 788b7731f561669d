"""The form to say that one is coming."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.forms import AddressField, PersonNameField, suggest_address
from petitions.actions import attending
from petitions.actions.models import Event
from submissions.asking import codes_of
from submissions.forms import SubmissionForm


class ComingForm(SubmissionForm):
    """Name and address, and nothing else."""

    name = PersonNameField(label=_("Your name"), help_text=_("Only the organisers read it."))
    email = AddressField(
        label=_("Email"), help_text=_("We'll send one email so you can confirm. We never show your address.")
    )

    consent = attending.SENTENCE
    suggestion: str | None = None

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, scope=f"attendance.{event.pk}", auto_id="coming_%s", **kwargs)

    def clean_email(self) -> str:
        """Offer the likely address once; whatever the person then chooses is taken."""
        email, choice = self.cleaned_data["email"], self.data.get("email_choice", "")
        likely = suggest_address(email)
        if likely is None or choice == "keep":
            return email
        if choice == likely:
            return choice
        self.suggestion = likely
        raise forms.ValidationError(gettext("Did you mean %(address)s?") % {"address": likely}, code="suggestion")

    @property
    def typed(self) -> dict[str, Any]:
        """The arguments of `attending.come` that the person gave."""
        data = self.cleaned_data
        return {"name": data["name"], "email": data["email"], "signals": codes_of(self.flags)}
