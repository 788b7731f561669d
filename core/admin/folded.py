"""Staff lists that are searched as people look for names."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from core import search
from core.admin.base import HouseAdmin


class FoldedSearch(HouseAdmin):
    """A list whose `search_fields` are searched by any part of a name (core/search.py)."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Every word somewhere in one of the fields."""
        return search.found(queryset, self.search_fields, search_term), False
