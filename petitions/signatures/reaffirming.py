"""Standing by a correction: signers of an earlier version are asked once by mail, and say so on their own page.

Every signature belongs to the version it was given to. Who stands by a newer one has read what changed there and
pressed a button, so it is given to that version from then on: one statement changes the row and moves its place in the
tallies from the one version to the other, so that two presses at once move it once.
"""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from core import audit
from core.audit import Staff
from mail import outbox
from mail.models import OutgoingEmail
from petitions.signatures import signing
from petitions.signatures.models import Reaffirming, Signature
from petitions.statements import counting, publishing
from petitions.statements.models import Statement, Tally, Version

MAIL = "signature_reaffirm"
BATCH = 500
State = Signature.State


class AlreadyAsked(publishing.PublishingError):
    """This version has had its mail."""

    def __init__(self) -> None:
        super().__init__(_("Everybody has been asked about this version."))


class NobodyToAsk(publishing.PublishingError):
    """Everybody who can be written to has signed this version."""

    def __init__(self) -> None:
        super().__init__(_("Nobody who can be written to signed an earlier version."))


@dataclass(frozen=True)
class Standing:
    """How many of all who count stand by the newest version, once they were asked."""

    version: int
    people: int
    all: int


def _earlier(version: Version) -> QuerySet[Signature]:
    """Signatures that were given to an earlier version, by people who agreed here and can be written to."""
    rows = Signature.objects.filter(statement=version.statement_id, state__in=[State.CONFIRMED, State.HELD])
    earlier = rows.exclude(version=version).filter(version__number__lt=version.number)
    return earlier.filter(import_id=None).exclude(email="")


def can_ask(statement: Statement) -> bool:
    """Whether anybody could be written to about the newest version: there is an older one, and it was not done yet."""
    version = statement.version
    if version is None or version.number == 1 or Reaffirming.objects.filter(version=version).exists():
        return False
    return _earlier(version).exists()


@transaction.atomic
def ask(*, statement: Statement, by: Staff = None) -> Reaffirming:
    """Write once to everybody who signed an earlier version. Raises AlreadyAsked, NobodyToAsk."""
    version = statement.version
    if version is None or not _earlier(version).exists():
        raise NobodyToAsk
    try:
        with transaction.atomic():
            made = Reaffirming.objects.create(statement=statement, version=version, started_by=by)
    except IntegrityError as error:
        raise AlreadyAsked from error
    audit.record(by=by, on=statement, what=f"Asked signers whether they stand by version {version.number}")
    Statement.objects.touch(statement)
    return made


@transaction.atomic
def queue_batch() -> int:
    """Queue the next mails of the oldest one that is not through; returns how many."""
    going = Reaffirming.objects.select_for_update(skip_locked=True, of=("self",)).select_related("version")
    mailing = going.filter(finished_at=None).order_by("pk").first()
    if mailing is None:
        return 0
    found = list(_earlier(mailing.version).filter(pk__gt=mailing.reached).order_by("pk")[:BATCH])
    for row in found:
        context = {"signature": row.pk, "version": mailing.version_id}
        outbox.queue(kind=MAIL, recipient=row.email, lane=OutgoingEmail.Lane.BULK, context=context)
    if found:
        mailing.reached, mailing.queued = found[-1].pk, mailing.queued + len(found)
        mailing.save(update_fields=["reached", "queued"])
    else:
        Reaffirming.objects.filter(pk=mailing.pk).update(finished_at=Now())
    return len(found)


_STAND = f"""
WITH old AS (
    SELECT sig.id, sig.version_id FROM petitions_signature sig
    JOIN petitions_version was ON was.id = sig.version_id
    JOIN petitions_version v ON v.statement_id = sig.statement_id AND v.number = %(number)s
    WHERE sig.id = %(id)s AND sig.state IN ('confirmed', 'held') AND sig.email <> '' AND sig.import_id IS NULL
        AND was.number < v.number AND v.published_at <= statement_timestamp() AND NOT EXISTS (
            SELECT FROM petitions_version n WHERE n.statement_id = v.statement_id AND n.number > v.number
                AND n.published_at <= statement_timestamp())
    FOR UPDATE OF sig
), changed AS (
    UPDATE petitions_signature sig SET version_id = v.id, renewed_at = statement_timestamp()
    FROM old, petitions_version v
    WHERE sig.id = old.id AND v.statement_id = sig.statement_id AND v.number = %(number)s
    RETURNING sig.id, sig.statement_id, sig.version_id, sig.state, sig.show_name, sig.import_id,
        old.version_id AS old_version_id
), tallied AS (
    INSERT INTO petitions_tally AS tally (statement_id, version_id, slot, {", ".join(counting.COLUMNS)})
    SELECT statement_id, version_id, pg_backend_pid() %% {Tally.SLOTS}, {", ".join(counting.COLUMNS)}
    FROM (
        SELECT statement_id, version_id, {counting.values_of("state", "show_name", "import_id")} FROM changed
        UNION ALL
        SELECT statement_id, old_version_id, {counting.values_of("state", "show_name", "import_id", sign="-")}
        FROM changed
    ) moved ({", ".join(("statement_id", "version_id", *counting.COLUMNS))})
    ORDER BY statement_id, version_id
    ON CONFLICT (statement_id, version_id, slot) DO UPDATE SET {counting.SUMS}
)
SELECT statement_id FROM changed
"""


@transaction.atomic
def stand_by(*, signature_id: int, number: int) -> None:
    """Let a signature stand by the newest version, whose number its owner saw. Harmless to repeat.

    Raises NotThere for one that is gone, and when a still newer version has come.
    """
    values: dict[str, Any] = {"id": signature_id, "number": number}
    with connection.cursor() as cursor:
        cursor.execute(_STAND, values)
        moved = cursor.fetchone()
    if moved:
        Statement.objects.touch(Statement(pk=moved[0]))
        return
    stands = Signature.objects.filter(pk=signature_id, version__number=number, state__in=[State.CONFIRMED, State.HELD])
    if not stands.exists():
        raise signing.NotThere(signing.state_of(signature_id))


def question(signature: Signature) -> Version | None:
    """The newest version, if its owner signed an earlier one and people are asked whether they stand by it."""
    if signature.state not in {State.CONFIRMED, State.HELD} or signature.import_id or not signature.email:
        return None
    newest = signature.statement.version
    if newest is None or newest.number <= signature.version.number:
        return None
    return newest if Reaffirming.objects.filter(version=newest).exists() else None


def standing(statement: Statement) -> Standing | None:
    """How many stand by the newest version; None as long as nobody was asked."""
    version = statement.version
    if version is None or not Reaffirming.objects.filter(version=version).exists():
        return None
    people = counting.by_version(statement)
    return Standing(version.number, people.get(version.pk, 0), sum(people.values()))
