"""The staff's pages of lists that come in and archives that go out."""

from exchange.admin.archives import ArchiveAdmin
from exchange.admin.imports import ImportAdmin

__all__ = ["ArchiveAdmin", "ImportAdmin"]
