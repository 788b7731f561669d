"""Newsletters on the desk: what would be handed over, trying, starting, pausing, and how far it is."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core.admin.base import HouseAdmin
from core.staff_request import staff
from integrations.newsletters import connectors, keeping, people
from integrations.newsletters.models import Newsletter, Program, Subscriber
from mail.outbound import guard

NUMBERED = {Program.LISTMONK, Program.CIVICRM}  # whose lists have numbers


class NewsletterForm(forms.ModelForm):
    """Where it is, the key, and what is told as what."""

    new_key = forms.CharField(
        label=gettext_lazy("Key"),
        required=False,
        strip=True,
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Kept sealed and never shown again. Empty: the one that is kept stays."),
    )
    mapping = forms.CharField(
        label=gettext_lazy("What is told as what"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One for each line: ours = theirs. Ours are name, language, postcode, statement, agreed_at and consent; "
            "the address always goes. Empty: what docs/newsletters/ says of the program."
        ),
    )

    class Meta:
        model = Newsletter
        fields: ClassVar = ["publisher", "recipient", "program", "url", "username", "list_id", "mapping"]
        widgets: ClassVar = {"url": forms.URLInput(attrs={"class": "vURLField"})}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        lines = [f"{ours} = {theirs}" for ours, theirs in (self.instance.mapping or {}).items()]
        self.initial["mapping"] = "\n".join(lines)

    def clean_url(self) -> str:
        """Refused here with the sentence that would else stand in the log."""
        url = self.cleaned_data["url"].strip()
        try:
            guard.target(url)
        except guard.Refused as error:
            raise forms.ValidationError(str(error)) from error
        return url

    def clean_mapping(self) -> dict[str, str]:
        """Lines as pairs."""
        lines = [line for line in self.cleaned_data["mapping"].splitlines() if line.strip()]
        pairs = [tuple(part.strip() for part in line.partition("=")[::2]) for line in lines]
        for line, (ours, theirs) in zip(lines, pairs, strict=True):
            if ours not in people.TOLD or not theirs:
                words = _("“%(line)s” is not like name = FNAME. Ours are: %(ours)s.")
                raise forms.ValidationError(words % {"line": line.strip(), "ours": ", ".join(people.TOLD)})
        return dict(pairs)

    def clean(self) -> dict[str, Any]:
        """What belongs together."""
        data = super().clean() or {}
        if not data.get("new_key") and not self.instance.key:
            self.add_error("new_key", _("Write the key that the program gave you."))
        if data.get("program") == Program.LISTMONK and not data.get("username"):
            self.add_error("username", _("listmonk asks for the name of the API user as well."))
        if data.get("program") in NUMBERED and not str(data.get("list_id", "0")).isdecimal():
            self.add_error("list_id", _("Here a list is a number."))
        self._judge_changes(data)
        if not data.get("mapping") and data.get("program"):
            data["mapping"] = dict(connectors.of(data["program"]).mapping)
        return data

    def _judge_changes(self, data: dict[str, Any]) -> None:
        """Who is on it agreed to this recipient, and can be taken off only where they are."""
        fixed = {"publisher", "recipient", "program"} & set(self.changed_data)
        if self.instance.pk and fixed and keeping.has_people(self.instance):
            for name in fixed & data.keys():
                words = _("People are on it already, who agreed to what stood here. Make another newsletter instead.")
                self.add_error(name, words)


VERBS: dict[str, tuple[Callable[..., None], Any]] = {
    "try": (keeping.try_it, gettext_lazy("Asked. The answer stands below once it has come, mostly within seconds.")),
    "start": (keeping.start, gettext_lazy("Started. The worker hands people over, and goes on where it was.")),
    "pause": (keeping.pause, gettext_lazy("Paused. Nobody is handed over; who leaves is still taken off.")),
    "off": (keeping.switch_off, gettext_lazy("Switched off. The privacy notice names it no more.")),
}


@admin.register(Newsletter)
class NewsletterAdmin(HouseAdmin):
    """Newsletters elsewhere that people are handed over to."""

    form = NewsletterForm
    change_form_template = "admin/integrations/newsletter/change_form.html"
    list_display = ["recipient", "publisher", "program", "list_id", "state", "why", "made_by", "made_at"]
    list_filter = ["state"]
    list_select_related = ["publisher", "made_by"]
    fields: ClassVar = ["publisher", "recipient", "program", "url", "username", "new_key", "list_id", "mapping"]
    ordering = ["pk"]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Not while somebody is on it: nobody could be taken off any more."""
        may = super().has_delete_permission(request, obj)
        return may and not (isinstance(obj, Newsletter) and keeping.has_people(obj))

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(require_POST(partial(self.turn, verb=verb, done=done))),
                name=f"integrations_newsletter_{name}",
            )
            for name, (verb, done) in VERBS.items()
        ]
        return [*own, *super().get_urls()]

    def turn(self, request: HttpRequest, pk: int, verb: Callable[..., None], done: str) -> HttpResponse:
        """Try, start, pause or switch off."""
        newsletter = self.get_queryset(request).filter(pk=pk).first()
        if not self.has_change_permission(request, newsletter):
            raise PermissionDenied
        if newsletter is None:
            raise Http404
        try:
            verb(newsletter=newsletter, by=staff(request).user)
        except keeping.AlreadyDone:
            self.message_user(request, _("It is so already."), messages.WARNING)
        else:
            self.message_user(request, str(done), messages.SUCCESS)
        return redirect("admin:integrations_newsletter_change", pk)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any) -> Any:
        """With what starting would do, and how far it is."""
        newsletter = context.get("original")
        if isinstance(newsletter, Newsletter):
            counts = dict(newsletter.subscribers.values_list("state").order_by().annotate(Count("pk")))
            context |= {
                "newsletter": newsletter,
                "dry_run": people.dry_run(newsletter),
                "progress": [(label, counts[state]) for state, label in Subscriber.State.choices if state in counts],
                "refusals": newsletter.subscribers.filter(state=Subscriber.State.REFUSED)
                .values_list("why")
                .annotate(number=Count("pk"))
                .order_by("-number")[:5],
                "may_turn": self.has_change_permission(request, newsletter),
            }
        return super().render_change_form(request, context, *args, **options)

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Newsletter, form: forms.ModelForm, change: bool) -> None:
        """The key is sealed."""
        keeping.save(newsletter=obj, key=form.cleaned_data["new_key"], by=staff(request).user)
