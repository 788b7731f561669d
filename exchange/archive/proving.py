"""The proof of the count in an archive: whether its people, its leaves and its roots belong together.

Nothing but the archive is needed, so that it can be proved where there is neither a site nor a network
(docs/verifying.md); petitions/signatures/proof.py has what a leaf is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import merkle
from exchange.archive import loading
from exchange.archive.opening import Opened
from exchange.files import Unreadable
from petitions.models import CountRoot, Statement
from petitions.signatures import proof
from petitions.statements import promise

AT_ONCE = 20_480  # twenty blocks
NOT_ITS_ROOT = gettext_lazy(
    "The proof of the count in “%(slug)s” doesn't lead to the root of %(day)s. Nothing was brought in."
)


@dataclass
class Proved:
    """What is known of one statement in an archive; `wrong` has a sentence for each thing that can't be true."""

    slug: str
    versions: int = 0
    leaves: int = 0
    people: int = 0
    roots: list[dict[str, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def newest(self) -> dict[str, str]:
        """The newest root, or nothing."""
        return self.roots[-1] if self.roots else {}


def prove(opened: Opened) -> Iterator[Proved]:
    """Hold the people of each statement against its leaves, and these against its roots."""
    for slug in opened.slugs:
        folder = f"statements/{slug}"
        about, found = opened.json(f"{folder}/statement.json"), Proved(slug)
        _versions(about, found)
        if opened.has(f"{folder}/leaves.csv"):
            data = _leaves(opened, folder, found)
            _people(opened, folder, str(about["uid"]), data, found)
        yield found


def _versions(about: dict[str, Any], found: Proved) -> None:
    for version in about["versions"]:
        found.versions += 1
        words = {part: version[part] for part in promise.PARTS}
        if version["published_at"] and promise.fingerprint(**words) != version["sha256"]:
            found.wrong.append(_("Version %(number)s is not the text of its hash.") % {"number": version["number"]})


def _leaves(opened: Opened, folder: str, found: Proved) -> bytearray:
    """All leaves one after the other, once every root was found to be theirs."""
    found.roots = list(loading.rows(opened, f"{folder}/roots.csv"))
    data = bytearray()
    wrong = _not_theirs(opened, folder, found.roots, data)
    found.wrong += [_("The root of %(day)s is not that of its leaves.") % {"day": day} for day in wrong]
    found.leaves = len(data) // proof.HASH
    return data


def _not_theirs(opened: Opened, folder: str, roots: list[dict[str, str]], data: bytearray) -> list[str]:
    """The days whose roots are not over the leaves, which are put into `data`."""
    tree, wanted, wrong = merkle.Growing(), sorted(roots, key=lambda one: int(one["size"])), list[str]()
    for row in loading.rows(opened, f"{folder}/leaves.csv"):
        wrong += _look(tree, wanted)
        hashed = bytes.fromhex(row["leaf"])
        tree.add(hashed)
        data += hashed
    wrong += _look(tree, wanted)
    return wrong + [one["day"] for one in wanted]


def _look(tree: merkle.Growing, wanted: list[dict[str, str]]) -> list[str]:
    wrong = []
    while wanted and int(wanted[0]["size"]) == tree.size:
        one = wanted.pop(0)
        if one["root"] != tree.root.hex():
            wrong.append(one["day"])
    return wrong


def _people(opened: Opened, folder: str, uid: str, data: bytearray, found: Proved) -> None:
    seen, others, twice, late = set[int](), 0, 0, 0
    until = f"{found.newest.get('day', '')}T00:00:00"  # the day itself is a zone's: only what is surely before it
    for row in loading.rows(opened, f"{folder}/signatures.csv"):
        counts = row["state"] == "confirmed" and not row["import_id"]
        found.people += counts
        if not row["leaf"]:
            late += counts and row["confirmed_at"] < until
            continue
        place, _colon, key = row["leaf"].partition(":")
        at = int(place)
        twice += at in seen
        seen.add(at)
        said = f"{uid}\n{proof.canonical(row['email'])}\n{row['mailbox_position']}"
        others += bytes(data[at * proof.HASH : (at + 1) * proof.HASH]) != proof.leaf_hash(bytes.fromhex(key), said)
    if others:
        words = ngettext(
            "%(number)s person is not whose leaf it is.", "%(number)s people are not whose leaf it is.", others
        )
        found.wrong.append(words % {"number": f"{others:,}"})
    if twice:
        words = ngettext("%(number)s leaf is claimed twice.", "%(number)s leaves are claimed twice.", twice)
        found.wrong.append(words % {"number": f"{twice:,}"})
    if late:
        words = ngettext(
            "%(number)s person is said to have signed earlier and is in no root.",
            "%(number)s people are said to have signed earlier and are in no root.",
            late,
        )
        found.wrong.append(words % {"number": f"{late:,}"})


_KEYS = """
INSERT INTO petitions_countkey (signature_id, statement_id, place, key)
SELECT sig.id, sig.statement_id, split_part(s.leaf, ':', 1)::int, decode(split_part(s.leaf, ':', 2), 'hex')
FROM staged s JOIN petitions_signature sig ON sig.mailbox_key = s.mailbox_key
    AND sig.statement_id = %s AND sig.mailbox_position = s.mailbox_position::int
WHERE s.leaf <> ''
"""


def keep(opened: Opened, folder: str, statement: Statement) -> None:
    """Bring the proof in; the signatures are in and still staged. Raises Unreadable if it is none."""
    with connection.cursor() as cursor:
        cursor.execute(_KEYS, [statement.pk])
    if not opened.has(f"{folder}/leaves.csv"):
        return
    for some in _some(bytes.fromhex(row["leaf"]) for row in loading.rows(opened, f"{folder}/leaves.csv")):
        proof.append(statement, some)
    roots = list(loading.rows(opened, f"{folder}/roots.csv"))
    for day in _not_theirs(opened, folder, roots, bytearray()):
        raise Unreadable(NOT_ITS_ROOT, slug=statement.slug, day=day)
    CountRoot.objects.bulk_create(
        CountRoot(statement=statement, day=one["day"], size=int(one["size"]), gone=int(one["gone"]), root=one["root"])
        for one in roots
    )


def _some(hashes: Iterable[bytes]) -> Iterator[list[bytes]]:
    some = list[bytes]()
    for one in hashes:
        some.append(one)
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some
