"""What every test of organisations may use."""

import pytest

from petitions.models import Statement
from tests.factories import StatementFactory


@pytest.fixture
def statement() -> Statement:
    """The statement that organisations endorse here."""
    return StatementFactory(slug="libraries", title="Keep our libraries open")
