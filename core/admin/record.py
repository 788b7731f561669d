"""The record of what staff did, to be searched and never changed."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from core.admin.base import BigTableAdmin
from core.admin.filters import UsualFilter
from core.models import AuditEntry


class ModelFilter(admin.SimpleListFilter):
    """Filter by the kind of object; the kinds are those of the staff pages, so nothing is counted."""

    title = "what it was done to"
    parameter_name = "model"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        models = model_admin.admin_site._registry
        return sorted((model._meta.label_lower, str(model._meta.verbose_name).capitalize()) for model in models)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(model=self.value()) if self.value() else queryset


class LookFilter(UsualFilter):
    """Filter that shows actions by default, without the many entries about looking."""

    title = "what was done"
    parameter_name = "looks"
    USUAL = "Acts"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("only", _("Looks and searches")), ("too", "Everything")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "too":
            return queryset
        looks = Q(what__in=audit.LOOKS)
        return queryset.filter(looks if self.value() == "only" else ~looks)


@admin.register(AuditEntry)
class AuditEntryAdmin(BigTableAdmin):
    """The record: who did what, when, to what, why; newest first."""

    list_display = ["at", "by_name", "what", "label", "why"]
    list_filter = [LookFilter, ModelFilter, "at"]
    search_fields = ["by_name"]
    search_help_text = gettext_lazy("A log-in name, or part of what was done, to what, or why.")
    fields = ["id", "at", "by_name", "what", "model", "object_id", "label", "why", "hash"]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Each word somewhere in the line."""
        for word in search_term.split():
            said = Q(what__icontains=word) | Q(label__icontains=word) | Q(why__icontains=word)
            queryset = queryset.filter(said | Q(by_name__iexact=word))
        return queryset, False
