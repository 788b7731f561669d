"""What webhooks ask other hosts."""

from integrations import delivering

__all__ = ["delivering"]
