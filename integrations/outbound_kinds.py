"""The outbound requests of webhooks."""

from integrations import delivering

__all__ = ["delivering"]
