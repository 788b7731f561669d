"""The staff of the demo: one log-in for each role."""

from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User

from core import roles
from petitions.models import Assignment, Statement
from petitions.statements import assigning
from seeds.world import Clock, read


def load(clock: Clock) -> int:
    """Make the log-ins that are missing, and bring each role's permissions up to date. Returns how many were new."""
    roles.establish()
    staff = read("staff")
    known = set(User.objects.values_list("username", flat=True))
    missing = [person for person in staff["staff"] if person["username"] not in known]
    # Hashing is slow on purpose, so all share one hash: the password is published anyway.
    password = make_password(staff["password"]) if missing else ""
    for person in missing:
        _hire(person, password)
    return len(missing)


def _hire(person: dict[str, Any], password: str) -> None:
    user = User.objects.create(
        username=person["username"],
        first_name=person["first_name"],
        last_name=person["last_name"],
        email=f"{person['username']}@example.org",
        password=password,
        is_staff=True,
        is_superuser=person["superuser"],
    )
    user.groups.add(Group.objects.get(name=person["role"]))


def assign(clock: Clock) -> int:
    """Let the campaigner and the moderator look after every statement of the demo. Returns how many were new."""
    before = Assignment.objects.count()
    for user in User.objects.filter(groups__name__in=[roles.CAMPAIGNER, roles.MODERATOR]):
        for statement in Statement.objects.exclude(assignments__user=user):
            assigning.assign(statement=statement, user=user)
    return Assignment.objects.count() - before
