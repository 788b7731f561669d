"""The four roles of the staff, and what each may do: every app declares its own part in its `desk.py`.

`manage.py roles` makes them groups of Django's; a permission that no app declares, nobody but administrators has.
"""

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.module_loading import autodiscover_modules, module_has_submodule

ADMINISTRATOR, CAMPAIGNER, MODERATOR, AUDITOR = "Administrator", "Campaigner", "Moderator", "Auditor"

_grants: dict[str, set[str]] = {CAMPAIGNER: set(), MODERATOR: set(), AUDITOR: set()}


def grant(role: str, app: str, codenames: str) -> None:
    """Let `role` do what the `codenames` of `app` say, parted by spaces, such as "view_event add_event"."""
    _grants[role] |= {f"{app}.{codename}" for codename in codenames.split()}


def declared(role: str) -> set[str]:
    """What a role may do, as "app.codename"."""
    autodiscover_modules("desk")
    return set(_grants[role])


@transaction.atomic
def establish() -> dict[str, int]:
    """Make the groups and set their permissions; returns how many each has. Harmless to repeat.

    Raises Permission.DoesNotExist for a declared permission that its app does not have.
    """
    held = {ADMINISTRATOR: list(Permission.objects.filter(content_type__app_label__in=_ours()))}
    held |= {role: [_permission(name) for name in sorted(declared(role))] for role in _grants}
    for role, permissions in held.items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set(permissions)
    return {role: len(permissions) for role, permissions in held.items()}


def _ours() -> list[str]:
    """The people who log in, and every app with a desk."""
    return ["auth", *(app.label for app in apps.get_app_configs() if module_has_submodule(app.module, "desk"))]


def _permission(name: str) -> Permission:
    app, _, codename = name.partition(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)
