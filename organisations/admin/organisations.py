"""The organisations as staff keep them: described, made branches of each other, merged."""

from typing import TYPE_CHECKING, Any, TypedDict

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import LogEntry
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import HouseAdmin
from core.staff_request import staff
from organisations import directory
from organisations.admin.forms import MergeForm, OrganisationForm
from organisations.models import Organisation

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class Listed(TypedDict):
        """Annotation for the list: under how many statements the organisation is listed."""

        listed: int

    Counted = WithAnnotations[Organisation, Listed]

AT_ONCE = 20


@admin.action(description=gettext_lazy("Merge into one"), permissions=["change"])
def merge(model_admin: HouseAdmin, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
    """Ask which one stays, then merge the others into it."""
    chosen = queryset.order_by("pk")
    number = chosen.count()
    if not 2 <= number <= AT_ONCE:
        model_admin.message_user(
            request, _("Choose two or more, at most %(most)s.") % {"most": AT_ONCE}, messages.ERROR
        )
        return None
    if not all(model_admin.has_change_permission(request, row) for row in chosen):
        words = _("One of these stands on statements that others look after. Ask somebody who looks after all of them.")
        model_admin.message_user(request, words, messages.ERROR)
        return None
    form = MergeForm(request.POST if "confirmed" in request.POST else None, chosen=chosen)
    if form.is_valid():
        _merge(model_admin, request, form.cleaned_data["keep"], list(chosen))
        return None
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Merge into one"),
        "opts": model_admin.opts,
        "rows": list(chosen),
        "form": form,
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/organisations/organisation/merge.html", context)


def _merge(model_admin: HouseAdmin, request: HttpRequest, keep: Organisation, chosen: list[Organisation]) -> None:
    try:
        for gone in chosen:
            if gone.pk != keep.pk:
                directory.merge(keep=keep, gone=gone, by=staff(request).user)
    except directory.DirectoryError as error:
        model_admin.message_user(request, str(error), messages.ERROR)
        return
    model_admin.message_user(
        request, _("Merged. All endorsements are with %(name)s now.") % {"name": keep.name}, messages.SUCCESS
    )


@admin.register(Organisation)
class OrganisationAdmin(HouseAdmin):
    """Organisations, each once, however many statements it endorses."""

    form = OrganisationForm
    list_display = ["name", "kind", "town", "parent", "stands_behind"]
    list_filter = ["kind"]
    list_select_related = ["parent"]
    search_fields = ["name", "town", "website"]
    search_help_text = gettext_lazy("Part of the name, the town or the website.")
    autocomplete_fields = ["parent"]
    actions = [merge]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        listed = Count("endorsements", filter=Q(endorsements__state="listed"))
        return super().get_queryset(request).annotate(listed=listed)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Organisations come in by their endorsements."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Organisation | None = None) -> bool:
        """Everybody reads the directory; only who looks after all of an organisation's statements changes it."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or directory.is_in_hand(obj, staff(request).user))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("Endorses"), ordering="listed")
    def stands_behind(self, obj: "Counted") -> int:
        """How many statements it is listed on."""
        return obj.listed

    def save_model(self, request: HttpRequest, obj: Organisation, form: forms.ModelForm, change: bool) -> None:
        """Store it through its verb."""
        typed: dict[str, Any] = {name: form.cleaned_data[name] for name in OrganisationForm.Meta.fields}
        directory.describe(organisation=obj, logo=obj.logo, by=staff(request).user, **typed)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        """The verb has written it down."""
        return LogEntry()
