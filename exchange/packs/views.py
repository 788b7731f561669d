"""The page to which the code on a pack leads: what the pack was, in hashes, without a name. It writes nothing."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core import query
from core.http import public
from exchange.models import Pack
from petitions.models import Statement
from petitions.statements import finding

LONGEST = 200


@require_safe
@finding.with_statement
def pack(request: HttpRequest, statement: Statement, code: str) -> HttpResponse:
    """Its SHA-256 and those of its files; `?sha256=` says whether one is among them."""
    found = Pack.objects.filter(statement=statement, code=code, state=Pack.State.DONE).first()
    if found is None:
        raise Http404
    typed = query.text(request, "sha256")[:LONGEST]
    asked = "".join(typed.split()).lower()
    named = {found.sha256: "", **{one["sha256"]: one["path"] for one in found.files}}
    context = {
        "statement": statement, "pack": found, "typed": typed, "is_found": asked in named, "path": named.get(asked),
    }  # fmt: skip
    response = public(render(request, "exchange/pack.jinja", context))
    response["X-Robots-Tag"] = "noindex"
    return response
