"""People on a list are asked once by mail: keep me, or take me off. Who is kept is counted apart, as all brought in.

Their rows wait meanwhile: nobody is counted, shown or written to but by this one mail. The mail goes at a bounded pace;
one for a mailbox and a statement, which the database holds (`inquiry_once`). What silence means was chosen beforehand;
who never got the mail was never asked, and stays out whatever was chosen.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import Now, TruncDate

from core import audit, tombstones
from core.addresses import address_key
from core.audit import Staff
from core.models import Tombstone
from exchange import agreement, judging
from exchange.entering import people
from exchange.models import Import, ImportRow, Inquiry
from mail import outbox
from mail.models import OutgoingEmail
from petitions.models import Signature
from petitions.signatures import bringing_in, signing

MAIL = "import_inquiry"
KEEP = "inquiry-confirm"
OFF = "inquiry-unsubscribe"
CHUNK = 1000
ROUND = 100  # mails of one round
State, Status = Inquiry.State, ImportRow.Status
EMPTY: dict[str, Any] = {"cells": [], "read_as": {}, "private": {}, "mailbox_key": b"", "reason": ""}


def prepare(listed: Import) -> int:
    """Note everybody who is to be asked; returns how many. Who was asked by an earlier list is not."""
    number = 0
    statement = people.statement_of(listed)
    for rows in _in_chunks(listed.rows.filter(status__in=people.FRESH).order_by("line")):
        wanted = [
            Inquiry(
                of=listed, statement=statement, row=row, mailbox_key=bytes(row.mailbox_key),
                address_key=address_key(judging.opened(row)["email"]),
            )
            for row in rows
        ]  # fmt: skip
        Inquiry.objects.bulk_create(wanted, ignore_conflicts=True)
        mine = Inquiry.objects.filter(of=listed, row__in=rows).values_list("row", flat=True)
        number += listed.rows.filter(pk__in=mine).update(status=Status.ASKED)
    listed.rows.filter(status__in=people.FRESH).update(status=Status.BEFORE)
    return number


def _in_chunks(rows: QuerySet[ImportRow]) -> Iterator[list[ImportRow]]:
    """All of them by line, whatever becomes of those that were given out."""
    after = 0
    while chunk := list(rows.filter(line__gt=after)[:CHUNK]):
        after = chunk[-1].line
        yield chunk


def queue_batch() -> int:
    """Put the next mails into the outbox, no more than INQUIRIES_PER_HOUR; returns how many inquiries were seen to."""
    with transaction.atomic():
        found = list(_due()[: min(ROUND, _room())])
        about = {statement: _standing(statement, found) for statement in {one.statement_id for one in found}}
        for one in found:
            stands = about[one.statement_id].get(bytes(one.mailbox_key), "")
            _end(one, stands) if stands or one.row is None or not one.row.private else _mail(one, one.row)
    return len(found)


def _due() -> QuerySet[Inquiry]:
    going = Inquiry.objects.filter(state=State.WAITING, of__state=Import.State.ASKING, of__in=_in_time())
    return going.select_related("row").select_for_update(skip_locked=True, of=("self",)).order_by("pk")


def _in_time() -> QuerySet[Import]:
    """Lists whose last day is not over, by the database's clock and the site's calendar."""
    return Import.objects.filter(answer_by__gte=TruncDate(Now()))


def is_in_time(listed: Import) -> bool:
    """Whether its people can still answer."""
    return _in_time().filter(pk=listed.pk).exists()


def _room() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM exchange_inquiry WHERE queued_at > statement_timestamp() - interval '1 hour'"
        )
        return max(0, settings.INQUIRIES_PER_HOUR - cursor.fetchone()[0])


def _standing(statement_id: int, found: Iterable[Inquiry]) -> dict[bytes, str]:
    keys = [bytes(one.mailbox_key) for one in found if one.statement_id == statement_id]
    return bringing_in.standing(statement_id, keys)


def _mail(one: Inquiry, row: ImportRow) -> None:
    context = {"inquiry": one.pk, "import": one.of_id}
    outbox.queue(kind=MAIL, recipient=row.private["email"], lane=OutgoingEmail.Lane.BULK, context=context)
    Inquiry.objects.filter(pk=one.pk).update(state=State.ASKED, queued_at=Now())


def _end(one: Inquiry, stands: str) -> None:
    """They signed here, or asked for silence, since the list was checked: there is nothing to ask."""
    is_here = stands == "here"
    ImportRow.objects.filter(inquiry=one).update(**EMPTY, status=Status.HERE if is_here else Status.OUT)
    Inquiry.objects.filter(pk=one.pk).update(state=State.HERE if is_here else State.OFF, answered_at=Now())


def find(pk: int) -> Inquiry | None:
    """An inquiry with what its page and its mail tell."""
    return Inquiry.objects.select_related("of__statement", "statement", "row").filter(pk=pk).first()


def signed(one: Inquiry) -> Signature | None:
    """The signature of the mailbox under the statement, if there is one: brought in, or its owner's own."""
    rows = Signature.objects.filter(mailbox_key=one.mailbox_key, statement=one.statement_id, mailbox_position=1)
    return rows.exclude(state__in=[Signature.State.WITHDRAWN, Signature.State.ANONYMISED]).first()


def _locked(pk: int) -> Inquiry | None:
    rows = Inquiry.objects.select_for_update(of=("self",)).select_related("of", "statement", "row")
    return rows.filter(pk=pk).first()


@transaction.atomic
def keep(*, inquiry_id: int) -> bool:
    """Bring somebody in who says so; whether they stand there now. Harmless to repeat; too late is not."""
    one = _locked(inquiry_id)
    if one is None:
        return False
    row = one.row
    if not one.is_open or row is None or not row.private:
        return signed(one) is not None
    pk = bringing_in.add_one(
        statement=one.statement, import_id=one.of_id, consent_id=one.of.consent_id or 0, person=people.brought(row)
    )
    # No digest: whoever has answered has acted on the row, and stays at an undo.
    ImportRow.objects.filter(pk=row.pk).update(status=Status.IN if pk else Status.HERE, result_id=pk)
    Inquiry.objects.filter(pk=one.pk).update(state=State.KEPT, answered_at=Now())
    return signed(one) is not None


@transaction.atomic
def take_off(*, inquiry_id: int) -> None:
    """Take somebody off who says so, also later. Their row is emptied, and no list brings them back (tombstones.py).

    Who has signed here themselves since stays: that is another matter, with a page of its own. Harmless to repeat.
    """
    one = _locked(inquiry_id)
    if one is None:
        return
    stands = signed(one)
    if stands is not None and stands.import_id is not None:
        signing.erase(signature_id=stands.pk)
    elif stands is None and one.state != State.OFF:
        tombstones.leave(
            Tombstone.Why.WITHDRAWN, kind=signing.KIND, subjects=[bytes(one.mailbox_key)], scope=one.statement_id,
            which="1",
        )  # fmt: skip
    outbox.call_back(recipient_key=bytes(one.mailbox_key), kinds=[MAIL], about={"inquiry": one.pk})
    ImportRow.objects.filter(inquiry=one).update(**EMPTY, status=Status.OFF, result_id=None, digest=None)
    Inquiry.objects.filter(pk=one.pk).update(state=State.OFF, answered_at=Now())


def over() -> QuerySet[Import]:
    """Lists whose last day to answer is over."""
    asking = Import.objects.filter(state__in=[Import.State.ASKING, Import.State.STOPPED], asks=True)
    return asking.filter(Exists(Inquiry.objects.filter(of=OuterRef("pk"))), answer_by__lt=TruncDate(Now()))


@transaction.atomic
def settle(listed: Import) -> None:
    """The last day is over: who has not answered is out or, where that was chosen and the mail arrived, kept."""
    mine = Inquiry.objects.select_for_update().filter(of=listed)
    list(mine.filter(state__in=[State.WAITING, State.ASKED]).order_by("pk").values_list("pk"))
    asked = Inquiry.objects.filter(of=listed, state=State.ASKED)
    if listed.silence_keeps:
        asked_rows = asked.filter(mailed_at__isnull=False).values("row")
        rows = listed.rows.filter(status=Status.ASKED, pk__in=asked_rows)
        people.enter_silent(listed, rows, consent_id=agreement.of(listed, silent=True).pk)
    listed.rows.filter(status=Status.ASKED).update(**EMPTY, status=Status.SILENT)
    asked.update(state=State.SILENT, answered_at=Now())
    Inquiry.objects.filter(of=listed, state=State.WAITING).delete()  # nobody has asked them anything
    Import.objects.filter(pk=listed.pk).update(state=Import.State.DONE, finished_at=Now())
    audit.record(by=None, on=listed, what="Closed the answers to a list", label=f"Import {listed.pk}")


_CALL_BACK = f"""
WITH unsent AS (
    DELETE FROM mail_outgoingemail WHERE kind = '{MAIL}' AND state = 'queued' AND claimed_until IS NULL
        AND context @> jsonb_build_object('import', %(import)s::bigint) RETURNING (context->>'inquiry')::bigint AS id
)
UPDATE exchange_inquiry one SET state = 'waiting', queued_at = NULL FROM unsent
WHERE one.id = unsent.id AND one.state = 'asked'
"""


def call_back(listed: Import) -> None:
    """Take mail that has not left out of the outbox; its people are asked when it goes on."""
    with connection.cursor() as cursor:
        cursor.execute(_CALL_BACK, {"import": listed.pk})


def take_back(listed: Import) -> None:
    """At an undo: nobody is asked any more, and nobody who was is asked again."""
    call_back(listed)
    Inquiry.objects.filter(of=listed, state=State.WAITING).delete()
    Inquiry.objects.filter(of=listed, state=State.ASKED).update(state=State.SILENT, answered_at=Now())
    listed.rows.filter(status=Status.ASKED).update(**EMPTY, status=Status.BACK)


def progress(listed: Import) -> dict[str, int]:
    """How many are in which state."""
    found = dict(Inquiry.objects.filter(of=listed).values_list("state").order_by().annotate(Count("pk")))
    return {state: found.get(state, 0) for state in State.values}


def note(*, listed: Import, by: Staff = None) -> None:
    """On the record: whom the desk had asked, and what silence means."""
    means = "who is silent is kept" if listed.silence_keeps else "who is silent stays out"
    audit.record(by=by, on=listed, what=f"Had a list asked by mail until {listed.answer_by}; {means}",
                 label=f"Import {listed.pk}")  # fmt: skip


def mailed(pk: int) -> tuple[list[str], dict[str, Any]]:
    """What is written down as a mail server takes the mail (mail/kinds.py)."""
    step = "inquired AS (UPDATE exchange_inquiry SET mailed_at = statement_timestamp() WHERE id = %(inquiry)s)"
    return [step], {"inquiry": pk}
