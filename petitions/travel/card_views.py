"""The pictures of shared links, under names that never change what they show."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core.making import made_once
from petitions.actions import events
from petitions.news import updates
from petitions.signatures import public_numbers
from petitions.statements import finding
from petitions.statements.models import Statement
from petitions.travel import card


@require_safe
@finding.with_statement
def of_statement(request: HttpRequest, statement: Statement, number: int) -> HttpResponse:
    """The picture of a statement."""
    people = public_numbers.public_number(public_numbers.tally_of(statement))
    return _picture(card.of_statement(statement, people), number)


@require_safe
def of_event(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The picture of an event."""
    return _picture(card.of_event(events.find(slug)), number)


@require_safe
@finding.with_statement
def of_update(request: HttpRequest, statement: Statement, update: str, number: int) -> HttpResponse:
    """The picture of a piece of news."""
    return _picture(card.of_update(updates.find(statement, update)), number)


def _picture(shown: card.Shown, number: int) -> HttpResponse:
    """Under its present name it never changes; an older name shows the present one."""
    current = card.number(shown)
    drawn = made_once("card", of=current, make=lambda: card.draw(shown))
    response = HttpResponse(drawn, content_type="image/png")
    kept = "max-age=31536000, immutable" if number == current else "max-age=300"
    response["Cache-Control"] = f"public, {kept}"
    return readable_picture(response)


def readable_picture(response: HttpResponse) -> HttpResponse:
    """Let every website show this picture."""
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
