"""The outbound requests of this app."""

from comments import akismet

__all__ = ["akismet"]
