"""The staff of the demo: one log-in for each role."""

from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission, User

from seeds.world import Clock, read


def load(clock: Clock) -> int:
    """Make the log-ins that are missing, and bring each role's permissions up to date. Returns how many were new."""
    staff = read("staff")
    return sum(_hire(person, staff["password"]) for person in staff["staff"])


def _hire(person: dict[str, Any], password: str) -> bool:
    user, new = User.objects.get_or_create(
        username=person["username"],
        defaults={
            "first_name": person["first_name"],
            "last_name": person["last_name"],
            "email": f"{person['username']}@example.org",
            "is_staff": True,
            "is_superuser": person["superuser"],
        },
    )
    if new:
        user.set_password(password)
        user.save(update_fields=["password"])
    if not person["superuser"]:
        _role(person).user_set.add(user)
    return new


def _role(person: dict[str, Any]) -> Group:
    """The group that bears the log-in's name, with the permissions that exist so far: apps join one by one."""
    role, _ = Group.objects.get_or_create(name=person["username"])
    role.permissions.set([permission(name) for name in person["permissions"] if _installed(name)])
    return role


def _installed(name: str) -> bool:
    return apps.is_installed(name.partition(".")[0]) or apps.is_installed(f"django.contrib.{name.partition('.')[0]}")


def permission(name: str) -> Permission:
    """The permission called "app.codename". Raises Permission.DoesNotExist for one that its app does not have."""
    app, _, codename = name.partition(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)
