"""The staff's pages of lists that come in, and of archives, packs and farewells that go out."""

from exchange.admin import place
from exchange.admin.archives import ArchiveAdmin
from exchange.admin.farewells import FarewellAdmin
from exchange.admin.imports import ImportAdmin
from exchange.admin.packs import PackAdmin

__all__ = ["ArchiveAdmin", "FarewellAdmin", "ImportAdmin", "PackAdmin", "place"]
