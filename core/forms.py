"""The house's public forms: one layout, fields for what people are called and where they read mail."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from email_validator import EmailNotValidError, validate_email

from core import naming, spam
from core.typos import suggest_address

__all__ = ["AddressField", "HouseForm", "PersonNameField", "suggest_address"]

TRAP, STAMP = "website_2", "stamp"


class HouseForm(forms.Form):
    """A public form: words above the box, errors where they belong, no cookie, and two quiet questions for robots.

    `scope` ties the form's stamp to what is posted, such as `sign.7`. After validation `flags` holds what a robot gave
    away: `honeypot`, `too_fast`, `forged_stamp`. Flags never make a form invalid.
    """

    use_required_attribute = False

    def __init__(self, *args: Any, scope: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scope = scope
        self.fields[TRAP] = forms.CharField(label="Leave this empty", required=False)
        self.fields[TRAP].widget.attrs.update({"tabindex": "-1", "autocomplete": "off"})
        self.fields[STAMP] = forms.CharField(required=False, widget=forms.HiddenInput)
        self.initial[STAMP] = spam.stamp(scope)

    @property
    def helper(self) -> FormHelper:
        """How crispy draws this form: fields only; the page brings the form tag, the summary and the button."""
        helper = FormHelper(self)
        helper.form_tag = False
        helper.disable_csrf = True
        helper.form_show_errors = False
        helper.field_template = "components/field.html"
        return helper

    @property
    def flags(self) -> set[str]:
        """What speaks for a robot, from the data as it was sent."""
        trap = {"honeypot"} if self.data.get(self.add_prefix(TRAP)) else set()
        verdict = spam.judge(self.scope, self.data.get(self.add_prefix(STAMP), ""))
        return trap | ({verdict} if verdict else set())


class PersonNameField(forms.CharField):
    """What a person is called, in any script. Refused only for web addresses and control characters."""

    default_error_messages = {
        "required": "Enter your full name",
        "max_length": "Your name must be 255 characters or fewer",
        "no_letter": "Enter your full name",
        "web_address": "Your name can't include a web address",
        "control": "Your name can't include line breaks or other control characters",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=255, **kwargs)
        self.widget.attrs.setdefault("autocomplete", "name")
        self.widget.attrs.setdefault("spellcheck", "false")

    def to_python(self, value: Any) -> str:
        """The name as it will be stored. Raises ValidationError for what is no name."""
        typed = super().to_python(value)
        if naming.has_control_characters(typed):
            raise ValidationError(self.error_messages["control"], code="control")
        name = naming.tidy(typed)
        if naming.has_web_address(name):
            raise ValidationError(self.error_messages["web_address"], code="web_address")
        if typed and not naming.has_letter(name):
            raise ValidationError(self.error_messages["no_letter"], code="no_letter")
        return name


class AddressField(forms.CharField):
    """An e-mail address by its form alone: asking the network would be slow, and would tell others who signs."""

    widget = forms.EmailInput
    default_error_messages = {
        "required": "Enter your email address",
        "invalid": "Enter an email address in the correct format, like name@example.com",
        "max_length": "Enter an email address in the correct format, like name@example.com",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)
        attrs = {"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"}
        self.widget.attrs = {**attrs, **self.widget.attrs}

    def to_python(self, value: Any) -> str:
        """The address with its domain in small letters. Raises ValidationError when it cannot be one."""
        typed = super().to_python(value)
        if not typed:
            return typed
        try:
            # test_environment lets .test through: such mail bounces, which is the worker's business.
            found = validate_email(typed, check_deliverability=False, allow_smtputf8=False, test_environment=True)
        except EmailNotValidError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        return found.normalized
