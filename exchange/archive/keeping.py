"""Archives that staff ask for on the desk (exchange/keeping.py)."""

from typing import Any

from core.audit import Staff
from exchange import keeping
from exchange.archive import writing
from exchange.models import Archive
from exchange.parts import Part
from petitions.models import Statement


def _parts(asked: Archive) -> list[Part]:
    return writing.parts(statement=asked.statement)


def _finish(asked: Archive) -> dict[str, Any]:
    keeping.add(asked, "manifest.json", writing.manifest(keeping.entries(asked), statement=asked.statement))
    return {}


def start(*, statement: Statement | None, why: str, by: Staff = None) -> Archive:
    """Let the worker write an archive of the statement, or of the whole site; who takes it, and why, is on record."""
    asked = Archive(statement=statement)
    keeping.start(asked, why=why, by=by)
    return asked


keeping.kind(Archive, parts=_parts, finish=_finish)
