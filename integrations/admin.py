"""Webhooks on the desk, and the events sent to them."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin.base import BigTableAdmin, HouseAdmin
from core.admin.decisions import Decision, decision
from core.staff_request import staff
from integrations import delivering, endpoints
from integrations.fediverse import admin as fediverse  # noqa: F401 - it registers itself
from integrations.models import Endpoint, EventType, WebhookEvent
from integrations.newsletters import admin as newsletters  # noqa: F401 - as above
from integrations.notices import admin as notices  # noqa: F401 - as above
from integrations.oidc import admin as oidc  # noqa: F401 - as above
from mail.outbound import guard


class EndpointForm(forms.ModelForm):
    """An address that is allowed, and what it wants to hear of."""

    events = forms.MultipleChoiceField(
        label=_("Events"),
        choices=EventType.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("docs/webhooks.md shows what each says."),
    )

    class Meta:
        model = Endpoint
        fields = ["url", "recipient", "events", "may_have_mailbox"]
        widgets: ClassVar = {"url": forms.URLInput(attrs={"class": "vURLField"})}

    def clean_url(self) -> str:
        """Refuse a host that is not allowed, with the sentence that would otherwise be in the log."""
        url = self.cleaned_data["url"].strip()
        try:
            guard.target(url)
        except guard.Refused as error:
            raise forms.ValidationError(str(error)) from error
        return url


def _by(request: HttpRequest) -> dict[str, Any]:
    return {"by": staff(request).user}


class EndpointDecision(Decision):
    """The verbs enter the record themselves."""

    def run(self, request: HttpRequest, row: Any, typed: dict[str, str]) -> None:
        """Act on one endpoint."""
        said = self.act(endpoint=row, **typed, **_by(request))
        if said:
            show(request, said)


def show(request: HttpRequest, secret: str) -> None:
    """The one time that a secret is seen."""
    words = _("Its secret, which is shown only now: %(secret)s. Give it to the people who run the receiver.")
    messages.warning(request, words % {"secret": secret})


@admin.register(Endpoint)
class EndpointAdmin(HouseAdmin):
    """Webhooks."""

    form = EndpointForm
    list_display = ["url", "recipient", "heard", "may_have_mailbox", "is_on", "off_why", "made_by", "made_at"]
    list_select_related = ["made_by"]
    readonly_fields = ["made_by", "made_at", "rotated_at", "off_at", "off_why"]
    actions = [
        decision(
            "rotate",
            _("Make a new secret"),
            permission="change",
            consequence=_("The secret of now stays valid for 24 hours beside the new one, which is shown once."),
            done=_("given a new secret"),
            act=endpoints.rotate,
            refuses=endpoints.AlreadyDone,
            made_of=EndpointDecision,
        ),
        decision(
            "switch_off",
            _("Switch off"),
            permission="change",
            consequence=_("Nothing is sent there any more, and what waits for it is dropped."),
            done=_("switched off"),
            act=endpoints.switch_off,
            refuses=endpoints.AlreadyDone,
            asks_why=True,
            made_of=EndpointDecision,
        ),
        decision(
            "switch_on",
            _("Switch on"),
            permission="change",
            consequence=_("It is told what happens from now on. The list of events sends again what it missed."),
            done=_("switched on"),
            act=endpoints.switch_on,
            refuses=endpoints.AlreadyDone,
            made_of=EndpointDecision,
        ),
    ]

    @admin.display(description=_("events"))
    def heard(self, obj: Endpoint) -> str:
        """The events it is subscribed to."""
        return ", ".join(obj.events)

    @admin.display(description=_("on"), boolean=True)
    def is_on(self, obj: Endpoint) -> bool:
        """Whether it is switched on."""
        return obj.is_on

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Endpoint, form: forms.ModelForm, change: bool) -> None:
        """A new one has a secret."""
        if secret := endpoints.save(endpoint=obj, **_by(request)):
            show(request, secret)


@admin.register(WebhookEvent)
class WebhookEventAdmin(BigTableAdmin):
    """Events that were detected and sent, and can be sent again."""

    is_about_people = True
    list_display = ["type", "statement_id", "subject_id", "happened_at", "noticed_at"]
    list_filter = ["type"]
    fields = ["type", "uuid", "statement_id", "subject_id", "happened_at", "noticed_at"]
    actions = [
        decision(
            "replay",
            _("Send again"),
            permission="replay",
            consequence=_(
                "Every webhook that is switched on and listens to these is told once more, with the same ids."
            ),
            done=_("queued again"),
            act=delivering.replay,
            refuses=delivering.NobodyListens,
        )
    ]

    def has_replay_permission(self, request: HttpRequest) -> bool:
        """Whether this person may send it again."""
        return request.user.has_perm("integrations.change_endpoint")
