"""What pages of archives, packs and farewells share: how far each is, Stop, Go on, and the download."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core import audit
from core.admin import HouseAdmin, with_nonce
from core.http import no_store
from core.staff_request import staff
from exchange import keeping
from exchange.models import Kept


class KeptAdmin(HouseAdmin):
    """For the ModelAdmin of what the worker writes; `folder` has its templates."""

    is_about_people = True
    folder: str

    @property
    def named(self) -> str:
        """How the addresses of its pages begin."""
        return f"exchange_{self.opts.model_name}"

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
                name=f"{self.named}_{name}",
            )
            for name, verb, done in verbs
        ]
        download = self.admin_site.admin_view(require_POST(self.download))
        return [*own, path("<int:pk>/download/", download, name=f"{self.named}_download"), *super().get_urls()]

    def _find(self, request: HttpRequest, pk: object, permission: str) -> Any:
        asked = self.get_queryset(request).select_related("statement").filter(pk=pk).first()
        if asked is None:
            raise Http404
        if not request.user.has_perm(f"exchange.{permission}_{self.opts.model_name}"):
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
        return redirect(f"admin:{self.named}_change", pk)

    def download(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The zip; who took it is on record."""
        asked = self._find(request, pk, "change")
        if asked.state != Kept.State.DONE or not asked.parts.exists():
            raise Http404
        label = f"{str(self.opts.verbose_name).capitalize()} {asked.pk}"
        audit.record(
            by=staff(request).user, on=asked, what=f"Downloaded a file ({self.opts.verbose_name})", label=label
        )
        pieces, ending = self.sealed(keeping.zipped(asked))
        response = StreamingHttpResponse(
            pieces, content_type="application/octet-stream" if ending else "application/zip"
        )
        name = f"{self.file_name(asked)}-{asked.created_at:%Y-%m-%d}.zip{ending}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return no_store(response)

    def sealed(self, pieces: Any) -> tuple[Any, str]:
        """The pieces as they are sent, and what that adds to the file's name."""
        return pieces, ""

    def file_name(self, asked: Any) -> str:
        """What the download is called, before its day."""
        return str(asked.statement.slug if asked.statement else "site")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """How far it is, with the buttons that apply."""
        asked = self._find(request, object_id if object_id.isdecimal() else 0, "view")
        return self.told(request, asked)

    def told(self, request: HttpRequest, asked: Any, **context: Any) -> HttpResponse:
        """That page."""
        may = request.user.has_perm(f"exchange.change_{self.opts.model_name}")
        verbs = {name: f"admin:{self.named}_{name}" for name in ("stop", "resume", "download")}
        about = {"asked": asked, "may": may, "is_there": asked.parts.exists(), "form": None, "verbs": verbs}
        return self.drawn(request, "change", row=asked, title=str(asked), **{**about, **context})

    def drawn(self, request: HttpRequest, name: str, *, row: Any = None, **context: Any) -> HttpResponse:
        """One of its pages, with the statement's head around it if it is about one."""
        form = context.get("form")
        media = with_nonce(request, self.media + form.media) if form is not None else with_nonce(request, self.media)
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "media": media}
        shared |= {"list_url": f"admin:{self.named}_changelist", **self.surroundings(request, row)}
        return TemplateResponse(request, f"admin/exchange/{self.folder}/{name}.html", {**shared, **context})
