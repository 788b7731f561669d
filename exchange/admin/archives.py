"""Taking everything away: asked for with reason and password, written by the worker, downloaded for a week."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import desk
from core.admin import AskForm, SeenFilter, choose_from
from core.staff_request import staff
from exchange.admin.leaving import LeaveMixin
from exchange.admin.reading import ReadMixin
from exchange.archive import keeping
from exchange.models import Archive
from petitions.models import Statement


class ArchiveForm(forms.Form):
    """Of what."""

    statement = forms.ModelChoiceField(Statement.objects.none(), required=False, label=gettext_lazy("Statement"))


@admin.register(Archive)
class ArchiveAdmin(LeaveMixin, ReadMixin):
    """Archives that were asked for, how far each is, and who took it."""

    folder = "archive"
    list_display = ["__str__", "statement", "state", "created_by", "created_at"]
    list_filter = ["state", ("statement", SeenFilter)]
    list_select_related = ["statement", "created_by"]
    ordering = ["-pk"]
    change_list_template = "admin/exchange/archive/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        read = path("read/", self.admin_site.admin_view(self.read), name="exchange_archive_read")
        leave = path("leave/", self.admin_site.admin_view(self.leave), name="exchange_archive_leave")
        return [read, leave, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None) -> HttpResponse:
        """Of what, why, and who asks."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        posted = request.POST if request.method == "POST" else None
        form, ask = ArchiveForm(posted), AskForm(posted, request=request, asks={"reason", "password"})
        choose_from(form, "statement", desk.seen_by(request.user, Statement.objects.all()))
        may_all = request.user.has_perm("petitions.view_every_statement")
        form.fields["statement"].required = not may_all
        form.fields["statement"].help_text = _("Empty: the whole site.") if may_all else ""
        if form.is_valid() and ask.is_valid():
            why, by = ask.cleaned_data["reason"], staff(request).user
            asked = keeping.start(statement=form.cleaned_data["statement"], why=why, by=by)
            return redirect("admin:exchange_archive_change", asked.pk)
        return self.drawn(request, "add", title=_("Take an archive away"), form=form, ask=ask)
