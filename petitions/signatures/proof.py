"""Proof of the count: each day a Merkle root over all who agreed, published, in which everybody finds themselves.

A leaf is the HMAC-SHA256, under a random key of its own, of whose signature it is: the statement's number for ever, the
canonical mailbox, and which of two who share it. Leaves are only ever added, so each day's tree begins with that of the
day before, and a root that somebody noted down betrays whatever is changed later. Whoever withdraws takes their key
along: their leaf stays a number that nobody can make again, and every root stays true (docs/decisions/0044).

Leaves stand in blocks of 1,024, each a whole subtree, so that a root over ten million reads ten thousand hashes.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from core import merkle
from core.addresses import canonical
from petitions.signatures.models import CountBlock, CountKey, CountRoot, Signature
from petitions.statements import availability
from petitions.statements.models import Statement

BLOCK, HASH, KEY = 1024, 32, 16
BATCH = 5_000
SHOWN = 14  # days on a page

# Statements that are open, or were two days ago, and have no root of yesterday yet.
_DUE = f"""
SELECT st.id, (statement_timestamp() AT TIME ZONE %(zone)s)::date - 1,
    date_trunc('day', statement_timestamp(), %(zone)s)
FROM petitions_statement st
WHERE st.published_at < date_trunc('day', statement_timestamp(), %(zone)s)
    AND coalesce({availability.ENDED_SQL} > statement_timestamp() - interval '2 days', true)
    AND NOT EXISTS (SELECT FROM petitions_countroot known WHERE known.statement_id = st.id
        AND known.day = (statement_timestamp() AT TIME ZONE %(zone)s)::date - 1)
ORDER BY st.id LIMIT 1
"""
_STANDING = """
SELECT count(*) FILTER (WHERE sig.state = 'anonymised' OR known.signature_id IS NOT NULL)
FROM petitions_signature sig LEFT JOIN petitions_countkey known ON known.signature_id = sig.id
WHERE sig.statement_id = %s AND sig.import_id IS NULL AND sig.state IN ('confirmed', 'anonymised')
"""

_KEYS = """
INSERT INTO petitions_countkey (signature_id, statement_id, place, key)
SELECT made.id, %s, made.place, made.key FROM unnest(%s::bigint[], %s::int[], %s::bytea[]) AS made (id, place, key)
"""


def identity(statement: Statement, email: str, position: int) -> str:
    """Whose signature a leaf is, in words that its owner can write down themselves."""
    return f"{statement.uid}\n{canonical(email)}\n{position}"


def leaf_hash(key: bytes, of: str) -> bytes:
    """The hash of the leaf for `identity` under its key."""
    return merkle.leaf(hmac.digest(key, of.encode(), hashlib.sha256))


@transaction.atomic
def prove_next() -> int:
    """Add a batch of leaves to a statement that is due, or publish its root of yesterday; returns how many it was."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # leaves are hashed meanwhile
        cursor.execute(_DUE, {"zone": settings.TIME_ZONE})
        due = cursor.fetchone()
    if due is None:
        return 0
    pk, day, until = due
    statement = Statement.objects.get(pk=pk)
    added = add(statement, until)
    if added < BATCH:
        publish(statement, day)
    return max(added, 1)


def add(statement: Statement, until: Any) -> int:
    """Add leaves for at most a batch of those who agreed before `until` and have none; returns for how many."""
    new = Signature.objects.confirmed().filter(
        ~Exists(CountKey.objects.filter(signature_id=OuterRef("pk"))),
        statement=statement, import_id=None, confirmed_at__lt=until,
    )  # fmt: skip
    found = list(new.order_by("pk").values_list("pk", "email", "mailbox_position")[:BATCH])
    if not found:
        return 0
    place, keys = size(statement), [secrets.token_bytes(KEY) for _ in found]
    with connection.cursor() as cursor:
        places = list(range(place, place + len(found)))
        cursor.execute(_KEYS, [statement.pk, [pk for pk, _, _ in found], places, keys])
    append(
        statement,
        [leaf_hash(key, identity(statement, email, at)) for key, (_, email, at) in zip(keys, found, strict=True)],
    )
    return len(found)


def append(statement: Statement, hashes: list[bytes]) -> None:
    """Put these hashes of leaves behind those that are there."""
    last = CountBlock.objects.filter(statement=statement).order_by("-number").first()
    begun = bytes(last.leaves) if last and len(last.leaves) < BLOCK * HASH else b""
    number = 0 if last is None else last.number + (not begun)
    data = begun + b"".join(hashes)
    blocks = [data[at : at + BLOCK * HASH] for at in range(0, len(data), BLOCK * HASH)]
    rows = [
        CountBlock(statement=statement, number=at, leaves=block, root=merkle.root(cut(block)))
        for at, block in enumerate(blocks, number)
    ]
    CountBlock.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["statement", "number"], update_fields=["leaves", "root"]
    )


def cut(leaves: bytes | memoryview) -> list[bytes]:
    """The hashes in a block."""
    data = bytes(leaves)
    return [data[at : at + HASH] for at in range(0, len(data), HASH)]


def size(statement: Statement) -> int:
    """How many leaves there are."""
    last = CountBlock.objects.filter(statement=statement).order_by("-number").first()
    return last.number * BLOCK + len(last.leaves) // HASH if last else 0


def leaves(statement: Statement) -> Iterator[bytes]:
    """All hashes of leaves, in their order."""
    for block in _blocks(statement).values_list("leaves", flat=True).iterator(chunk_size=20):
        yield from cut(block)


def _blocks(statement: Statement) -> Any:
    return CountBlock.objects.filter(statement=statement).order_by("number")


def publish(statement: Statement, day: date) -> CountRoot:
    """Publish the root of that day over all leaves that there are."""
    roots = [bytes(one) for one in _blocks(statement).values_list("root", flat=True)]
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [statement.pk])
        standing = cursor.fetchone()[0]
    all_of_them = size(statement)
    published = CountRoot.objects.create(
        statement=statement, day=day, size=all_of_them, gone=max(0, all_of_them - standing),
        root=merkle.root(roots).hex(),
    )  # fmt: skip
    Statement.objects.touch(statement)
    return published


def published(statement: Statement, most: int = SHOWN) -> list[CountRoot]:
    """The newest roots, the newest first; none of a day on which nobody had signed yet."""
    return list(CountRoot.objects.filter(statement=statement, size__gt=0).order_by("-day")[:most])


@dataclass(frozen=True)
class Inclusion:
    """What proves that one signature is in a published root."""

    day: date
    size: int
    root: str
    place: int
    key: str
    identity: str
    siblings: tuple[str, ...]

    @property
    def data(self) -> dict[str, Any]:
        """As docs/verifying.md describes it, for `undersigned verify`."""
        return {
            "day": self.day.isoformat(), "size": self.size, "root": self.root, "place": self.place, "key": self.key,
            "identity": self.identity, "siblings": list(self.siblings),
        }  # fmt: skip

    @property
    def text(self) -> str:
        """The same as JSON, on one line."""
        return json.dumps(self.data, ensure_ascii=False)


def of(signature: Signature) -> Inclusion | None:
    """The proof that this signature is in the newest root; None before it is in one, or once it counts no more."""
    known = CountKey.objects.filter(signature_id=signature.pk).first()
    newest = CountRoot.objects.filter(statement_id=signature.statement_id, size__gt=0).order_by("-day").first()
    if known is None or newest is None or known.place >= newest.size or not signature.email:
        return None
    return Inclusion(
        day=newest.day, size=newest.size, root=newest.root, place=known.place, key=bytes(known.key).hex(),
        identity=identity(signature.statement, signature.email, signature.mailbox_position),
        siblings=tuple(one.hex() for one in _siblings(signature.statement, known.place, newest.size)),
    )  # fmt: skip


def _siblings(statement: Statement, place: int, among: int) -> list[bytes]:
    """The way up from a leaf in the tree of the first `among` of them."""
    own, last = place // BLOCK, (among - 1) // BLOCK
    blocks = _blocks(statement).filter(number__lte=last)
    whole = {
        number: cut(data) for number, data in blocks.filter(number__in={own, last}).values_list("number", "leaves")
    }
    whole[last] = whole[last][: among - last * BLOCK]
    roots = [bytes(one) for one in blocks.values_list("root", flat=True)]
    roots[last] = merkle.root(whole[last])
    return merkle.path(whole[own], place % BLOCK) + merkle.path(roots, own)
