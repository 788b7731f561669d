"""All that is held of one mailbox as a file to take away (GDPR Art. 15 and 20): for programs, and to read."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from core import identity
from submissions.holdings import Record


def as_json(records: Sequence[Record]) -> HttpResponse:
    """For programs: every row, every column, why it is there and until when."""
    said = {
        "site": identity.origin(),
        "controller": identity.publisher().legal_name,
        "made_at": timezone.now().isoformat(),
        "records": [{"kind": one.kind, "columns": list(_columns(one))} for one in records],
    }
    text = json.dumps(said, ensure_ascii=False, indent=2)
    return _attached(HttpResponse(text, content_type="application/json"), "everything.json")


def as_page(request: HttpRequest, records: Sequence[Record]) -> HttpResponse:
    """To read: one page that needs no other file."""
    context = {"records": records, "at": timezone.now()}
    return _attached(render(request, "submissions/mine_file.jinja", context), "everything.html")


def _columns(record: Record) -> Iterator[dict[str, Any]]:
    for told in record.columns:
        yield {"column": told.column, "value": told.value, "why": told.why, "kept": told.until}


def _attached(response: HttpResponse, name: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
