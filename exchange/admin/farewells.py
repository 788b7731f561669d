"""Farewells: a closed statement as plain pages, written by the worker and downloaded for a week."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import desk
from core.admin import AskForm, SeenFilter, choose_from
from core.staff_request import staff
from exchange.admin.kept import KeptAdmin
from exchange.farewell import writing
from exchange.models import Farewell
from petitions.models import Statement


class FarewellForm(forms.Form):
    """Of what."""

    statement = forms.ModelChoiceField(Statement.objects.none(), label=gettext_lazy("Statement"))


@admin.register(Farewell)
class FarewellAdmin(KeptAdmin):
    """The farewells of a statement, and how far each is."""

    folder = "farewell"
    list_display = ["__str__", "statement", "state", "created_by", "created_at"]
    list_filter = ["state", ("statement", SeenFilter)]
    list_select_related = ["statement", "created_by"]
    ordering = ["-pk"]

    def file_name(self, asked: Farewell) -> str:
        return f"{asked.statement.slug}-pages"

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None) -> HttpResponse:
        """Of which statement, and why."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        posted = request.POST if request.method == "POST" else None
        form = FarewellForm(posted, initial=self.get_changeform_initial_data(request))
        ask = AskForm(posted, request=request, asks={"reason"})
        choose_from(form, "statement", desk.seen_by(request.user, Statement.objects.closed()))
        if form.is_valid() and ask.is_valid():
            why, by = ask.cleaned_data["reason"], staff(request).user
            try:
                farewell = writing.start(statement=form.cleaned_data["statement"], why=why, by=by)
            except writing.NotClosed as error:
                form.add_error("statement", str(error))
            else:
                return redirect("admin:exchange_farewell_change", farewell.pk)
        return self.drawn(request, "add", title=_("Write a farewell"), form=form, ask=ask)
