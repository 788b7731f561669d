"""The staff pages of organisations."""

from organisations.admin import endorsements, motions, organisations, place, waiting  # noqa: F401  each registers its own
