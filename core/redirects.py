"""Old addresses that lead to new ones for ever: old slugs, and the paths of a site that was here before.

One table for all of them. The database keeps each address once, lets no two lead round in a circle, and has every row
name where its way ends (core/schema.py). Where an address leads is decided in core/resolver.py.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import psycopg
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.audit import Staff
from core.models import Redirect, redirect_key

# What turns the new address of a thing into the new address of the page that was asked for, if it can.
Turn = Callable[[str], str | None]


class RedirectError(Exception):
    """An old address that cannot lead there; its text is written for the person who tried."""


IN_A_CIRCLE = _("This address would lead back to itself.")


class InACircle(RedirectError):
    """It would lead back to itself."""


def lead(paths: list[str], named: Callable[[str], Iterator[tuple[str, Turn]]]) -> list[str]:
    """Where the first of `paths` that has moved leads now, in at most one query; several when it may be read in several
    ways. `named` gives the home pages of what an address names (core/resolver.py)."""
    asked = [(redirect_key(known), turn) for path in paths for known, turn in (*named(path), *_above(path))]
    wanted = {key for key, _ in asked if key}
    if not wanted:
        return []
    known = dict(Redirect.objects.filter(path__in=wanted).values_list("path", "target"))
    found = [turn(known[key]) for key, turn in asked if key in known]
    return list(dict.fromkeys(filter(None, found)))


def _above(path: str) -> Iterator[tuple[str, Turn]]:
    """The address itself, and those above it, the longest first: what lies below one moves with it."""
    parts = [part for part in path.split("/") if part]
    ending = "/" if path.endswith("/") else ""
    for number in range(len(parts), 0, -1):
        rest = "/".join(parts[number:])
        yield "/" + "/".join(parts[:number]), partial(_below, rest=rest, ending=ending)


def _below(target: str, *, rest: str, ending: str) -> str:
    return f"{target.partition('?')[0].rstrip('/')}/{rest}{ending}" if rest else target


@transaction.atomic
def move(*, old: str, new: str) -> None:
    """Have the address `old` lead to `new` for ever; whatever led to `old` leads to `new` from now on.

    Both are paths on this site. What stood at `new` as an old address is a page again.
    """
    Redirect.objects.filter(path=redirect_key(new)).delete()
    Redirect.objects.update_or_create(path=redirect_key(old), defaults={"target": new})


@transaction.atomic
def keep(*, redirect: Redirect, by: Staff = None) -> Redirect:
    """Store a redirect that staff wrote. Raises InACircle."""
    try:
        with transaction.atomic():
            redirect.save()
    except IntegrityError as error:
        cause = error.__cause__
        if not isinstance(cause, psycopg.Error) or cause.diag.constraint_name != "redirect_not_in_a_circle":
            raise
        raise InACircle(IN_A_CIRCLE) from error
    redirect.refresh_from_db()
    audit.record(by=by, on=redirect, what=f"Leads from {redirect.path} to {redirect.target}")
    return redirect


def is_old(path: str, *, besides: str = "") -> bool:
    """Whether this address leads somewhere else than to `besides`."""
    return Redirect.objects.filter(path=redirect_key(path)).exclude(target=besides).exists()


def ends(target: str) -> str:
    """The key of the address at which the way over `target` ends."""
    further = Redirect.objects.filter(path=redirect_key(target)).values_list("target", flat=True).first()
    return redirect_key(further or target)


def to(target: str) -> Iterable[str]:
    """The addresses that lead to `target`, the newest first."""
    return Redirect.objects.filter(target=target).order_by("-pk").values_list("path", flat=True)
