"""Bringing a list in: chosen, matched, agreed, checked, run, stopped, undone."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from core.admin import HouseAdmin, SeenFilter, with_nonce
from core.http import no_store
from core.staff_request import staff
from exchange import inquiring, judging, plain, running, staging
from exchange.entering import comments
from exchange.files import LARGEST_UPLOAD, Unreadable
from exchange.forms import AgreedForm, ChooseForm
from exchange.models import Brings, Import, ImportRow, Inquiry
from petitions.statements import publishing

SHOWN = 5
TROUBLE = 50
Status = ImportRow.Status


@admin.register(Import)
class ImportAdmin(HouseAdmin):
    """Lists that came in or are on their way, and how far each got."""

    is_about_people = True
    list_display = ["__str__", "statement", "brings", "state", "rows_in_all", "created_by", "created_at"]
    list_filter = ["state", "brings", ("statement", SeenFilter)]
    list_select_related = ["statement", "created_by"]
    search_fields = ["file_name", "collected_by"]
    search_help_text = gettext_lazy("Part of the file's name or of who collected it.")
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Lists without a statement are seen by the person who brought them, and by people who see everything."""
        rows = super().get_queryset(request)
        if request.user.has_perm("petitions.view_every_statement"):
            return rows
        return rows.filter(Q(statement__isnull=False) | Q(created_by=staff(request).user))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        verbs = [
            ("start", running.start, _("The worker brings them in.")),
            ("stop", running.stop, _("Stopped. Nothing more of it comes in.")),
            ("resume", running.resume, _("The worker goes on where it was.")),
            ("undo", running.undo, _("Taken back.")),
        ]
        own = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(require_POST(partial(self.turn, verb=verb, done=done))),
                name=f"exchange_import_{name}",
            )
            for name, verb, done in verbs
        ]
        publish = self.admin_site.admin_view(require_POST(self.publish))
        own.append(path("<int:pk>/publish/", publish, name="exchange_import_publish"))
        rejected = self.admin_site.admin_view(require_GET(self.rejected))
        return [
            *own, path("<int:pk>/rejected.csv", rejected, name="exchange_import_rejected"), *super().get_urls()
        ]  # fmt: skip

    def _find(self, request: HttpRequest, pk: Any) -> Import:
        listed = self.get_queryset(request).select_related("statement").filter(pk=pk).first()
        if listed is None:
            raise Http404
        if not self.has_view_permission(request, listed):
            raise PermissionDenied
        return listed

    def turn(self, request: HttpRequest, pk: int, verb: Callable, done: str) -> HttpResponse:
        """Start it, stop it, go on, or take it back."""
        listed = self._find(request, pk)
        if not self.has_change_permission(request, listed):
            raise PermissionDenied
        if verb is running.undo and not request.POST.get("sure"):
            self.message_user(request, _("Nothing was taken back: tick the box first."), messages.ERROR)
            return redirect("admin:exchange_import_change", pk)
        try:
            kept = verb(listed=listed, by=staff(request).user)
        except running.ExchangeError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            stays = _(" %(number)s stay, because somebody has acted on them.") % {"number": kept} if kept else ""
            self.message_user(request, done + stays, messages.SUCCESS)
        return redirect("admin:exchange_import_change", pk)

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Publish what a post became, with the date that it had."""
        listed = self._find(request, pk)
        if not request.user.has_perm("petitions.publish_statement"):
            raise PermissionDenied
        try:
            comments.publish_as_then(listed=listed, by=staff(request).user)
        except publishing.PublishingError as error:
            self.message_user(request, str(error), messages.ERROR)
        return redirect("admin:exchange_import_change", pk)

    def rejected(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The rows that can't come in, as they came, each with its line and why."""
        listed = self._find(request, pk)
        response = StreamingHttpResponse(judging.rejected(listed), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="rejected-{listed.pk}.csv"'
        return no_store(response)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None) -> HttpResponse:
        """Choose a file, or paste a list."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        posted = request.POST if request.method == "POST" else None
        form = ChooseForm(posted, request.FILES or None, user=request.user, initial=request.GET.dict())
        if form.is_valid() and (listed := self._read(request, form)):
            return redirect("admin:exchange_import_change", listed.pk)
        return self._page(request, "add", title=_("Bring a list in"), form=form)

    def _read(self, request: HttpRequest, form: ChooseForm) -> Import | None:
        data, by = form.cleaned_data, staff(request).user
        try:
            if data["pasted"].strip():
                return staging.read_pasted(
                    written=data["pasted"], statement=data["statement"], brings=data["brings"], by=by
                )
            chosen = [(file.name or "", file) for file in data["file"]]
            return staging.read_in(
                chosen=chosen, statement=data["statement"], source=data["source"], brings=data["brings"],
                encoding=data["encoding"], post=data["post"], most=LARGEST_UPLOAD, by=by,
            )  # fmt: skip
        except Unreadable as unreadable:
            form.add_error("pasted" if data["pasted"].strip() else "file", str(unreadable))
            return None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """The page of one list: its content, the consent, the forecast, the progress."""
        listed = self._find(request, object_id if object_id.isdecimal() else 0)
        may = self.has_change_permission(request, listed)
        posted = request.POST if request.method == "POST" and may else None
        open_to = {Import.State.READ, Import.State.CHECKED, Import.State.STOPPED, Import.State.FAILED}
        is_open = listed.state in open_to and may and not listed.inquiries.exists()
        form = AgreedForm(posted, instance=listed, user=request.user) if is_open else None
        if form is not None and posted is not None and form.is_valid() and self._check(request, form):
            return redirect("admin:exchange_import_change", listed.pk)
        first = listed.rows.order_by("line")[:SHOWN]
        found = dict(listed.rows.values_list("status").order_by().annotate(Count("pk")))
        trouble = listed.rows.filter(status__in=[Status.INVALID, Status.ODD, Status.KEPT]).order_by("line")
        response = self._page(
            request, "change", title=str(listed), form=form, listed=listed,
            first=[_shown(listed, row.cells) for row in first],
            found=[(Status(status).label, found[status]) for status in Status.values if status in found],
            trouble=trouble[:TROUBLE], is_post=listed.brings == Brings.COMMENTS,
            then=comments.published_then(listed) if listed.state == Import.State.DONE else None, may=may,
            new=found.get(Status.NEW, 0) + found.get(Status.ODD, 0),
            **_inquiries(listed),
            has_rejected=any(found.get(one) for one in (Status.INVALID, Status.SKIPPED, Status.TWICE)),
        )  # fmt: skip
        self.note_look(request, response, what="Looked at", object_id=object_id)
        return response

    def _check(self, request: HttpRequest, form: AgreedForm) -> bool:
        listed = form.save()
        if listed.brings != Brings.COMMENTS:
            staging.match(listed=listed, chosen=form.chosen)
        try:
            running.start_check(listed=listed, by=staff(request).user)
        except running.ExchangeError as error:
            form.add_error(None, str(error))
            return False
        self.message_user(request, _("The worker reads every row. Nothing comes in yet."), messages.SUCCESS)
        return True

    def _page(self, request: HttpRequest, name: str, **context: Any) -> TemplateResponse:
        form = context.get("form")
        media = with_nonce(request, self.media + form.media) if form is not None else None
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "media": media}
        return TemplateResponse(request, f"admin/exchange/import/{name}.html", {**shared, **context})


def _inquiries(listed: Import) -> dict[str, Any]:
    """How far asking by mail is, for a list whose people are asked."""
    found = inquiring.progress(listed) if listed.asks else {}
    to_ask, labels = sum(found.values()), dict(Inquiry.State.choices)
    return {
        "inquiries": [(labels[state], number) for state, number in found.items() if number],
        "to_ask": to_ask,
        "asked": to_ask - found.get(Inquiry.State.WAITING, 0),
        "pace": settings.INQUIRIES_PER_HOUR,
    }


def _shown(listed: Import, cells: list[str]) -> list[str]:
    """The cells of a row for reading: of a comment its day, and its text without tags."""
    if listed.brings != Brings.COMMENTS or len(cells) < len(listed.headings):
        return cells[: len(listed.headings)]
    name, email, when, html, answers = cells[: len(listed.headings)]
    return [name, email, when[:10], " ".join(plain.text(html).split()), answers]
