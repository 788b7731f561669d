"""Forms of moderators."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments import moderation
from comments.models import LONGEST, Comment, Preference
from core import identity
from core.forms import PersonNameField
from core.text.boxes import TextBox
from core.text.kinds import PROSE

AREA = forms.Textarea(attrs={"rows": 10, "class": "vLargeTextField", "dir": "auto"})


class BodyField(TextBox):
    """Plain text of a comment, as it is stored."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(kind=PROSE, max_length=LONGEST, widget=AREA, **kwargs)


class ReplyForm(forms.Form):
    """An answer in the organiser's name."""

    body = BodyField(label=gettext_lazy("Your answer"))
    name = PersonNameField(
        label=gettext_lazy("Signed"), help_text=gettext_lazy("Readers see it with the word “Organiser”.")
    )

    def __init__(self, data: Any = None, *, comment: Comment, **kwargs: Any) -> None:
        super().__init__(data, initial={"name": identity.publisher().name}, **kwargs)


class EditForm(forms.Form):
    """A moderator's edit of a comment."""

    name = PersonNameField(label=gettext_lazy("Name"))
    body = BodyField(label=gettext_lazy("Comment"))

    def __init__(self, data: Any = None, *, comment: Comment, **kwargs: Any) -> None:
        super().__init__(data, initial={"name": comment.author_name, "body": comment.body}, **kwargs)


class DeclineForm(forms.Form):
    """Why a comment is not published."""

    OWN = "own"
    why = forms.ChoiceField(
        label=gettext_lazy("We don't publish it because"),
        choices=[*((reason, reason) for reason in moderation.REASONS), (OWN, "something else:")],
        widget=forms.RadioSelect,
    )
    own = TextBox(
        label=gettext_lazy("In your own words"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("It ends the sentence “We didn't publish your comment because …”."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    tell = forms.BooleanField(label=gettext_lazy("Send this reason to the writer"), required=False)

    def __init__(self, *args: Any, comment: Comment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not comment.author_email:
            del self.fields["tell"]

    def clean(self) -> dict[str, Any]:
        """One reason, chosen or written."""
        data = super().clean() or {}
        if data.get("why") == self.OWN and not data.get("own"):
            self.add_error("own", _("Say why."))
        reason = data.get("own") if data.get("why") == self.OWN else data.get("why")
        return {"reason": reason, "tell": data.get("tell", False)}


class PreferenceForm(forms.ModelForm):
    """A moderator's preferences."""

    class Meta:
        model = Preference
        fields = ["digest"]
