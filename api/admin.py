"""Tokens on the desk: who may come in by program, for what, and until when."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from api import tokens
from api.models import Scope, Token
from core.admin import HouseAdmin, OwnRecord, decision
from core.admin.base import choose_from
from core.staff_request import staff
from publishers.models import Publisher


class TokenForm(forms.ModelForm):
    """What a new token may do, in whose name, and until when."""

    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Reading what everybody may read needs no token. docs/api.md says what each is for."),
    )

    class Meta:
        model = Token
        fields: ClassVar = ["publisher", "name", "owner", "scopes", "reason", "expires_at"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "owner" in self.fields:
            choose_from(self, "owner", User.objects.filter(is_active=True, is_staff=True).order_by("username"))

    def clean_expires_at(self) -> Any:
        """Not for ever: what is forgotten must end by itself."""
        expires = self.cleaned_data["expires_at"]
        if expires <= timezone.now():
            raise forms.ValidationError(_("Choose a time to come."))
        if expires > timezone.now() + tokens.LONGEST:
            raise forms.ValidationError(_("Choose a time within a year; then make another one."))
        return expires


class TokenDecision(OwnRecord):
    """The verb enters the record itself."""

    def run(self, request: HttpRequest, row: Any, typed: dict[str, str]) -> None:
        """Act on one token."""
        self.act(token=row, by=staff(request).user, **typed)


@admin.register(Token)
class TokenAdmin(HouseAdmin):
    """Made and revoked, never changed: what a program has in hand stays what it was."""

    form = TokenForm
    list_display = ["name", "publisher", "owner", "may", "ends_with", "stands", "expires_at", "last_used_at"]
    list_filter = ["publisher"]
    list_select_related = ["publisher", "owner"]
    fields = [
        "publisher", "name", "owner", "scopes", "reason", "expires_at", "stands", "hint", "made_by", "made_at",
        "last_used_at", "revoked_at",
    ]  # fmt: skip
    readonly_fields = ["stands", "hint", "made_by", "made_at", "last_used_at", "revoked_at"]
    actions = [
        decision(
            "revoke",
            _("Revoke"),
            permission="revoke",
            consequence=_("The program that has it gets no answer any more but that it was revoked."),
            done=_("revoked"),
            act=tokens.revoke,
            refuses=tokens.AlreadyRevoked,
            asks_why=True,
            made_of=TokenDecision,
        )
    ]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """A new one has nothing yet but what is asked for."""
        return [*self.fields] if obj else [*TokenForm.Meta.fields]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Who may end one."""
        return request.user.has_perm("api.change_token")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The person who makes it, the publisher where there is but one, and half a year."""
        initial = super().get_changeform_initial_data(request)
        own = {"owner": staff(request).user.pk, "expires_at": timezone.now() + timedelta(days=182)}
        publishers = list(Publisher.objects.values_list("pk", flat=True)[:2])
        return {**own, **({"publisher": publishers[0]} if len(publishers) == 1 else {}), **initial}

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Token, form: forms.ModelForm, change: bool) -> None:
        """The one time that it is seen."""
        secret = tokens.make(token=obj, by=staff(request).user)
        words = _("The token, which is shown only now: %(secret)s. Give it to the program, and to nobody else.")
        messages.warning(request, words % {"secret": secret})

    @admin.display(description=_("it may"))
    def may(self, obj: Token) -> str:
        """Its scopes."""
        return ", ".join(obj.scopes)

    @admin.display(description=_("ends with"))
    def ends_with(self, obj: Token) -> str:
        """How to tell it from others."""
        return f"…{obj.hint}"

    @admin.display(description=_("stands"))
    def stands(self, obj: Token) -> str:
        """Whether it works."""
        words = {"valid": _("valid"), "expired": _("expired"), "revoked": _("revoked"), "left": _("its owner has left")}
        return str(words[obj.state])
