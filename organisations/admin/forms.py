"""Forms of moderators about endorsements and organisations."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin import choose_from
from core.text.boxes import TextBox
from core.text.kinds import ORGANISATION, PROSE
from organisations import directory, entering
from organisations.evidence import Evidence
from organisations.models import Endorsement, Kind, Organisation

REASONS = [
    _("We could not find out that this organisation agreed. Send us the minute, or write from its own address."),
    _("Your branch has not voted yet. Send it again when it has: we'd be glad to list you."),
    _("This organisation is on the list already."),
    _("This is a person's support, not an organisation's. Please sign in your own name."),
    _("The message advertises something. You're welcome to send it again without that."),
]


class ApproveForm(forms.Form):
    """Which organisation it is, and what it is a branch of."""

    organisation = forms.ModelChoiceField(
        label=_("List it as"), queryset=Organisation.objects.none(), required=False, empty_label=_("A new organisation")
    )
    parent = forms.ModelChoiceField(
        label=_("Branch of"), queryset=Organisation.objects.none(), required=False, empty_label=_("Nothing larger")
    )

    def __init__(self, data: Any = None, *, endorsement: Endorsement, evidence: Evidence, **kwargs: Any) -> None:
        same = evidence.same_organisation
        parent = (same.parent if same else None) or evidence.likely_parent
        super().__init__(data, initial={"organisation": same, "parent": parent}, **kwargs)
        near = [one.pk for one in [*evidence.similar, same] if one]
        choose_from(self, "organisation", Organisation.objects.filter(pk__in=near))
        self.fields["organisation"].widget.attrs["data-key"] = "q"
        large = Q(kind="national_union") | Q(branches__isnull=False) | Q(pk=parent.pk if parent else None)
        choose_from(self, "parent", Organisation.objects.filter(large).distinct())


class AskForm(forms.Form):
    """The moderator's question to the representative."""

    question = TextBox(
        kind=PROSE, label=_("Your question"), max_length=500, widget=forms.Textarea(attrs={"rows": 3, "data-key": "r"})
    )


class DeclineForm(forms.Form):
    """Why not, in words for the representative: a ready-made reason, or one's own."""

    ready = forms.ChoiceField(
        label=_("Reason"), choices=[*((text, text) for text in REASONS), ("", _("Another reason:"))],
        widget=forms.RadioSelect, required=False,
    )  # fmt: skip
    reason = TextBox(
        label=_("In your own words"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "data-key": "d"}),
    )

    def clean(self) -> dict[str, Any]:
        """Prefer the moderator's own words to a ready-made reason."""
        data = super().clean() or {}
        data["reason"] = data.get("reason") or data.get("ready") or ""
        if not data["reason"]:
            self.add_error("reason", gettext("Say why. The representative reads it."))
        return data


class OrganisationForm(forms.ModelForm):
    """An organisation as staff describe it; the verb has the last word."""

    class Meta:
        model = Organisation
        fields = ["name", "kind", "parent", "town", "website"]

    def clean(self) -> dict[str, Any]:
        """Refuse a twin and a circle beside the fields, before the verb does."""
        data = super().clean() or {}
        twin = directory.find(name=data.get("name", ""), town=data.get("town", ""))
        if twin is not None and twin.pk != self.instance.pk:
            self.add_error("name", directory.NameTaken.message)
        if data.get("parent") and self.instance.pk in {data["parent"].pk, data["parent"].parent_id}:
            self.add_error("parent", directory.OwnBranch.message)
        return data


class MergeForm(forms.Form):
    """Which of the chosen organisations stays."""

    keep = forms.ModelChoiceField(
        label=_("Keep"), queryset=Organisation.objects.none(), widget=forms.RadioSelect, empty_label=None
    )

    def __init__(self, *args: Any, chosen: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, "keep", chosen)


class EnterForm(forms.Form):
    """Names of organisations, pasted in one go."""

    names = TextBox(
        kind=PROSE,
        label=_("Names, one a line"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 10, "cols": 60}),
        help_text=_("Empty lines and bullets are passed over. Readers see them in this order."),
    )
    kind = forms.ChoiceField(label=_("What they are"), choices=Kind.choices, initial=Kind.OTHER)
    initial_ones = forms.BooleanField(label=_("They are initial supporters"), required=False, initial=True)
    agreed = forms.BooleanField(
        label=_("They have agreed to stand here"),
        error_messages={"required": _("Tick this once they have: nobody is listed without having agreed.")},
    )

    def clean_names(self) -> list[str]:
        """Each as it will stand. Refuses too many at once, and a line that is no name."""
        lines = (line.strip(" \t•·*-–") for line in self.cleaned_data["names"].splitlines())
        names = [line for line in lines if line]
        if len(names) > entering.MOST:
            raise forms.ValidationError(_("At most %(most)s at once.") % {"most": entering.MOST})
        box = TextBox(kind=ORGANISATION, max_length=Organisation._meta.get_field("name").max_length)
        for name in names:
            try:
                box.clean(name)
            except forms.ValidationError as error:
                raise forms.ValidationError(f"“{name[:60]}”: {'; '.join(error.messages)}") from error
        return [box.clean(name) for name in names]


class ArrangeForm(forms.Form):
    """The place of each initial supporter: one number each, first is 1."""

    def __init__(self, *args: Any, endorsements: list[Endorsement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place, endorsement in enumerate(endorsements, start=1):
            self.fields[str(endorsement.pk)] = forms.IntegerField(
                label=str(endorsement.organisation), min_value=1, max_value=999, initial=place
            )

    @property
    def order(self) -> list[int]:
        """The endorsements' ids, first to last."""
        return [int(name) for name, place in sorted(self.cleaned_data.items(), key=lambda item: item[1])]
