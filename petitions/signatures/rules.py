"""Removing many at once by a rule: counted first, run in batches by the worker, stopped and undone as a whole.

A rule looks at the signatures that were there when it was made, by their ids, and remembers how far it got. What it
removed carries its id, so that undoing it finds exactly those, and leaves what somebody decided by hand since.
"""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.db.models.functions import Now

from core import audit
from core.audit import Staff
from petitions.signatures import counting, signing
from petitions.signatures.models import Rule, Signature
from petitions.statements.models import Statement

BATCH = 1000
SAMPLE = 10
State = Rule.State

CONDITIONS = {
    "statement_id": "sig.statement_id = %(statement_id)s",
    "domain": "split_part(sig.email_canonical, '@', 2) = %(domain)s",
    "via": "sig.via = %(via)s",
    "ip_key": "sig.ip_key = %(ip_key)s AND sig.ip_key <> ''",
    "signed_from": "sig.created_at >= %(signed_from)s",
    "signed_until": "sig.created_at < %(signed_until)s",
}


class NotNow(Exception):
    """A rule that is not running cannot be stopped, and one that still runs cannot be undone."""


@dataclass(frozen=True)
class Preview:
    """How many a rule would remove now, and a few of them."""

    number: int
    sample: list[Signature]


def preview(rule: Rule) -> Preview:
    """Count what an unsaved rule matches. Raises ValidationError for one that says nothing or nonsense."""
    refuse_nonsense(rule)
    where, values = _matching(rule)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM petitions_signature sig WHERE {where}", values)
        number = cursor.fetchone()[0]
    newest = f"SELECT sig.* FROM petitions_signature sig WHERE {where} ORDER BY sig.id DESC LIMIT {SAMPLE}"
    return Preview(number=number, sample=list(Signature.objects.raw(newest, values)))


@transaction.atomic
def start(*, rule: Rule, by: Staff = None) -> Rule:
    """Let the worker run it. Raises ValidationError as `preview` does."""
    found = preview(rule)
    rule.expected, rule.created_by = found.number, by
    rule.last = Signature.objects.aggregate(last=Max("pk", default=0))["last"]
    rule.save(force_insert=True)
    audit.record(by=by, on=rule, what=f"Started a rule that removes {found.number:,}", why=rule.reason)
    return rule


@transaction.atomic
def cancel(*, rule: Rule, by: Staff = None) -> None:
    """Stop it before its next batch; what it removed stays removed until it is undone. Raises NotNow."""
    if not Rule.objects.filter(pk=rule.pk, state=State.RUNNING).update(state=State.CANCELLED, finished_at=Now()):
        raise NotNow
    audit.record(by=by, on=rule, what="Stopped the rule")


@transaction.atomic
def undo(*, rule: Rule, by: Staff = None) -> None:
    """Let the worker restore everything that it removed. Raises NotNow."""
    over = Rule.objects.filter(pk=rule.pk, state__in=[State.DONE, State.CANCELLED])
    if not over.update(state=State.UNDOING, finished_at=None):
        raise NotNow
    audit.record(by=by, on=rule, what="Undid the rule")


def run_batch() -> int:
    """One batch of the oldest rule that has something to do; how many signatures that were."""
    busy = Rule.objects.filter(state__in=[State.RUNNING, State.UNDOING]).order_by("pk")
    rule = busy.select_for_update(skip_locked=True).first()
    if rule is None:
        return 0
    moved = _remove(rule) if rule.state == State.RUNNING else _restore(rule)
    if len(moved) < BATCH:
        _finish(rule)
    return len(moved)


# ARRAY(…) asks for a batch once; `IN (… LIMIT …)` may be asked again for each row, and then it is more than a batch.
def _remove(rule: Rule) -> list[counting.Moved]:
    where, values = _matching(rule)
    batch = f"SELECT sig.id FROM petitions_signature sig WHERE {where} ORDER BY sig.id LIMIT {BATCH} FOR UPDATE"
    change = (
        """state = 'removed', removed_at = statement_timestamp(), removed_reason = %(reason)s, rule_id = %(rule)s"""
    )
    values |= {"reason": rule.reason, "rule": rule.pk}
    moved = counting.move(where=f"sig.id = ANY(ARRAY({batch}))", change=change, values=values, many=True)
    if moved:
        rule.cursor, rule.handled = max(one.id for one in moved), rule.handled + len(moved)
        rule.save(update_fields=["cursor", "handled"])
    return moved


def _restore(rule: Rule) -> list[counting.Moved]:
    batch = f"""SELECT mine.id FROM petitions_signature mine WHERE mine.rule_id = %(rule)s AND mine.state = 'removed'
        ORDER BY mine.id LIMIT {BATCH} FOR UPDATE"""
    moved = counting.move(
        where=f"sig.id = ANY(ARRAY({batch}))", change=signing.RESTORED, values={"rule": rule.pk}, many=True
    )
    rule.handled = max(0, rule.handled - len(moved))
    rule.save(update_fields=["handled"])
    return moved


def _finish(rule: Rule) -> None:
    """Prove the public numbers, whatever the batches say they added."""
    rule.state = State.DONE if rule.state == State.RUNNING else State.UNDONE
    Rule.objects.filter(pk=rule.pk).update(state=rule.state, finished_at=Now())
    statements = Statement.objects.filter(pk=rule.statement_id) if rule.statement_id else Statement.objects.all()
    for statement in statements:
        counting.recount(statement=statement, repair=True)


def refuse_nonsense(rule: Rule) -> None:
    """Raise ValidationError for a rule that is empty, ends before it starts, or has no reason."""
    rule.domain = rule.domain.strip().removeprefix("@").lower()
    rule.via, rule.ip_key = rule.via.strip(), rule.ip_key.strip()
    rule.full_clean(exclude=["statement", "created_by"])
    if not any(getattr(rule, name) for name in CONDITIONS if name != "statement_id"):
        raise ValidationError("This rule is empty: it would remove everybody. Fill in at least one line.")


def _matching(rule: Rule) -> tuple[str, dict[str, Any]]:
    """SQL over `sig` with only the lines that were filled in, so that an index can serve them, and its values."""
    values = {name: getattr(rule, name) for name in CONDITIONS if getattr(rule, name)}
    where = ["sig.state IN ('pending', 'confirmed', 'held')", "sig.id > %(cursor)s"]
    where += [CONDITIONS[name] for name in values]
    if rule.last:
        where.append("sig.id <= %(last)s")
    return " AND ".join(where), {**values, "cursor": rule.cursor, "last": rule.last}
