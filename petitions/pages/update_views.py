"""News on a statement: the timeline, each piece by itself, and the way out of its mail."""

from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core import tokens
from core.http import public
from core.paging import after
from petitions.news import updates
from petitions.signatures.models import Signature
from petitions.statements import finding
from petitions.statements.models import Statement
from petitions.travel import card

PER_PAGE = 20


@require_safe
@finding.with_statement
def update_list(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The timeline, newest first."""
    found = statement.updates.filter(published_at__lte=Now())
    page = after(found, request, order=("-published_at", "-id"), size=PER_PAGE)
    context = {"statement": statement, "updates": page.rows, "next_url": page.next_url, "first_url": page.first_url}
    return public(render(request, "petitions/update_list.jinja", context))


@require_safe
@finding.with_statement
def update(request: HttpRequest, statement: Statement, update: str) -> HttpResponse:
    """One piece of news."""
    found = updates.find(statement, update)
    context = {"statement": statement, "update": found, "card": card.tags(card.of_update(found))}
    return public(render(request, "petitions/update.jinja", context))


@tokens.answers(updates.UNSUBSCRIBE)
def unsubscribe(request: HttpRequest, token: str, ids: tuple[int, ...]) -> HttpResponse:
    """A page with two buttons; POST acts at once, whoever posts, and answers 200 without a redirect (RFC 8058 3.1)."""
    if request.method == "POST":
        verb = updates.leave_all if request.POST.get("action") == "site" else updates.leave
        verb(signature_id=ids[0])
    signature = Signature.objects.select_related("statement").filter(pk=ids[0]).first()
    context = {
        "statement": signature.statement if signature else None,
        "done": request.method == "POST",
        "everything": request.POST.get("action") == "site",
    }
    return render(request, "petitions/unsubscribe.jinja", context)
