"""Accounts in the fediverse on the desk."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from core.admin.base import HouseAdmin
from core.admin.decisions import Decision, decision
from core.staff_request import staff
from integrations.fediverse import documents, keeping
from integrations.fediverse.models import Actor


class ActorDecision(Decision):
    """The verbs enter the record themselves."""

    def run(self, request: HttpRequest, row: Any, typed: dict[str, str]) -> None:
        """Act on one account."""
        self.act(actor=row, by=staff(request).user, **typed)


@admin.register(Actor)
class ActorAdmin(HouseAdmin):
    """Accounts of publishers: off until they are switched on."""

    list_display = ["handle", "publisher", "is_on", "following", "told"]
    list_select_related = ["publisher"]
    fields: ClassVar = ["publisher", "name"]
    ordering = ["pk"]
    actions = [
        decision(
            "switch_on",
            gettext_lazy("Switch on"),
            permission="change",
            consequence=gettext_lazy(
                "Everybody in the fediverse can find and follow it. What this publisher puts online from then on is"
                " sent to the servers of those who follow, which no list on the desk names; what was sent can’t be"
                " called back everywhere. Its name can’t be changed any more."
            ),
            done=gettext_lazy("switched on"),
            act=keeping.switch_on,
            refuses=keeping.AlreadyDone,
            made_of=ActorDecision,
        ),
        decision(
            "switch_off",
            gettext_lazy("Switch off"),
            permission="change",
            consequence=gettext_lazy(
                "Nobody finds it any more, nothing is sent, and who followed is forgotten: switched on again, it"
                " begins with nobody. To stop it for a while, use the switch for requests to other hosts."
            ),
            done=gettext_lazy("switched off"),
            act=keeping.switch_off,
            refuses=keeping.AlreadyDone,
            made_of=ActorDecision,
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With how many follow and how much was told."""
        told = Count("posts", filter=Q(posts__gone_at=None), distinct=True)
        rows = super().get_queryset(request)
        return rows.annotate(number_following=Count("followers", distinct=True), number_told=told)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Once it has a key others may know it."""
        return ["publisher", "name"] if isinstance(obj, Actor) and obj.private_key else []

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """One that others know is switched off instead."""
        return super().has_delete_permission(request, obj) and not (isinstance(obj, Actor) and obj.private_key)

    @admin.display(description=gettext_lazy("account"))
    def handle(self, obj: Actor) -> str:
        """As people write it."""
        return documents.handle(obj)

    @admin.display(description=gettext_lazy("on"), boolean=True)
    def is_on(self, obj: Actor) -> bool:
        """Whether it can be found and followed."""
        return obj.is_on

    @admin.display(description=gettext_lazy("follow it"))
    def following(self, obj: Any) -> int:
        """How many; who they are is nobody's business."""
        return obj.number_following

    @admin.display(description=gettext_lazy("posts"))
    def told(self, obj: Any) -> int:
        """How much it has told."""
        return obj.number_told

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Actor, form: forms.ModelForm, change: bool) -> None:
        """Through its verb."""
        keeping.save(actor=obj, by=staff(request).user)
