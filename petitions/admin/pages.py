"""Base for the pages below a statement's staff page."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse

from core.admin import HouseAdmin, with_nonce
from petitions.statements.models import Statement
from publishers import staffing


class StatementPages(HouseAdmin):
    """How such a page finds its statement, and how it is drawn."""

    def _find(self, request: HttpRequest, pk: int, permission: str = "") -> Statement:
        statement = self.get_object(request, str(pk))
        if not self.has_view_permission(request, statement):
            raise PermissionDenied
        if statement is None:
            raise Http404
        if permission and not staffing.may(request.user, f"petitions.{permission}", statement.publisher_id):
            raise PermissionDenied
        return statement

    def _page(self, request: HttpRequest, name: str, statement: Statement, **context: Any) -> TemplateResponse:
        form = context.get("form")
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "original": statement}
        shared |= self.surroundings(request, statement)
        media = with_nonce(request, self.media + form.media) if form else None
        template = f"admin/petitions/statement/{name}.html"
        return TemplateResponse(request, template, {**shared, "media": media, **context})
