"""The desk's pages of a publisher: who it is and how it looks, and the pages that it writes."""

from publishers.admin import documents, ground
from publishers.admin.pages import PageAdmin
from publishers.admin.publishers import PublisherAdmin

__all__ = ["PageAdmin", "PublisherAdmin", "documents", "ground"]
