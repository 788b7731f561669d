"""The staff of the demo: one log-in for each role."""

from typing import Any

from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission, User

from seeds.world import Clock, read


def load(clock: Clock) -> int:
    """Make the log-ins that are missing, and bring each role's permissions up to date. Returns how many were new."""
    staff = read("staff")
    roles = {person["username"]: _role(person) for person in staff["staff"] if not person["superuser"]}
    known = set(User.objects.values_list("username", flat=True))
    missing = [person for person in staff["staff"] if person["username"] not in known]
    # Hashing is slow on purpose, so all share one hash: the password is published anyway.
    password = make_password(staff["password"]) if missing else ""
    for person in missing:
        _hire(person, password, roles.get(person["username"]))
    return len(missing)


def _hire(person: dict[str, Any], password: str, role: Group | None) -> None:
    user = User.objects.create(
        username=person["username"],
        first_name=person["first_name"],
        last_name=person["last_name"],
        email=f"{person['username']}@example.org",
        password=password,
        is_staff=True,
        is_superuser=person["superuser"],
    )
    if role:
        user.groups.add(role)


def _role(person: dict[str, Any]) -> Group:
    """The group that bears the log-in's name, with the permissions that exist so far: apps join one by one."""
    role, _ = Group.objects.get_or_create(name=person["username"])
    role.permissions.set([permission(name) for name in person["permissions"] if has_model(name)])
    return role


def has_model(name: str) -> bool:
    """Whether the permission called "app.verb_model" is about a model that this site has."""
    return name.rpartition("_")[2] in apps.all_models.get(name.partition(".")[0], {})


def permission(name: str) -> Permission:
    """The permission called "app.codename". Raises Permission.DoesNotExist for one that its app does not have."""
    app, _, codename = name.partition(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)
