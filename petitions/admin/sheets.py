"""Typing in names from paper: Tab, Tab, Enter, no mouse."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from core import desk
from core.admin import HouseAdmin, SeenFilter, choose_from, with_nonce
from core.admin.filters import is_number
from core.forms import NameField
from core.staff_request import staff
from core.text.boxes import TextBox
from petitions.signatures import paper
from petitions.signatures.models import Sheet, SheetLine
from petitions.statements.models import Statement

ROWS = 10


class SheetForm(forms.Form):
    """Which sheet, of which statement."""

    statement = forms.ModelChoiceField(Statement.objects.none())
    number = forms.IntegerField(
        label=gettext_lazy("Sheet number"),
        min_value=1,
        help_text=gettext_lazy("Written on the sheet, so that none is typed twice."),
    )

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choose_from(self, "statement", desk.seen_by(user, Statement.objects.exclude(published_at=None)))


class LineForm(forms.Form):
    """One line of the sheet."""

    name = NameField(required=False)
    postcode = TextBox(max_length=16, required=False)


Grid = forms.formset_factory(LineForm, extra=ROWS, max_num=100)


@admin.register(Sheet)
class SheetAdmin(HouseAdmin):
    """Sheets that were typed in, and by whom. A wrong one is withdrawn and typed again."""

    is_about_people = True
    list_display = ["number", "statement", "names", "typed_by", "typed_at"]
    list_filter = [("statement", SeenFilter)]
    list_select_related = ["statement", "typed_by"]
    search_fields = ["lines__name"]
    search_help_text = gettext_lazy("Part of a name.")
    ordering = ["-pk"]
    fields = ["statement", "number", "typed_by", "typed_at", "listed"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Paper sheets only; names of an import are listed there."""
        return super().get_queryset(request).filter(import_id=None)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("Names"))
    def names(self, obj: Sheet) -> int:
        """How many."""
        return obj.lines.count()

    @admin.display(description=gettext_lazy("Names"))
    def listed(self, obj: Sheet) -> str:
        """As they were typed."""
        return ", ".join(line.name or "forgotten" for line in obj.lines.all())

    def delete_model(self, request: HttpRequest, obj: Sheet) -> None:
        paper.tear_up(sheet=obj, by=staff(request).user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for sheet in queryset.select_related("statement"):
            paper.tear_up(sheet=sheet, by=staff(request).user)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list, dict, set, list]:
        """The lines go with their sheet."""
        to_delete, counts, _, protected = super().get_deleted_objects(objs, request)
        return (
            to_delete,
            {**counts, SheetLine._meta.verbose_name_plural: sum(o.lines.count() for o in objs)},
            set(),
            protected,
        )

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None) -> HttpResponse:
        """The grid; after one sheet comes the next, with its number filled in."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        posted = request.POST if request.method == "POST" else None
        form = SheetForm(posted, user=request.user, initial=self._next(request))
        grid = Grid(posted, prefix="line")
        if form.is_valid() and grid.is_valid() and self._keep(request, form, grid):
            following = f"?statement={form.cleaned_data['statement'].pk}"
            return redirect(reverse("admin:petitions_sheet_add") + following)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Type in a sheet"),
            "opts": self.opts,
            "form": form,
            "grid": grid,
            "media": with_nonce(request, self.media),
        }
        return TemplateResponse(request, "admin/petitions/sheet/add.html", context)

    def _next(self, request: HttpRequest) -> dict[str, Any]:
        statement = str(self.get_changeform_initial_data(request).get("statement", ""))
        if not is_number(statement):
            return {}
        newest = desk.seen_by(request.user, Sheet.objects.filter(statement=int(statement))).aggregate(
            last=Max("number")
        )
        return {"statement": statement, "number": (newest["last"] or 0) + 1}

    def _keep(self, request: HttpRequest, form: SheetForm, grid: forms.BaseFormSet) -> bool:
        lines = [(line.get("name", ""), line.get("postcode", "")) for line in grid.cleaned_data]
        try:
            sheet = paper.type_in(**form.cleaned_data, lines=lines, by=staff(request).user)
        except paper.SheetTyped:
            form.add_error("number", gettext("This sheet has been typed in already."))
            return False
        except paper.NothingTyped:
            form.add_error(None, gettext("There is no name on this sheet yet."))
            return False
        self.message_user(request, f"{sheet}: {sheet.lines.count()} names kept. Here is the next.", messages.SUCCESS)
        return True
