"""The sign form. Its words are those of UX 3.4."""

import re
from collections.abc import Container
from copy import copy
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.forms import AddressField, HouseForm, PersonNameField, suggest_address
from petitions.signatures import consent, optional
from petitions.signatures.models import Signature
from petitions.statements.models import Statement
from publishers import packs
from submissions.asking import codes_of
from submissions.forms import SubmissionForm

VIA = re.compile(r"[A-Za-z0-9_-]{1,32}")


def clean_via(value: str) -> str:
    """A source code such as `wa`, or nothing: it never identifies a person and never stops a signature."""
    return value if VIA.fullmatch(value) else ""


class AskingForm(HouseForm):
    """A form with what a statement may ask besides (optional.py), less what is not asked of this person."""

    def __init__(self, *args: Any, statement: Statement, asked: Container[str], scope: str, **kwargs: Any) -> None:
        """`asked` are the names of those optional fields that it shows."""
        super().__init__(*args, scope=scope, **kwargs)
        self.statement = statement
        for name in optional.NAMES:
            if name not in asked:
                del self.fields[name]

    @property
    def fitted_to(self) -> tuple[str, ...]:
        """The answers offered first in their lists under this statement."""
        likely = [field.likely for field in optional.FIELDS if field.likely and field.name in self.fields]
        return self.statement.who.pack, *(first(self.statement) for first in likely)

    def fit(self) -> None:
        """Put them first; ask for a postcode as the publisher's country calls it."""
        if "postcode" in self.fields and (code := self.statement.who.pack) != packs.FIRST:
            pack = packs.pack(code)
            self.fields["postcode"].label = pack.postcode
            self.fields["postcode"].help_text = gettext("Such as %(code)s") % {"code": pack.like} if pack.like else ""
        for field in optional.FIELDS:
            if field.likely and field.name in self.fields:
                self.fields[field.name].widget.first = field.likely(self.statement)


class SignForm(SubmissionForm, AskingForm):
    """Two required fields; further questions depend on the statement."""

    name = PersonNameField(label=_("Full name"), help_text=_("As you want it to appear."))
    email = AddressField(
        label=_("Email"), help_text=_("We'll send one email so you can confirm. We never show your address.")
    )
    locals().update(optional.boxes())  # in a class this is its namespace (PEP 667), and forms keep the order
    show_name = forms.BooleanField(label=consent.CHOICES[0], required=False)
    email_updates = forms.BooleanField(label=consent.CHOICES[1], required=False)
    via = forms.CharField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    folded = frozenset((*optional.NAMES, "show_name", "email_updates"))
    suggestion: str | None = None

    def __init__(self, *args: Any, statement: Statement, **kwargs: Any) -> None:
        asked = [field.name for field in optional.asked(statement)]
        super().__init__(*args, statement=statement, asked=asked, scope=f"sign.{statement.pk}", **kwargs)
        if statement.joint_with:
            self._ask_whose_news(statement)

    def _ask_whose_news(self, statement: Statement) -> None:
        """One box for each who publishes it: its own publisher's is the one that every statement has."""
        own = copy(self.fields["email_updates"])  # the class's is every form's (core/forms.py)
        own.label = consent.news_choice(statement, statement.publisher_id)
        self.fields["email_updates"] = own
        more = {f"news_of_{pk}": consent.news_choice(statement, pk) for pk in statement.joint_with}
        self.fields |= {name: forms.BooleanField(label=label, required=False) for name, label in more.items()}
        self.folded = self.folded | more.keys()

    @property
    def consent(self) -> str:
        """What stands above the button."""
        return consent.sentence(self.statement)

    @property
    def folded_words(self) -> str:  # type: ignore[override]  # a form says it once and for all, this one by what it asks
        """What stands folded, in words."""
        if any(name in self.fields for name in optional.NAMES):
            return gettext("Show my name, get news, say more")
        return gettext("Show my name, get news")

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
    def typed(self) -> dict[str, Any]:
        """The arguments of `signing.sign` that the person gave."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "email": data["email"],
            **{name: data[name] for name in optional.NAMES if name in data},
            "show_name": data["show_name"],
            "email_updates": data["email_updates"],
            "news_of": [pk for pk in self.statement.joint_with if data.get(f"news_of_{pk}")],
            "via": data["via"],
            "seen_version": data["version"] or 0,
            "signals": codes_of(self.flags),
        }


class CorrectForm(AskingForm):
    """A signer's own answers, to correct them: what the statement asks now, and what they once gave."""

    locals().update(optional.boxes())

    are_alike = False

    def __init__(self, *args: Any, signature: Signature, **kwargs: Any) -> None:
        asked = [field.name for field in optional.open_to(signature)]
        super().__init__(
            *args,
            statement=signature.statement,
            asked=asked,
            scope=f"correct.{signature.pk}",
            initial={name: getattr(signature, name) for name in asked},
            **kwargs,
        )

    @property
    def answers(self) -> dict[str, Any]:
        """The cleaned answers, by name."""
        return {name: self.cleaned_data[name] for name in optional.NAMES if name in self.cleaned_data}
