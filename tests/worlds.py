"""Worlds that are made once for many tests which only look, or whose changes are undone after each."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker


@contextmanager
def standing(blocker: DjangoDbBlocker) -> Iterator[None]:
    """What is written within stands until the end, for a fixture of a module or a package; then nothing of it was.

    Each test with `db` has a savepoint in it. No test of such a module or package may commit.
    """
    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
