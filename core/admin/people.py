"""Staff log-ins and roles: Django's own pages, entered in the record."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_otp import user_has_device

from core import second_factor
from core.admin.base import HouseAdmin
from core.admin.decisions import decision

admin.site.unregister(User)
admin.site.unregister(Group)


class NoSecondFactor(Exception):
    """The person has no second factor."""


def forget_second_factor(row: User) -> None:
    """Reset a second factor, so that the person sets up a new one. Raises NoSecondFactor."""
    if not user_has_device(row):
        raise NoSecondFactor
    second_factor.forget(user=row)


@admin.register(User)
class PersonAdmin(HouseAdmin, UserAdmin):
    """A log-in. Give it a role rather than single permissions."""

    list_display = ["username", "name", "roles", "email", "is_active", "last_login"]
    list_filter = ["is_active", "is_superuser", "groups"]
    actions = [
        decision(
            "forget_second_factor",
            _("Take the second factor away"),
            permission="change",
            consequence=_("They set up a new one when they next log in. Make sure that it was them who asked."),
            done=_("took the second factor away"),
            act=forget_second_factor,
            refuses=NoSecondFactor,
            password_from=1,
        )
    ]
    search_help_text = _("Part of the log-in name, the name or the address.")

    @admin.display(description=_("Name"))
    def name(self, obj: User) -> str:
        """First and last name."""
        return obj.get_full_name()

    @admin.display(description=_("Roles"))
    def roles(self, obj: User) -> str:
        """The groups, by name."""
        named = [group.name for group in obj.groups.all()] or (["Everything"] if obj.is_superuser else [])
        return ", ".join(named)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("groups")


@admin.register(Group)
class RoleAdmin(HouseAdmin, GroupAdmin):
    """A role; `manage.py roles` brings ours up to date."""
