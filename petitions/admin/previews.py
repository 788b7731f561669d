"""A statement before anybody sees it: as a page, on a phone, as a shared link, and the mail people will get."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.staff_request import staff
from petitions.admin.pages import StatementPages
from petitions.pages import building
from petitions.statements.models import Statement
from petitions.travel import card, previews

_SCRIPTS = re.compile(r"<script\b[^>]*></script>")


def _framed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let our own pages show it in a frame."""
    return csp_replace({"frame-ancestors": [SELF]})(view)


def _leave_scripts_out(response: TemplateResponse) -> None:
    """A preview is to be looked at: its frame runs no scripts, and a browser complains of each."""
    response.content = _SCRIPTS.sub("", response.content.decode())


class PreviewMixin(StatementPages):
    """For the ModelAdmin of statements."""

    def preview_pages(self) -> list[tuple[str, Callable[..., HttpResponseBase]]]:
        """Their addresses below the statement's, and their views."""
        return [
            ("preview", require_safe(_framed(self.preview))),
            ("preview/all", require_safe(self.preview_all)),
            ("preview/card", require_safe(self.preview_card)),
        ]

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page as visitors would see it, for staff alone; our own pages may frame it."""
        statement = self._find(request, pk)
        version = statement.version or statement.versions.last()
        if version and version.published_at is None:
            version.published_at = timezone.now()
        preview = "Preview" if statement.status in {"open", "closed"} else statement.status.capitalize()
        context = {**building.statement_context(_as_published(statement), version), "preview": preview}
        response = TemplateResponse(request, "petitions/statement_detail.jinja", context, using="jinja2")
        response["X-Frame-Options"] = "SAMEORIGIN"
        response.add_post_render_callback(_leave_scripts_out)
        return response

    def preview_all(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page, the page on a phone, the shared link and the confirmation mail, one below the other."""
        statement = self._find(request, pk)
        mail = previews.confirmation(statement, staff(request).user.email or statement.who.contact_email)
        words = card.tags(card.of_statement(statement, 0))["words"]
        shared = {"host": urlsplit(statement.who.home).hostname, "words": words}
        title = _("As people will see it")
        return self._page(request, "preview_all", statement, title=title, mail=mail, shared=shared)

    def preview_card(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The picture of a shared link, before it has an address of its own."""
        return HttpResponse(
            card.draw(card.of_statement(_as_published(self._find(request, pk)), 0)), content_type="image/png"
        )


def _as_published(statement: Statement) -> Statement:
    """As it will be once it is out; nothing is stored."""
    if statement.status in {"draft", "scheduled"}:
        statement.published_at = timezone.now()
    return statement
