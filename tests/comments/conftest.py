"""What every test of comments may use."""

import pytest

from comments.models import Thread
from tests.factories import StatementFactory


@pytest.fixture
def thread() -> Thread:
    """The thread under a statement that is open."""
    return StatementFactory(slug="libraries", title="Keep our libraries open").thread
