"""Removing many at once by a rule: counted first, run in batches by the worker, stopped and undone as a whole.

A rule looks at the signatures that were there when it was made, by their ids, and remembers how far it got. It removes
each by a decision that names the rule, so that undoing it lifts exactly those, and leaves what somebody decided by hand
since.
"""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from core import audit
from core.addresses import domain_key
from core.audit import Staff
from petitions.signatures import signing
from petitions.signatures.models import Rule, Signature
from petitions.statements import counting
from petitions.statements.models import Statement
from submissions import decisions
from submissions.models import Decision

SOURCE = "rule"
BATCH = 1000  # as many mailboxes are locked at a time; a default PostgreSQL has room for 6,400 locks
SAMPLE = 10
State = Rule.State

CONDITIONS = {
    "statement_id": "sig.statement_id = %(statement_id)s",
    "domain": "sig.domain_key = %(domain)s",
    "via": "sig.via = %(via)s",
    "ip_key": "sig.ip_key = %(ip_key)s AND sig.ip_key <> ''",
    "signed_from": "sig.created_at >= %(signed_from)s",
    "signed_until": "sig.created_at < %(signed_until)s",
}


def _stands(rule_id: int) -> bool:
    """Whether what the rule decided has not been taken back with it."""
    return Rule.objects.filter(pk=rule_id).exclude(state__in=[State.UNDOING, State.UNDONE]).exists()


decisions.stands(SOURCE, _stands)


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


@transaction.atomic
def run_batch() -> int:
    """One batch of the oldest rule that has something to do; how many signatures that were, or 1 for its end."""
    busy = Rule.objects.filter(state__in=[State.RUNNING, State.UNDOING]).order_by("pk")
    rule = busy.select_for_update(skip_locked=True).first()
    if rule is None:
        return 0
    number = _remove(rule) if rule.state == State.RUNNING else _restore(rule)
    # In a transaction that moved nothing: a recount locks slots in their order, and a move has some of them already.
    if number == 0:
        _finish(rule)
    return number or 1


# As if a moderator had removed each by hand: the decision outlives the row, a withdrawal and any number of new posts.
_DECIDE = f"""
INSERT INTO submissions_decision
    (makes, kind, scope, subject, position, reason, source, source_id, by_id, submission)
SELECT 'remove', '{signing.KIND}', sig.statement_id, sig.mailbox_key, sig.mailbox_position, %(reason)s, '{SOURCE}',
    %(rule)s, %(by)s, sig.submission_id
FROM petitions_signature sig WHERE sig.id = ANY(%(ids)s) AND sig.state IN ('confirmed', 'held') ORDER BY sig.id
"""


def _remove(rule: Rule) -> int:
    where, values = _matching(rule)
    batch = f"SELECT sig.id, sig.mailbox_key FROM petitions_signature sig WHERE {where} ORDER BY sig.id LIMIT {BATCH}"
    with connection.cursor() as cursor:
        cursor.execute(batch, values)
        keys = {pk: bytes(key) for pk, key in cursor.fetchall()}
        if not keys:
            return 0
        decisions.lock(*keys.values())
        ids = {"ids": list(keys)}
        cursor.execute(_DECIDE, {**ids, "reason": rule.reason, "rule": rule.pk, "by": rule.created_by_id})
    moved = counting.move(
        where="sig.id = ANY(%(ids)s) AND sig.state IN ('confirmed', 'held')",
        change=signing.AS_DECIDED,
        values=ids,
        many=True,
    )
    rule.cursor, rule.handled = max(keys), rule.handled + len(moved)
    rule.save(update_fields=["cursor", "handled"])
    return len(keys)


def _restore(rule: Rule) -> int:
    """Lift a batch of what it decided. Who withdrew or was forgotten meanwhile has nothing to be moved."""
    bars = Decision.objects.filter(source=SOURCE, source_id=rule.pk, lifted_at=None)
    subjects = [bytes(key) for key in bars.values_list("subject", flat=True)[:BATCH]]
    if not subjects:
        return 0
    decisions.lock(*subjects)
    decisions.lift_of(SOURCE, rule.pk, subjects)
    moved = counting.move(
        where="sig.mailbox_key = ANY(%(subjects)s) AND sig.state = 'removed'",
        change=signing.AS_DECIDED,
        values={"subjects": subjects},
        many=True,
    )
    restored = [one for one in moved if one.state != "removed"]
    rule.handled = max(0, rule.handled - len(restored))
    rule.save(update_fields=["handled"])
    return len(subjects)


def _finish(rule: Rule) -> None:
    """Prove the public numbers, whatever the batches say they added."""
    rule.state = State.DONE if rule.state == State.RUNNING else State.UNDONE
    Rule.objects.filter(pk=rule.pk).update(state=rule.state, finished_at=Now())
    statements = Statement.objects.filter(pk=rule.statement_id) if rule.statement_id else Statement.objects.all()
    for statement in statements.order_by("pk"):
        counting.recount(statement=statement, repair=True)


def refuse_nonsense(rule: Rule) -> None:
    """Raise ValidationError for a rule that is empty, ends before it starts, or has no reason."""
    rule.domain = rule.domain.strip().removeprefix("@").lower()
    rule.via, rule.ip_key = rule.via.strip(), rule.ip_key.strip()
    rule.full_clean(exclude=["statement", "created_by"])
    if not any(getattr(rule, name) for name in CONDITIONS if name != "statement_id"):
        raise ValidationError(_("This rule is empty: it would remove everybody. Fill in at least one line."))


def _matching(rule: Rule) -> tuple[str, dict[str, Any]]:
    """SQL over `sig` with only the lines that were filled in, so that an index can serve them, and its values."""
    values = {name: getattr(rule, name) for name in CONDITIONS if getattr(rule, name)}
    if rule.domain:
        values["domain"] = domain_key(rule.domain)
    where = ["sig.state IN ('confirmed', 'held')", "sig.id > %(cursor)s"]
    where += [CONDITIONS[name] for name in values]
    if rule.pk:  # one that was made before anybody signed matches nobody
        where.append("sig.id <= %(last)s")
    return " AND ".join(where), {**values, "cursor": rule.cursor, "last": rule.last}
