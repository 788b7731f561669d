"""The files of a pack, in the order in which the worker writes them (exchange/keeping.py)."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.utils.translation import override

from core.audit import Staff
from exchange import keeping
from exchange.models import Pack
from exchange.packs import collecting, papers, tables, word
from exchange.parts import Part, as_json

COLLECTED = ".names"  # the volumes as they were read; no file of the pack
SUMS = "SHA256SUMS"


def _parts(pack: Pack) -> list[Part]:
    """Its files, once it is known how many volumes there are."""
    parts = [Part(COLLECTED, partial(collecting.collect, pack), is_cut=True)]
    volumes = pack.parts.filter(path=COLLECTED).count() if pack.pk else 0
    if not volumes:
        return parts
    parts += [
        Part("statement.pdf", _spoken(pack, papers.pdf)),
        Part("statement.docx", _spoken(pack, word.front)),
        Part("names.csv", lambda: tables.as_csv(tables.HEAD, _names(pack))),
        Part("names.xlsx", lambda: tables.as_xlsx("Names", tables.HEAD, _names(pack))),
        Part("days.csv", lambda: tables.as_csv(["day", "people", "brought_in"], _days(pack))),
        Part("certificate.json", lambda: iter([as_json(_now(pack).facts)])),
    ]
    for number in range(1, volumes + 1):
        name = f"names/names-{number:0{max(3, len(str(volumes)))}}"
        parts.append(Part(f"{name}.pdf", _volume(pack, number, papers.names_pdf)))
        parts.append(Part(f"{name}.docx", _volume(pack, number, word.names)))
    return parts


def _now(pack: Pack) -> Pack:
    return Pack.objects.select_related("statement__publisher").get(pk=pack.pk)


def _names(pack: Pack) -> Iterator[list[str]]:
    return tables.names(keeping.pieces_of(pack, COLLECTED))


def _days(pack: Pack) -> Iterator[list[str]]:
    return ([str(cell) for cell in row] for row in _now(pack).facts["days"])


def _spoken(pack: Pack, make: Callable[[Pack], bytes]) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        with override(collecting.language_of(pack.statement)):
            yield make(_now(pack))

    return pieces


def _volume(
    pack: Pack, number: int, make: Callable[[Pack, int, list[list[Any]]], bytes]
) -> Callable[[], Iterator[bytes]]:
    def made(now: Pack) -> bytes:
        return make(now, number, json.loads(keeping.piece_of(pack, COLLECTED, number)))

    return _spoken(pack, made)


def _finish(pack: Pack) -> dict[str, Any]:
    """The zip in place of its files, and what is known of it when it is gone."""
    files = keeping.entries(pack)
    sums = "".join(f"{one['sha256']}  {one['path']}\n" for one in files)
    keeping.add(pack, SUMS, sums.encode())
    return {"files": files, "sha256": keeping.zip_up(pack)}


keeping.kind(Pack, parts=_parts, finish=_finish)


def start(pack: Pack, *, why: str, by: Staff = None) -> None:
    """Let the worker write it."""
    keeping.start(pack, why=why, by=by)
