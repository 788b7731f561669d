"""Who is logged in to the staff pages: Audrey looks, Carol may do everything."""

import pytest
from django.test import Client

from tests.staff import staff, superuser


@pytest.fixture
def viewer(db) -> Client:
    return staff("audrey")


@pytest.fixture
def carol(db) -> Client:
    return superuser("carol")
