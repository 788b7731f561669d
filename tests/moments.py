"""Times that a table of cases names by their distance from now; computed at import they are old before the test."""

from datetime import timedelta
from typing import Any

from django.utils import timezone


def from_now(values: dict[str, Any]) -> dict[str, Any]:
    """`values` with each timedelta in it turned into the moment that far from now (before it where it is negative)."""
    now = timezone.now()
    return {name: now + value if isinstance(value, timedelta) else value for name, value in values.items()}
