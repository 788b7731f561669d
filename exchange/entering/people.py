"""People: signatures that are counted apart, and names without addresses."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from core.addresses import address_key, domain_key
from core.sealed import seal, what_of
from exchange import judging
from exchange.models import Import, ImportRow
from petitions.models import Signature, Statement
from petitions.signatures import bringing_in, paper
from petitions.signatures.bringing_in import Brought

Status = ImportRow.Status
FRESH = [Status.NEW, Status.ODD]
CHUNK = 2000

_BECAME = f"""
UPDATE exchange_importrow row SET status = 'in', result_id = sig.id, digest = {bringing_in.DIGEST}
FROM petitions_signature sig
WHERE row.of_id = %(import)s AND row.status IN ('new', 'odd', 'asked') AND sig.import_id = %(import)s
    AND sig.mailbox_key = row.mailbox_key
"""
# The person has signed, asked for no mail or been removed since the check.
_OVERTAKEN = """
UPDATE exchange_importrow row SET status = CASE WHEN EXISTS (SELECT FROM petitions_signature sig
    WHERE sig.mailbox_key = row.mailbox_key AND sig.statement_id = %(statement)s) THEN 'here' ELSE 'out' END
WHERE row.of_id = %(import)s AND row.status IN ('new', 'odd')
"""


def statement_of(listed: Import) -> Statement:
    """Where it goes. Raises Statement.DoesNotExist for a list without one, which its constraint does not let be."""
    return Statement.objects.get(pk=listed.statement_id or 0)


def results(listed: Import) -> list[int]:
    """The ids of what the rows that came in became."""
    brought = listed.rows.filter(status=Status.IN).values_list("result_id", flat=True)
    return [pk for pk in brought if pk is not None]


def enter(listed: Import) -> None:
    """Bring the people in, and note on each row which signature it became and how that stood."""
    statement = statement_of(listed)
    fresh = _people(listed.rows.filter(status__in=FRESH))
    bringing_in.add(statement=statement, import_id=listed.pk, consent_id=listed.consent_id or 0, people=fresh)
    values = {"import": listed.pk, "statement": statement.pk}
    with connection.cursor() as cursor:
        cursor.execute(_BECAME, values)
        cursor.execute(_OVERTAKEN, values)


def enter_silent(listed: Import, rows: QuerySet[ImportRow], *, consent_id: int) -> None:
    """Bring people in who were asked and said nothing: their names are not shown, and nobody writes to them."""
    quiet = (replace(one, show_name=False, email_updates=False) for one in _people(rows))
    bringing_in.add(statement=statement_of(listed), import_id=listed.pk, consent_id=consent_id, people=quiet)
    with connection.cursor() as cursor:
        cursor.execute(_BECAME, {"import": listed.pk})


def _people(fresh: QuerySet[ImportRow]) -> Iterator[Brought]:
    """In batches by line, for the connection writes in between."""
    after = 0
    while True:
        rows = list(fresh.filter(line__gt=after).order_by("line")[:CHUNK])
        for row in rows:
            yield brought(row)
        if len(rows) < CHUNK:
            return
        after = rows[-1].line


def brought(row: ImportRow) -> Brought:
    """The person that a checked row is."""
    read_as = judging.opened(row)
    email = read_as["email"]
    return Brought(
        name=read_as["name"], email=seal(email, what_of(Signature, "email")), address_key=address_key(email),
        mailbox_key=bytes(row.mailbox_key), domain_key=domain_key(email), show_name=read_as["show_name"],
        email_updates=read_as["email_updates"], signed_at=datetime.fromisoformat(read_as["signed_at"]),
        postcode=seal(read_as["postcode"], what_of(Signature, "postcode")), country=read_as["country"],
        affiliation=read_as["affiliation"], personal_capacity=False,
        odd=row.reason[:200],
    )  # fmt: skip


_TOUCHED = f"""
SELECT sig.id FROM exchange_importrow row JOIN petitions_signature sig ON sig.id = row.result_id
WHERE row.of_id = %(import)s AND row.status = 'in'
    AND (sig.import_id IS DISTINCT FROM %(import)s OR row.digest IS DISTINCT FROM {bringing_in.DIGEST})
"""


def take_back(listed: Import) -> int:
    """Remove those that nobody has acted on since; returns how many stay."""
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, {"import": listed.pk})
        kept = [pk for (pk,) in cursor.fetchall()]
    bringing_in.take_back(statement=statement_of(listed), import_id=listed.pk, kept=kept)
    listed.rows.filter(status=Status.IN, result_id__in=kept).update(status=Status.KEPT)
    listed.rows.filter(status=Status.IN).update(status=Status.BACK, result_id=None, digest=None)
    return len(kept)


def enter_names(listed: Import) -> None:
    """Keep the names, counted apart from people and from paper."""
    fresh = listed.rows.filter(status=Status.NEW).order_by("line")
    names = (name for (name,) in fresh.values_list("read_as__name").iterator(chunk_size=CHUNK))
    paper.bring_in(statement=statement_of(listed), import_id=listed.pk, names=list(names))
    fresh.update(status=Status.IN)


def take_names_back(listed: Import) -> int:
    """Take all of them back."""
    paper.take_back(import_id=listed.pk)
    listed.rows.filter(status=Status.IN).update(status=Status.BACK)
    return 0
