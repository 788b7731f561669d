"""Base classes of every app's staff pages: safe media, rows by assignment, lists that never count."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import get_model_from_relation, lookup_spawns_duplicates
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.contrib.admin.widgets import AdminDateWidget, AdminSplitDateTime, AdminTimeWidget
from django.db.models import DateTimeField, Field, ForeignKey, Model, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.fields.related import RelatedField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from js_asset import Media

from core import audit, desk, query, search
from core.admin.filters import OfFilter, is_number
from core.admin.keeping import KeepingAdmin
from core.admin.proving import ProvingAdmin
from core.staff_request import staff

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

AFTER = "after"
LIKE = "like"


class DateAndTime(AdminSplitDateTime):
    """A date and a time, each with a name that a screen reader can say."""

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        named = [AdminDateWidget(attrs={"aria-label": "Date"}), AdminTimeWidget(attrs={"aria-label": "Time"})]
        forms.MultiWidget.__init__(self, named, attrs)


def _is_editable(field: Any) -> bool:
    return getattr(field, "editable", True)


class HouseAdmin(ProvingAdmin, KeepingAdmin):
    """A ModelAdmin that shows people what they look after, and enters what they change in the record.

    Its scripts carry the nonce that our content security policy asks for.
    """

    # Whether the rows are about people, so that opening one and searching for some are entered in the record.
    is_about_people = False
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    formfield_overrides = {DateTimeField: {"form_class": forms.SplitDateTimeField, "widget": DateAndTime}}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Only rows that this person looks after, in lists, forms and actions."""
        return desk.seen_by(request.user, super().get_queryset(request))

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """Leave out read-only fields of a new row that only the machine writes, such as its creation time."""
        names = list(super().get_fields(request, obj))
        written_later = set() if obj else {field.name for field in self.opts.get_fields() if not _is_editable(field)}
        return [name for name in names if not (isinstance(name, str) and name in written_later)]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Add the filter by owner to lists whose rows belong to an object."""
        return [*super().get_list_filter(request), *([OfFilter] if desk.is_owned(self.model) else [])]

    def surroundings(self, request: HttpRequest, obj: Model | None = None) -> dict[str, Any]:
        return desk.surroundings(request, self.model, obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A row added from a list narrowed to one object belongs to that object."""
        initial: dict[str, Any] = dict(super().get_changeform_initial_data(request))
        number = QueryDict(request.GET.get("_changelist_filters", "")).get(desk.OF, request.GET.get(desk.OF, ""))
        path = desk.path_to_owner(self.model)
        return {**({path: number} if path and is_number(number) else {}), **initial}

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Back to the list of what it belongs to."""
        return self._beside(request, obj) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Back to the list one came from, or to that of what it belongs to."""
        return self._beside(request, obj) or super().response_post_save_change(request, obj)

    def _beside(self, request: HttpRequest, obj: Model) -> HttpResponseRedirect | None:
        owner = desk.owner(obj) if desk.is_owned(self.model) and not self.get_preserved_filters(request) else None
        if owner is None or not self.has_view_permission(request):
            return None
        return redirect(f"{reverse(f'admin:{self._names}_changelist')}?{desk.OF}={owner.pk}")

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField | None:
        """Offer only objects that this person looks after."""
        kwargs.setdefault("queryset", desk.seen_by(request.user, db_field.remote_field.model._default_manager.all()))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what the page's own filters ask. Django lets everybody ask for any column of the row, a letter at a
        time, so that a list which masks addresses would tell them all the same.
        """
        filters = self.get_list_filter(request) if request is not None else self.list_filter
        allowed = {name for one in filters for name in self._lookups(one)}
        if self.date_hierarchy:
            allowed |= {f"{self.date_hierarchy}__{part}" for part in ("year", "month", "day")}
        return lookup in allowed

    def _lookups(self, one: Any) -> list[str]:
        """The lookups of a filter: by value, by time, by related row, by being empty."""
        if isinstance(one, type) and issubclass(one, admin.SimpleListFilter):
            return [str(one.parameter_name)]
        name = one if isinstance(one, str) else one[0]
        field = self.opts.get_field(name)
        exact = f"{name}__{field.target_field.name}__exact" if isinstance(field, RelatedField) else f"{name}__exact"
        return [exact, *(f"{name}__{how}" for how in ("isnull", "gte", "lt"))]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Every word somewhere in one of the `search_fields`, as people look for names (core/search.py)."""
        several = any(lookup_spawns_duplicates(self.opts, field) for field in self.search_fields)
        return search.found(queryset, self.search_fields, search_term), several

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's page of one row."""
        response = super().change_view(request, object_id, form_url, extra_context)
        self.note_look(request, response, what=audit.LOOKED, object_id=object_id)
        return response

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Django's list."""
        title = capfirst(self.opts.verbose_name_plural)
        around = {"title": title, **self.surroundings(request), **(extra_context or {})}
        response = super().changelist_view(request, around)
        if term := request.GET.get(SEARCH_VAR, "").strip():
            kind = "a domain" if term.startswith("@") else "an address" if "@" in term else "a name or words"
            self.note_look(request, response, what=audit.SEARCHED, why=kind)
        elif alike := request.GET.get(LIKE, ""):
            self.note_look(request, response, what=audit.SEARCHED, why=f"who has in common: {alike}"[:60])
        return response

    def note_look(self, request: HttpRequest, response: HttpResponse, **line: str) -> None:
        """Record that this person was shown people; each further page is another entry."""
        if self.is_about_people and request.method == "GET" and response.status_code == HTTPStatus.OK:
            audit.look(by=staff(request).user, at=self.model, **line)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        """Django's log, and ours."""
        return self._enter(request, obj, super().log_addition(request, obj, message))

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        """Django's log, and ours."""
        return self._enter(request, obj, super().log_change(request, obj, message))

    def log_deletions(self, request: HttpRequest, queryset: QuerySet) -> list[LogEntry]:
        """Django's log, and ours."""
        rows = list(queryset)
        for row in rows:
            audit.enter(by=staff(request).user, on=row, what="Deleted")
        return super().log_deletions(request, queryset)

    def _enter(self, request: HttpRequest, obj: Model, entry: LogEntry) -> LogEntry:
        audit.enter(by=staff(request).user, on=obj, what=entry.get_change_message() or "Saved")
        return entry

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["media"] = with_nonce(request, context["media"])
        context.update(self.surroundings(request, kwargs.get("obj")))
        return super().render_change_form(request, context, *args, **kwargs)


def with_nonce(request: HttpRequest, media: forms.Media) -> Media:
    """The same scripts and styles, allowed to run on this page."""
    return Media.from_media(media, nonce=str(staff(request).csp_nonce))


def choose_from(form: forms.BaseForm, name: str, rows: QuerySet) -> None:
    """Let the field `name` of a form take one of `rows`. Raises TypeError for a field that takes something else."""
    field = form.fields[name]
    if not isinstance(field, forms.ModelChoiceField):
        raise TypeError(f"{name} is no choice of rows")
    field.queryset = rows


class KeyChangeList(ChangeList):
    """Pages by key: one query of a page and one row, whatever the size of the table. Newest first, nothing counted."""

    model_admin: "BigTableAdmin"

    def get_filters_params(self, params: dict | None = None) -> dict:
        # Searching or filtering anew starts at the newest row.
        self.params.pop(AFTER, None)
        self.filter_params.pop(AFTER, None)
        return super().get_filters_params(params)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[str | Combinable]:
        return ["-pk"]

    def get_results(self, request: HttpRequest) -> None:
        after = query.number(request, AFTER)
        found = self.queryset if after is None else self.queryset.filter(pk__lt=after)
        rows = self._newest(request, found, self.list_per_page + 1)
        self.result_list = rows[: self.list_per_page]
        self.result_count = len(self.result_list)
        self.show_admin_actions, self.show_full_result_count, self.full_result_count = True, False, None
        self.can_show_all = self.multi_page = False
        self.paginator = None
        self.newest_url = self.get_query_string() if after is not None else None
        more = len(rows) > self.list_per_page
        self.older_url = self.get_query_string({AFTER: self.result_list[-1].pk}) if more else None

    def _newest(self, request: HttpRequest, found: QuerySet, number: int) -> list[Model]:
        """The newest of each part, and of those the newest: each part is read by an index of its own."""
        parts = [part.order_by("-pk")[:number] for part in self.model_admin.in_parts(request, found)]
        first, *others = parts or [found.none()]
        return list(first.union(*others, all=True).order_by("-pk")[:number] if others else first)


class BigTableAdmin(HouseAdmin):
    """For tables of any size: read-only, paged by key, never counted. Changes are actions."""

    keeps_drafts = False
    sortable_by = ()
    actions_on_bottom = False
    show_full_result_count = False
    change_list_template = "admin/key_change_list.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeyChangeList

    def in_parts(self, request: HttpRequest, rows: QuerySet) -> list[QuerySet]:
        """`rows` in parts that an index can serve, newest first, together the whole."""
        return [rows]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class SeenFilter(admin.RelatedFieldListFilter):
    """A filter by what rows belong to, which names only what this person looks after."""

    def field_choices(
        self, field: Field, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> list[tuple[str, "StrOrPromise"]]:
        seen = desk.seen_by(request.user, get_model_from_relation(field)._default_manager.all())
        return [(str(row.pk), str(row)) for row in seen]
