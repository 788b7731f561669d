"""News on a statement: the timeline and each piece by itself. Nothing here writes."""

from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.http import public
from core.paging import after
from petitions import pages
from petitions.models import Statement

PER_PAGE = 20


@require_safe
@pages.with_statement
def update_list(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The timeline, newest first."""
    found = statement.updates.filter(published_at__lte=Now())
    page = after(found, request, order=("-published_at", "-id"), size=PER_PAGE)
    context = {"statement": statement, "updates": page.rows, "next_url": page.next_url, "first_url": page.first_url}
    return public(render(request, "petitions/update_list.html", context))


@require_safe
@pages.with_statement
def update(request: HttpRequest, statement: Statement, update: str) -> HttpResponse:
    """One piece of news."""
    found = statement.updates.filter(published_at__lte=Now(), slug=update).first()
    if found is None:
        raise Http404
    return public(render(request, "petitions/update.html", {"statement": statement, "update": found}))
