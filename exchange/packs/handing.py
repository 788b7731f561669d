"""Having a pack made, and writing down to whom it was handed, and when."""

from datetime import date

from django.db import transaction

from core import audit
from core.audit import Staff
from exchange.models import HandOver, Kept, Pack
from exchange.packs import writing
from petitions.models import Statement
from petitions.statements import publishing


class NotMade(Exception):
    """Nothing was handed over that is not made yet, or of a statement that is not published."""


def start(*, statement: Statement, order: str, why: str, by: Staff = None) -> Pack:
    """Let the worker make a pack of the statement, its names in that order. Raises NotMade for a draft."""
    if statement.published_at is None:
        raise NotMade
    pack = Pack(statement=statement, order=order)
    writing.start(pack, why=why, by=by)
    return pack


@transaction.atomic
def record(
    *, pack: Pack, recipient: str, handed_on: date, note: str = "", tells: bool = False, by: Staff = None
) -> HandOver:
    """Write down that somebody was given the pack; with `tells` the statement's page says so. Raises NotMade."""
    if not Pack.objects.filter(pk=pack.pk, state=Kept.State.DONE).exists():
        raise NotMade
    handed = HandOver.objects.create(pack=pack, recipient=recipient, handed_on=handed_on, note=note, created_by=by)
    if tells:
        publishing.hand_in(statement=pack.statement, handed_in_on=handed_on, handed_in_to=recipient, by=by)
    audit.record(by=by, on=pack, what=f"Handed {pack.sha256[:16]}… over on {handed_on}", label=str(pack))
    return handed
