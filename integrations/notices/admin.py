"""Notices to chats on the desk."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin.base import HouseAdmin
from core.admin.decisions import Decision, decision
from core.staff_request import staff
from integrations.notices import chats, keeping, telling
from integrations.notices.models import About, Chat, Notice
from mail.outbound import guard


class NoticeForm(forms.ModelForm):
    """Which room, how it is reached, and what it is told."""

    about = forms.MultipleChoiceField(
        label=gettext_lazy("Told when"), choices=About.choices, widget=forms.CheckboxSelectMultiple
    )
    where = forms.CharField(
        label=gettext_lazy("Address"),
        required=False,
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "off", "class": "vURLField"}),
        help_text=gettext_lazy(
            "Of the incoming webhook, of the room or topic, or a mailbox; docs/notices.md shows each. Kept sealed and "
            "never shown again. Empty: the one that is kept stays."
        ),
    )
    token = forms.CharField(
        label=gettext_lazy("Token"),
        required=False,
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Only for Matrix, and for ntfy where the topic asks for one."),
    )

    class Meta:
        model = Notice
        fields: ClassVar = ["name", "chat", "about", "per_hour"]

    def clean(self) -> dict[str, Any]:
        """The address is one of that chat, and may be asked."""
        data = super().clean() or {}
        chat, where = data.get("chat", ""), data.get("where", "").strip()
        if not where and (not self.instance.secret or "chat" in self.changed_data or data.get("token")):
            self.add_error("where", _("Write the address."))
        elif where:
            self._judge(chat, where, data.get("token", ""))
        return data

    def _judge(self, chat: str, where: str, token: str) -> None:
        try:
            if chat == Chat.EMAIL:
                validate_email(where)
                return
            guard.target(where)
            chats.judge(chat, where, token)
        except (guard.Refused, chats.Odd) as error:
            self.add_error("where", str(error))
        except forms.ValidationError as error:
            self.add_error("where", error)


class NoticeDecision(Decision):
    """The verbs enter the record themselves."""

    def run(self, request: HttpRequest, row: Any, typed: dict[str, str]) -> None:
        """Act on one notice."""
        self.act(notice=row, by=staff(request).user, **typed)


def try_it(*, notice: Notice, by: Any) -> None:
    """Send one line, so that somebody sees it arrive. Raises AlreadyDone when it is switched off."""
    if not notice.is_on:
        raise keeping.AlreadyDone
    telling.queue_one(notice, [_("This is a test from the desk, by %(name)s.") % {"name": by.get_username()}])


@admin.register(Notice)
class NoticeAdmin(HouseAdmin):
    """Rooms and mailboxes that are told how things stand."""

    form = NoticeForm
    list_display = ["name", "chat", "told", "per_hour", "is_on", "off_why", "said_at", "made_by"]
    list_select_related = ["made_by"]
    fields: ClassVar = ["name", "chat", "where", "token", "about", "per_hour"]
    ordering = ["pk"]
    actions = [
        decision(
            "try_it",
            gettext_lazy("Try it"),
            permission="change",
            consequence=gettext_lazy("One line is sent there. “Requests to other hosts” shows what came back."),
            done=gettext_lazy("asked"),
            act=try_it,
            refuses=keeping.AlreadyDone,
            made_of=NoticeDecision,
        ),
        decision(
            "switch_off",
            gettext_lazy("Switch off"),
            permission="change",
            consequence=gettext_lazy("Nothing is sent there any more."),
            done=gettext_lazy("switched off"),
            act=keeping.switch_off,
            refuses=keeping.AlreadyDone,
            asks_why=True,
            made_of=NoticeDecision,
        ),
        decision(
            "switch_on",
            gettext_lazy("Switch on"),
            permission="change",
            consequence=gettext_lazy("It is told what comes from now on."),
            done=gettext_lazy("switched on"),
            act=keeping.switch_on,
            refuses=keeping.AlreadyDone,
            made_of=NoticeDecision,
        ),
    ]

    @admin.display(description=gettext_lazy("told when"))
    def told(self, obj: Notice) -> str:
        """What it is told of."""
        return "; ".join(str(About(one).label) for one in obj.about)

    @admin.display(description=gettext_lazy("on"), boolean=True)
    def is_on(self, obj: Notice) -> bool:
        """Whether it is told of anything."""
        return obj.is_on

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Notice, form: forms.ModelForm, change: bool) -> None:
        """The address is sealed."""
        data = form.cleaned_data
        keeping.save(notice=obj, url=data["where"].strip(), token=data["token"], by=staff(request).user)
