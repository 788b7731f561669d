"""Duties that a statement needs somebody for, such as moderating comments; each app registers its own."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.functional import Promise

from petitions.statements.models import Statement


@dataclass(frozen=True)
class Duty:
    """A duty, the permission it takes, the warning when nobody has it, and whether a statement needs it."""

    label: str | Promise
    permission: str
    nobody: str | Promise
    matters: Callable[[Statement], bool]


_duties: list[Duty] = []


def duty(label: str | Promise, *, permission: str, nobody: str | Promise, matters: Callable[[Statement], bool]) -> None:
    """Register one."""
    _duties.append(Duty(label, permission, nobody, matters))


def all_of(statement: Statement) -> list[Duty]:
    """The duties that this statement needs."""
    return [one for one in _duties if one.matters(statement)]


def people(statement: Statement, one: Duty) -> QuerySet[User]:
    """The people on the statement's team who can do it, including administrators on the team."""
    able = User.objects.with_perm(one.permission, backend="django.contrib.auth.backends.ModelBackend")
    return able.filter(pk__in=statement.assignments.values("user"), is_active=True, is_staff=True)


def neglected(statement: Statement) -> list[Duty]:
    """The needed duties that nobody on the team can do."""
    return [one for one in all_of(statement) if not people(statement, one).exists()]
