"""Notable signatories: who stands first among the names, in the campaigner's order, if they show theirs."""

from collections.abc import Mapping

from django.db import transaction

from core import audit
from core.audit import Staff
from core.speed.prepared import PreparedTuples
from petitions.signatures.models import Signature
from petitions.statements.models import Statement

MOST = 24
READ = ("name", "affiliation", "personal_capacity")  # what everybody reads of a signature

of = PreparedTuples(
    lambda statement: (
        Signature.objects.named()
        .filter(statement=statement, position__gt=0)
        .order_by("position", "pk")
        .values_list(*READ)[:MOST]
    ),
    int,
)


class NotShown(Exception):
    """Only who shows their name, and counts, can stand first."""


class TooMany(Exception):
    """A list of everybody is no list of the first."""


@transaction.atomic
def arrange(*, statement: Statement, order: Mapping[int, int], by: Staff = None) -> None:
    """Let these stand first: places by row id of the signature; nobody else does.

    Raises NotShown for one that is not of this statement or is not shown, TooMany.
    """
    if len(order) > MOST:
        raise TooMany
    Statement.objects.select_for_update(no_key=True).get(pk=statement.pk)
    own = Signature.objects.filter(statement=statement)
    if Signature.objects.named().filter(statement=statement, pk__in=order).count() != len(order):
        raise NotShown
    own.filter(position__gt=0).exclude(pk__in=order).update(position=0)
    for place, pk in enumerate(sorted(order, key=lambda pk: (order[pk], pk)), start=1):
        own.filter(pk=pk).update(position=place)
    Statement.objects.touch(statement)
    audit.record(by=by, on=statement, what="Arranged who stands first among the names")
