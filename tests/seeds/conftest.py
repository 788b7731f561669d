"""The demo world, loaded once for all tests that only look at it."""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import override_settings

from seeds.management.commands.seed import Command
from tests import worlds


def seed() -> str:
    """Run the command as the demo does; what it says."""
    out = StringIO()
    with override_settings(DEMO=True):
        call_command(Command(), stdout=out)
    return out.getvalue()


@pytest.fixture(scope="package")
def world_of_the_package(django_db_setup, django_db_blocker) -> Iterator[str]:
    """One seeding, undone after the last test of this folder; what the command said."""
    with worlds.standing(django_db_blocker):
        with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
            said = seed()
        yield said


@pytest.fixture
def seeded(world_of_the_package: str, db: None) -> str:
    """The demo world; what a test does to it is undone after the test. What the command said."""
    return world_of_the_package
