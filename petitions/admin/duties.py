"""What somebody must do for a statement, so that nobody waits in vain; each app registers its own duties."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.functional import Promise

from petitions.statements.models import Statement


@dataclass(frozen=True)
class Duty:
    """A duty, the permission that it takes, what to say when nobody has it, and whether the statement needs it."""

    label: str | Promise
    permission: str
    nobody: str | Promise
    matters: Callable[[Statement], bool]


_duties: list[Duty] = []


def duty(label: str | Promise, *, permission: str, nobody: str | Promise, matters: Callable[[Statement], bool]) -> None:
    """Register one."""
    _duties.append(Duty(label, permission, nobody, matters))


def all_of(statement: Statement) -> list[Duty]:
    """Those that this statement needs."""
    return [one for one in _duties if one.matters(statement)]


def people(statement: Statement, one: Duty) -> QuerySet[User]:
    """Who of those that work on the statement can do it. Administrators count when they are among them."""
    able = User.objects.with_perm(one.permission, backend="django.contrib.auth.backends.ModelBackend")
    return able.filter(pk__in=statement.assignments.values("user"), is_active=True, is_staff=True)


def neglected(statement: Statement) -> list[Duty]:
    """Those that nobody has."""
    return [one for one in all_of(statement) if not people(statement, one).exists()]
