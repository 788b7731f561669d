"""Downloading signatures: asked for with password and reason, written down, and streamed."""

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.admin import AskForm
from core.http import no_store
from core.staff_request import staff
from petitions.admin.pages import StatementPages
from petitions.signatures.exports import EXPORTS, Export, export
from publishers import staffing


def exports_for(user: User | AnonymousUser, publisher: int | None = None) -> list[Export]:
    """The files that this person may have, of a statement of that publisher."""
    return [what for what in EXPORTS if staffing.may(user, f"petitions.{what.permission}", publisher)]


class ExportMixin(StatementPages):
    """For the ModelAdmin of statements."""

    def export_pages(self) -> list[tuple[str, Callable[..., HttpResponseBase]]]:
        """Their addresses below the statement's, and their views."""
        accepts = require_http_methods(["GET", "HEAD", "POST"])
        return [(what.name, accepts(partial(self.export, what=what))) for what in EXPORTS]

    def export(self, request: HttpRequest, pk: int, what: Export) -> HttpResponseBase:
        """Ask why and who; on POST send the file. Its address alone is worth nothing to who finds it."""
        statement = self._find(request, pk, what.permission)
        typed = request.POST if request.method == "POST" else None
        form = AskForm(typed, request=request, asks={"reason", "password"})
        form.fields["password"].help_text = _("These are many people, so we make sure that it is you.")
        if not form.is_valid():
            return no_store(self._page(request, "export", statement, title=what.label, what=what, form=form))
        pieces = export(statement=statement, what=what, why=form.cleaned_data["reason"], by=staff(request).user)
        sealed = bool(settings.EXPORT_RECIPIENT)
        kind = "application/octet-stream" if sealed else "text/csv; charset=utf-8"
        response = StreamingHttpResponse(pieces, content_type=kind)
        name = f"{statement.slug}-{what.slug}-{timezone.localdate():%Y-%m-%d}.csv{'.age' if sealed else ''}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return no_store(response)
