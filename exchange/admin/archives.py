"""Taking everything away: asked for with reason and password, written by the worker, downloaded for a week."""

from collections.abc import Callable
from functools import partial

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core import audit, desk
from core.admin import AskForm, SeenFilter, choose_from
from core.http import no_store
from core.staff_request import staff
from exchange.admin.reading import ReadMixin
from exchange.archive import keeping
from exchange.models import Archive
from petitions.models import Statement


class ArchiveForm(forms.Form):
    """Of what."""

    statement = forms.ModelChoiceField(Statement.objects.none(), required=False, label=gettext_lazy("Statement"))


@admin.register(Archive)
class ArchiveAdmin(ReadMixin):
    """Archives that were asked for, how far each is, and who took it."""

    is_about_people = True
    list_display = ["__str__", "statement", "state", "created_by", "created_at"]
    list_filter = ["state", ("statement", SeenFilter)]
    list_select_related = ["statement", "created_by"]
    ordering = ["-pk"]
    change_list_template = "admin/exchange/archive/change_list.html"

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        verbs = [
            ("stop", keeping.stop, _("Stopped before the next file.")),
            ("resume", keeping.resume, _("The worker goes on with the next file.")),
        ]
        own = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(require_POST(partial(self.turn, verb=verb, done=done))),
                name=f"exchange_archive_{name}",
            )
            for name, verb, done in verbs
        ]
        download = self.admin_site.admin_view(require_POST(self.download))
        own.append(path("read/", self.admin_site.admin_view(self.read), name="exchange_archive_read"))
        return [*own, path("<int:pk>/download/", download, name="exchange_archive_download"), *super().get_urls()]

    def _find(self, request: HttpRequest, pk: object, permission: str) -> Archive:
        asked = self.get_queryset(request).select_related("statement").filter(pk=pk).first()
        if asked is None:
            raise Http404
        if not request.user.has_perm(f"exchange.{permission}_archive"):
            raise PermissionDenied
        return asked

    def turn(self, request: HttpRequest, pk: int, verb: Callable, done: str) -> HttpResponse:
        """Stop it, or go on."""
        asked = self._find(request, pk, "change")
        try:
            verb(asked=asked, by=staff(request).user)
            self.message_user(request, done, messages.SUCCESS)
        except keeping.NotNow as error:
            self.message_user(request, str(error), messages.ERROR)
        return redirect("admin:exchange_archive_change", pk)

    def download(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The zip; who took it is on record."""
        asked = self._find(request, pk, "change")
        if asked.state != Archive.State.DONE or not asked.parts.exists():
            raise Http404
        audit.record(by=staff(request).user, on=asked, what="Downloaded an archive", label=f"Archive {asked.pk}")
        response = StreamingHttpResponse(keeping.zipped(asked), content_type="application/zip")
        name = f"{asked.statement.slug if asked.statement else 'site'}-{asked.created_at:%Y-%m-%d}.zip"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return no_store(response)

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

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """How far it is, with the buttons that apply."""
        asked = self._find(request, object_id if object_id.isdecimal() else 0, "view")
        may = request.user.has_perm("exchange.change_archive")
        return self.drawn(
            request, "change", title=str(asked), asked=asked, may=may, is_there=asked.parts.exists(), form=None
        )
