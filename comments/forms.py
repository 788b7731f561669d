"""The forms to comment and to report a comment. Their words are those of UX 3.4."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments import rules
from comments.consent import SENTENCE
from comments.models import LONGEST, Comment, Report, Thread
from core.forms import AddressField, HouseForm, PersonNameField, suggest_address
from core.text.boxes import TextBox
from core.text.kinds import PROSE
from petitions.signatures import consent as signing
from submissions.asking import codes_of
from submissions.forms import SubmissionForm


class WordsField(TextBox):
    """Plain text of several lines, measured as it will be stored, so a pasted line break does not count twice."""

    def __init__(self, *, rows: int, **kwargs: Any) -> None:
        super().__init__(kind=PROSE, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)
        # A browser that cuts off what is pasted loses words without telling.
        del self.widget.attrs["maxlength"]


class CommentForm(SubmissionForm):
    """Name, address and words; in reply to a comment of the same thread when `parent` names one."""

    body = WordsField(
        rows=6,
        label=gettext_lazy("Your comment"),
        max_length=LONGEST,
        help_text=gettext_lazy("At most 5,000 characters. Start a line with > to quote."),
        error_messages={
            "required": gettext_lazy("Write your comment"),
            "max_length": gettext_lazy("Your comment has %(show_value)s characters. It can have %(limit_value)s"),
        },
    )
    name = PersonNameField(label=gettext_lazy("Your name"), help_text=gettext_lazy("Everybody can see it."))
    email = AddressField(
        label=gettext_lazy("Email (not shown)"), help_text=gettext_lazy("We'll send one email so you can confirm.")
    )
    also_sign = forms.BooleanField(required=False)
    parent = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    field_order = ["body", "name", "email", "also_sign", "parent"]
    consent = SENTENCE
    suggestion: str | None = None

    def __init__(self, *args: Any, thread: Thread, in_force: rules.InForce, **kwargs: Any) -> None:
        super().__init__(*args, scope=f"comment.{thread.pk}", auto_id="comment_%s", **kwargs)
        self.thread, self.in_force, self.answered = thread, in_force, None
        statement = thread.statement
        if statement.is_open and statement.takes_people:
            also_sign = self.fields["also_sign"]
            also_sign.label = _("Also %(sign)s with this name") % {"sign": statement.sign_label.lower()}
            also_sign.help_text = signing.sentence(statement)
        else:
            del self.fields["also_sign"]

    def clean_email(self) -> str:
        """Offer the likely address once; whatever the person then chooses is taken."""
        email = self.cleaned_data["email"]
        choice = self.data.get("email_choice", "")
        suggestion = suggest_address(email)
        if suggestion is None or choice == "keep":
            return email
        if choice == suggestion:
            return choice
        self.suggestion = suggestion
        raise forms.ValidationError(_("Did you mean %(address)s?") % {"address": suggestion}, code="suggestion")

    def clean_parent(self) -> int | None:
        """The comment answered: a published one of this thread; an answer to an answer is placed beside it."""
        parent = self.cleaned_data["parent"]
        if parent is None:
            return None
        here = Comment.objects.visible().filter(thread=self.thread).select_related("parent")
        answered = here.filter(pk=parent).first()
        top = answered and (answered.parent or answered)
        if not (top and top.is_visible and self.in_force.takes_replies):
            raise forms.ValidationError(_("The comment you are answering is no longer here"))
        self.answered = top
        return top.pk

    def clean(self) -> dict[str, Any]:
        """Refuse listed words and say which, so that nobody has to guess."""
        data = super().clean() or {}
        if self.data.get("also_sign") and "also_sign" not in self.fields:
            self.refuse_to_sign()
        for name in ("body", "name"):
            refused = rules.words_in(data.get(name) or "", self.in_force.refused_words)
            if refused:
                words = _("We don't publish comments with the word “%(word)s”") % {"word": refused[0]}
                self.add_error(name, words)
        return data

    def refuse_to_sign(self) -> None:
        """Say that the tick can't be kept; the button pressed once more posts the comment alone."""
        self.fields.pop("also_sign", None)
        self.add_error(None, _("Nobody can sign at the moment. Press the button again to post your comment alone"))

    @property
    def typed(self) -> dict[str, Any]:
        """The arguments of `posting.post` that the person gave."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "email": data["email"],
            "body": data["body"],
            "parent": self.answered,
            "also_sign": data.get("also_sign", False),
            "signals": codes_of(self.flags),
        }


class ReportForm(HouseForm):
    """Why a comment should not be here. No name, no address."""

    reason = forms.ChoiceField(
        label=gettext_lazy("What is wrong with it?"),
        choices=Report.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what is wrong with it")},
    )
    words = WordsField(
        rows=3,
        label=gettext_lazy("Anything else we should know (optional)"),
        max_length=300,
        required=False,
        error_messages={"max_length": gettext_lazy("Say it in at most 300 characters")},
    )

    def __init__(self, *args: Any, comment: Comment, **kwargs: Any) -> None:
        super().__init__(*args, scope=f"report.{comment.pk}", **kwargs)
