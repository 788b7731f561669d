"""People: signatures that are counted apart, and names without addresses."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection

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
WHERE row.of_id = %(import)s AND row.status IN ('new', 'odd') AND sig.import_id = %(import)s
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
    bringing_in.add(statement=statement, import_id=listed.pk, consent_id=listed.consent_id or 0, people=_people(listed))
    values = {"import": listed.pk, "statement": statement.pk}
    with connection.cursor() as cursor:
        cursor.execute(_BECAME, values)
        cursor.execute(_OVERTAKEN, values)


def _people(listed: Import) -> Iterator[Brought]:
    """In batches by line, for the connection writes in between."""
    after = 0
    while True:
        fresh = listed.rows.filter(status__in=FRESH, line__gt=after).order_by("line")
        rows = list(fresh[:CHUNK])
        for row in rows:
            yield _brought(row)
        if len(rows) < CHUNK:
            return
        after = rows[-1].line


def _brought(row: ImportRow) -> Brought:
    read_as = judging.opened(row)
    email = read_as["email"]
    return Brought(
        name=read_as["name"], email=seal(email, what_of(Signature, "email")), address_key=address_key(email),
        mailbox_key=bytes(row.mailbox_key), domain_key=domain_key(email), show_name=read_as["show_name"],
        email_updates=read_as["email_updates"], signed_at=datetime.fromisoformat(read_as["signed_at"]),
        postcode=seal(read_as["postcode"], what_of(Signature, "postcode")), country=read_as["country"],
        affiliation=read_as["affiliation"], personal_capacity=False,
        odd=row.reason[:200] if row.status == Status.ODD else "",
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
