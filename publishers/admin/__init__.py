"""The desk's pages of a publisher: who it is and how it looks, the pages that it writes, and its people."""

from publishers.admin import documents, ground
from publishers.admin.pages import PageAdmin
from publishers.admin.people import MembershipAdmin
from publishers.admin.publishers import PublisherAdmin

__all__ = ["MembershipAdmin", "PageAdmin", "PublisherAdmin", "documents", "ground"]
