"""What changed between the versions of a promise."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils.functional import Promise as Lazy
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.difference import difference, difference_of_lines
from petitions.statements import counting, promise
from petitions.statements.models import Statement, Version


class Change(NamedTuple):
    """A part of a promise that changed: which one, its name for readers, and the difference as HTML."""

    part: str
    label: str | Lazy
    difference: SafeString


LABELS = {"title": _("Title"), "addressed_to": _("Addressed to"), "body": _("Text")}


def changes(old: dict[str, str], new: dict[str, str]) -> list[Change]:
    """What differs between two promises, as `promise.words` gives them, in the order of their parts."""
    ways: dict[str, Callable[[str, str], SafeString]]
    ways = {"title": difference_of_lines, "addressed_to": difference_of_lines, "body": _difference}
    changed = [part for part in promise.PARTS if old[part] != new[part]]
    return [Change(part, LABELS[part], ways[part](old[part], new[part])) for part in changed]


def versions_with_changes(statement: Statement) -> list[dict[str, Any]]:
    """The published versions, newest first: number, published_at, note, sha256, promise, signed and changes of each.

    The parts of the promise are there by their names; `changes` are those against the version before, none for the
    first; `signed` counts confirmed signatures.
    """
    versions = list(statement.versions.filter(published_at__isnull=False).order_by("number"))
    signed = counting.by_version(statement)
    before = [None, *versions]
    return [_row(version, older, signed) for version, older in reversed(list(zip(versions, before, strict=False)))]


# Versions never change, but the page does with every signature; comparing two long ones takes half a second.
_difference = lru_cache(maxsize=32)(difference)


def _row(version: Version, older: Version | None, signed: dict[int, int]) -> dict[str, Any]:
    names = ("number", "published_at", "note", "sha256", *promise.PARTS)
    return {
        **{name: getattr(version, name) for name in names},
        "signed": signed.get(version.pk, 0),
        "changes": changes(promise.words(older), promise.words(version)) if older else [],
    }
