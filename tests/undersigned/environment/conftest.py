import pytest

from undersigned.environment import reading


@pytest.fixture(autouse=True)
def _asked_apart(monkeypatch):
    """What a test asks for is forgotten with it."""
    monkeypatch.setattr(reading, "_asked", set(reading._asked))
