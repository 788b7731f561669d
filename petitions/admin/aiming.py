"""Whom a mail is for, as staff choose it: a part of those who asked for news, with its number beside it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import countries
from core.forms import AddressField
from core.moments import within_reach
from petitions.admin import numbers
from petitions.news import segments
from petitions.news.models import Mailing, Update
from petitions.news.segments import Audience

LISTS = ("countries", "areas", "sources", "languages")


def _several(label: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, required=False, widget=forms.CheckboxSelectMultiple)


class AimForm(forms.Form):
    """Nothing chosen is everybody who asked for news; a question with one possible answer is not asked."""

    areas = _several(gettext_lazy("Who live in"))
    countries = _several(gettext_lazy("Who live in the country"))
    sources = _several(gettext_lazy("Who came from"))
    languages = _several(gettext_lazy("Who read in"))
    signed_from = forms.DateField(
        label=gettext_lazy("Who signed on or after"),
        required=False,
        validators=[within_reach],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    signed_until = forms.DateField(
        label=gettext_lazy("Who signed on or before"),
        required=False,
        validators=[within_reach],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    unless_sent = forms.ModelChoiceField(
        label=gettext_lazy("Who have not had the mail"),
        queryset=Update.objects.none(),
        required=False,
        empty_label=gettext_lazy("Whatever they have had"),
    )
    reply_to = AddressField(
        label=gettext_lazy("Answers go to"),
        required=False,
        help_text=gettext_lazy("Empty: the contact address of the statement."),
    )

    def __init__(self, data: Any, *, update: Update, mailing: Mailing) -> None:
        super().__init__(data, initial={name: getattr(mailing, name) for name in segments.COLUMNS})
        found = segments.choices(update.statement, besides=update)
        names = numbers.names_of(update.statement)
        said: dict[str, Callable[[str], str]] = {
            "countries": countries.name,
            "areas": str,
            "sources": lambda source: numbers.said(source, names),
            "languages": numbers.language,
        }
        for name in LISTS:
            codes = list(dict.fromkeys([*getattr(found, name), *getattr(mailing, name)]))
            if len(codes) > 1 or getattr(mailing, name):
                self.fields[name].choices = [(code, said[name](code)) for code in codes]  # type: ignore[attr-defined]  # it is one of choices
            else:
                del self.fields[name]
        if found.mails:
            self.fields["unless_sent"].queryset = Update.objects.filter(pk__in=[one.pk for one in found.mails])  # type: ignore[attr-defined]  # it is one of rows
        else:
            del self.fields["unless_sent"]

    def clean(self) -> dict[str, Any]:
        """A day before which nobody can have signed after it."""
        data = super().clean() or self.cleaned_data
        first, last = data.get("signed_from"), data.get("signed_until")
        if first and last and first > last:
            self.add_error("signed_until", _("The last day comes before the first."))
        return data

    @property
    def segment(self) -> Mailing:
        """What was chosen, not saved anywhere."""
        return Mailing(**self.cleaned_data)

    @property
    def is_narrow(self) -> bool:
        """Whether something is chosen, so that the choice stands open."""
        return self.is_bound or any(self.initial[name] for name in segments.COLUMNS if name != "reply_to")


def people(number: int) -> str:
    """So many people."""
    return ngettext("%(number)s person", "%(number)s people", number) % {"number": f"{number:,}"}


def words(found: Audience) -> str:
    """Who gets it and who does not, exactly."""
    said = [_("This will go to %(people)s.") % {"people": people(found.gets)}]
    if found.others:
        said.append(
            _("%(number)s more asked for news and are left out by your choice.") % {"number": f"{found.others:,}"}
        )
    without = ngettext(
        "%(number)s signer did not ask for email and will not get it.",
        "%(number)s signers did not ask for email and will not get it.",
        found.without,
    )
    said.append(without % {"number": f"{found.without:,}"})
    if found.silent:
        said.append(_("%(number)s more asked for no mail at all.") % {"number": f"{found.silent:,}"})
    if found.gone:
        said.append(_("Mail to %(number)s more came back.") % {"number": f"{found.gone:,}"})
    return " ".join(said)
