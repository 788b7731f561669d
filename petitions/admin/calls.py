"""What readers are called to do: one page that shows all of it, in order, and keeps all of it at once."""

from collections import Counter
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget, AdminURLFieldWidget
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.staff_request import staff
from core.text.boxes import TextBox
from petitions.actions import calls
from petitions.actions.models import CallToAction, Event
from petitions.admin.pages import StatementPages
from petitions.statements.models import Statement

CALL = ("kind", "words", "event", "details", "url", "link_words", "email")
MORE = 2  # empty ones at the end
MOST = 20
Kind = CallToAction.Kind
NEEDED: dict[str, tuple[str, str | Promise]] = {
    Kind.EVENT: ("event", gettext_lazy("Choose the event. One that is not in the list is added under Events first.")),
    Kind.LINK: ("url", gettext_lazy("Write where the link leads, such as https://example.org/petition.")),
    Kind.EMAIL: ("email", gettext_lazy("Write the address that readers should write to.")),
}


class CallForm(forms.ModelForm):
    """One call. An empty one is none."""

    number = forms.IntegerField(label=gettext_lazy("Place"), min_value=1, max_value=999, required=False)
    leave_out = forms.BooleanField(label=gettext_lazy("Leave it out"), required=False)

    class Meta:
        model = CallToAction
        fields = CALL
        labels = {
            "kind": gettext_lazy("What it is"),
            "words": gettext_lazy("In your own words"),
            "event": gettext_lazy("Event"),
            "details": gettext_lazy("More about it"),
            "url": gettext_lazy("Link"),
            "link_words": gettext_lazy("Words of the link"),
            "email": gettext_lazy("E-mail address"),
        }
        help_texts = {
            "words": gettext_lazy("One line. Events, sharing and support have usual words if you write none."),
            "event": gettext_lazy("Its day, time and place stand below your words by themselves."),
            "details": gettext_lazy("Folded until somebody opens it."),
            "link_words": gettext_lazy("Such as “more details here”."),
            "email": gettext_lazy("Everybody can read it; machines that collect addresses can't."),
        }
        widgets = {
            "words": AdminTextInputWidget,
            "details": AdminTextareaWidget(attrs={"rows": 3}),
            "url": AdminURLFieldWidget,
            "link_words": AdminTextInputWidget,
            "email": AdminTextInputWidget,
        }

    def __init__(self, *args: Any, statement: Statement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        event = self.fields["event"]
        if isinstance(event, forms.ModelChoiceField):
            event.queryset = Event.objects.filter(statement=statement)
        self.fields["kind"].required = False

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing, or should not stand."""
        return bool(self.cleaned_data.get("leave_out")) or not any(self.cleaned_data.get(name) for name in CALL)

    def clean(self) -> dict[str, Any]:
        """Each kind has what it needs; what a kind does not use is refused, not dropped."""
        data = super().clean() or self.cleaned_data
        if data.get("leave_out") or (self.is_empty and not self.errors):
            return data
        kind = data.get("kind") or ""
        if not kind and "kind" not in self.errors:
            self.add_error("kind", _("Say what it is."))
        name, words = NEEDED.get(kind, ("", ""))
        if name and not data.get(name) and name not in self.errors:
            self.add_error(name, str(words))
        if data.get("event") and kind != Kind.EVENT:
            self.add_error("event", _("Only an event names one. Choose “event” above, or no event here."))
        if data.get("link_words") and not data.get("url") and kind != Kind.EVENT and "url" not in self.errors:
            self.add_error("url", _("Words of a link lead nowhere without the link."))
        if kind in {Kind.LINK, Kind.EMAIL, Kind.WORDS} and not data.get("words") and "words" not in self.errors:
            self.add_error("words", _("Write what readers should do."))
        return data

    def _get_validation_exclusions(self) -> set[str]:
        """What is left out is checked by nobody; all are stored anew, so that an event was named before is no clash."""
        excluded = super()._get_validation_exclusions()  # type: ignore[misc]  # the stubs leave it out
        return {*excluded, "event", *(self.fields if self.is_empty else ())}


class CallFormSet(forms.BaseFormSet):
    """All calls of a statement, and some empty ones."""

    def clean(self) -> None:
        """An event is named once."""
        times = Counter(form.cleaned_data.get("event") for form in self.kept)
        for form in self.kept:
            event = form.cleaned_data.get("event")
            if event and times[event] > 1:
                form.add_error("event", _("This event stands here twice."))

    @property
    def kept(self) -> list[Any]:
        """The forms that say something, in the order of their numbers; those without one come last."""
        said = [form for form in self.forms if hasattr(form, "cleaned_data") and not form.is_empty]
        return sorted(said, key=lambda form: form.cleaned_data.get("number") or MOST * 100)

    @property
    def rows(self) -> list[CallToAction]:
        """What `calls.arrange` keeps."""
        return [form.instance for form in self.kept]


class CallsForm(forms.Form):
    """What stands over all of them."""

    heading = TextBox(
        label=gettext_lazy("Heading"),
        max_length=80,
        required=False,
        widget=AdminTextInputWidget,
        help_text=Statement._meta.get_field("calls_heading").help_text,
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


def _formset(data: Any, statement: Statement) -> CallFormSet:
    rows = calls.arranged(statement) or calls.usual()
    made = forms.formset_factory(CallForm, formset=CallFormSet, extra=MORE, max_num=MOST, absolute_max=MOST * 2)
    names = CALL
    initial = [
        {"number": number, **{name: getattr(row, name) for name in names}} for number, row in enumerate(rows, start=1)
    ]
    # All are stored anew, so one that stands as it stood is none that nobody filled in.
    kwargs = {"statement": statement, "empty_permitted": False, "use_required_attribute": False}
    return made(data, prefix="call", initial=None if data is not None else initial, form_kwargs=kwargs)  # type: ignore[return-value]  # the factory's type does not name the class


class CallsMixin(StatementPages):
    """For the ModelAdmin of statements."""

    def calls(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The calls and their order; POST keeps them."""
        statement = self._find(request, pk, "change_statement")
        posted = request.POST if request.method == "POST" else None
        formset = _formset(posted, statement)
        form = CallsForm(posted, initial={"heading": statement.calls_heading, "seen": calls.mark(statement)})
        theirs: list[CallToAction] = []
        if posted is not None and form.is_valid() and formset.is_valid():
            try:
                calls.arrange(
                    statement=statement,
                    calls=formset.rows,
                    heading=form.cleaned_data["heading"],
                    seen=form.cleaned_data["seen"],
                    by=staff(request).user,
                )
            except calls.Outdated as error:
                form.add_error(None, str(error))
                theirs = calls.arranged(statement)
                form.data = {**form.data, "heading": form.cleaned_data["heading"], "seen": calls.mark(statement)}
            else:
                self.message_user(request, _("Kept. Readers see them in this order."), messages.SUCCESS)
                return redirect(request.path)
        page = self._page(
            request, "calls", statement, title=_("What readers can do"), form=form, formset=formset, theirs=theirs
        )
        page.status_code = HTTPStatus.OK if posted is None else HTTPStatus.UNPROCESSABLE_ENTITY
        return page
