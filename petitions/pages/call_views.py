"""Where a call to action leads that shows no address to who only reads it. Nothing here writes."""

from http import HTTPStatus
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core.http import no_store
from petitions.actions import calls
from petitions.statements import finding
from petitions.statements.models import Statement


@require_safe
@finding.with_statement
def write(request: HttpRequest, statement: Statement, position: int) -> HttpResponse:
    """To a mail to the address of the call at that place: a link that people can press (publishers/views.py)."""
    email = calls.find(statement, position).email
    if not email:
        raise Http404
    response = HttpResponse(status=HTTPStatus.FOUND)
    response["Location"] = f"mailto:{quote(email, safe='@')}"
    response["X-Robots-Tag"] = "noindex"
    return no_store(response)
