"""Whose accounts elsewhere are whose."""

from typing import ClassVar

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest

from core.admin.base import HouseAdmin
from core.staff_request import staff
from integrations.oidc import identities
from integrations.oidc.models import Identity


@admin.register(Identity)
class IdentityAdmin(HouseAdmin):
    """Those who tried to log in and wait to be linked first, then the others."""

    list_display = ["__str__", "pk", "user", "issuer", "tried_at", "used_at", "linked_by"]
    list_filter: ClassVar = [("user", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "linked_by"]
    fields: ClassVar = ["calls_itself", "issuer", "subject", "tried_at", "used_at", "linked_by", "user"]
    readonly_fields: ClassVar = ["calls_itself", "issuer", "subject", "tried_at", "used_at", "linked_by"]
    ordering = ["-pk"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They come by trying."""
        return False

    def save_model(self, request: HttpRequest, obj: Identity, form: forms.ModelForm, change: bool) -> None:
        """Whoever links it stands beside it, and in the record."""
        with transaction.atomic():
            identities.link(identity=obj, user=obj.user, by=staff(request).user)
