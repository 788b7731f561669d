"""Ceilings against floods: signatures that come too fast from unknown mail domains are held for a look, never refused.

Judged by the worker from what was agreed to, once a minute, so that signing itself asks nothing more. A flood is told
from a crowd by where its mailboxes are: thirty friends in one hall, or a university behind one network, write from mail
domains that are known here; a robot makes up addresses at a domain that nobody has seen. So only those are counted:

- of one new domain, more than CEILING_DOMAIN_HOUR within an hour, or CEILING_DOMAIN_WEEK within a week (a slow drip);
- on the whole site, more than CEILING_SITE_HOUR within an hour: then whatever is at a new domain waits.

Each is held by a decision about its mailbox, as if a moderator had: it can be released, undone or removed by a rule
like any other, and what a moderator has released is not held again. Many domains from one network are held as they
agree (agreeing.py), and mail to new domains from one network goes out slowly (submissions/networks.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Max, Min, QuerySet

from core.addresses import canonical, domain_key
from core.providers import FREE_MAIL
from core.speed import prepared
from petitions.signatures import signing
from petitions.signatures.models import Signature
from petitions.signatures.models.people import HELD_BY_A_CEILING
from petitions.statements import counting
from submissions import decisions, work
from submissions.models import KnownDomain

SOURCE = "limit"
DOMAIN, SITE = "ceiling_domain", "ceiling_site"
BATCH = 1000  # as many mailboxes are locked at a time
# So many of the newest are looked at: an attack of a minute is less, and the look costs the same in the busiest hour.
LOOKED_AT = 50_000
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)

_NEW = f"""sig.id > (SELECT coalesce(max(id), 0) - {LOOKED_AT} FROM petitions_signature)
    AND sig.channel IN ('web', 'embed', 'api') AND sig.state IN ('confirmed', 'held')
    AND NOT EXISTS (SELECT 1 FROM submissions_knowndomain known WHERE known.domain_key = sig.domain_key)"""

_DOMAINS = f"""
SELECT sig.domain_key FROM petitions_signature sig
WHERE {_NEW} AND sig.confirmed_at > statement_timestamp() - %(within)s
GROUP BY sig.domain_key HAVING count(DISTINCT sig.mailbox_key) > %(most)s
"""

_SITE = f"""
SELECT count(*) FROM petitions_signature sig WHERE sig.channel IN ('web', 'embed', 'api')
    AND sig.id > (SELECT coalesce(max(id), 0) - {LOOKED_AT} FROM petitions_signature)
    AND sig.confirmed_at > statement_timestamp() - %(within)s
"""

# What staff have looked at and released stays so.
_BEYOND = f"""
SELECT sig.id, sig.mailbox_key FROM petitions_signature sig
WHERE {_NEW} AND sig.state = 'confirmed' AND sig.confirmed_at > statement_timestamp() - %(within)s
    AND (%(domains)s::bytea[] IS NULL OR sig.domain_key = ANY(%(domains)s::bytea[]))
    AND NOT EXISTS (SELECT 1 FROM submissions_decision seen WHERE seen.subject = sig.mailbox_key
        AND seen.makes = 'release' AND seen.kind = '{signing.KIND}'
        AND coalesce(seen.scope, sig.statement_id) = sig.statement_id)
ORDER BY sig.id LIMIT {BATCH}
"""

_HOLD = f"""
INSERT INTO submissions_decision (makes, kind, scope, subject, position, reason, source, submission)
SELECT 'hold', '{signing.KIND}', sig.statement_id, sig.mailbox_key, sig.mailbox_position, %(reason)s, '{SOURCE}',
    sig.submission_id
FROM petitions_signature sig WHERE sig.id = ANY(%(ids)s) AND sig.state = 'confirmed' ORDER BY sig.id
RETURNING id
"""

_LEARN = """
INSERT INTO submissions_knowndomain (domain_key)
SELECT sig.domain_key FROM petitions_signature sig
WHERE sig.id > (SELECT coalesce(max(id), 0) - %(looked_at)s FROM petitions_signature)
    AND sig.state = 'confirmed' AND sig.channel IN ('web', 'embed', 'api')
GROUP BY sig.domain_key
HAVING count(DISTINCT sig.mailbox_key) FILTER (WHERE sig.confirmed_at < statement_timestamp() - %(known)s) >= %(least)s
    AND count(DISTINCT sig.mailbox_key) FILTER (WHERE sig.confirmed_at > statement_timestamp() - %(week)s) <= %(most)s
ON CONFLICT DO NOTHING
"""


def watch() -> int:
    """Hold what is beyond a ceiling, and ask for work from then on; returns how many were held."""
    held = _hold_all(DOMAIN, HOUR, _domains(HOUR, settings.CEILING_DOMAIN_HOUR))
    held += _hold_all(DOMAIN, WEEK, _domains(WEEK, settings.CEILING_DOMAIN_WEEK))
    held += _hold_all(SITE, HOUR, None) if is_flooded() else 0
    if held:
        work.flooded()
    return held


def is_flooded() -> bool:
    """Whether more than CEILING_SITE_HOUR have signed on the whole site within the last hour."""
    ((number,),) = prepared.run_anew(_SITE, {"within": HOUR})
    return number > settings.CEILING_SITE_HOUR


def learn() -> int:
    """Know the large providers, and the domains that have long been signing here without a flood; how many are new."""
    providers = [KnownDomain(domain_key=domain_key(f"x@{name}")) for name in sorted(FREE_MAIL)]
    before = KnownDomain.objects.count()
    KnownDomain.objects.bulk_create(providers, ignore_conflicts=True)
    values: dict[str, Any] = {
        "known": timedelta(days=settings.KNOWN_DOMAIN_DAYS), "least": settings.KNOWN_DOMAIN_SIGNATURES,
        "week": WEEK, "most": settings.CEILING_DOMAIN_WEEK, "looked_at": 4 * LOOKED_AT,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_LEARN, values)
    return KnownDomain.objects.count() - before


def _domains(within: timedelta, most: int) -> list[bytes]:
    return [bytes(key) for (key,) in prepared.run_anew(_DOMAINS, {"within": within, "most": most})]


def _hold_all(reason: str, within: timedelta, domains: list[bytes] | None) -> int:
    total = 0
    while domains != [] and (held := _hold_batch(reason, within, domains)):
        total += held
    return total


@transaction.atomic
def _hold_batch(reason: str, within: timedelta, domains: list[bytes] | None) -> int:
    keys = {pk: bytes(key) for pk, key in prepared.run_anew(_BEYOND, {"within": within, "domains": domains})}
    if not keys:
        return 0
    decisions.lock(*keys.values())
    ids = {"ids": list(keys)}
    prepared.run_anew(_HOLD, {**ids, "reason": reason})
    return len(
        counting.move(
            where="sig.id = ANY(%(ids)s) AND sig.state = 'confirmed'",
            change=signing.AS_DECIDED,
            values=ids,
            many=True,
        )
    )


@dataclass(frozen=True)
class Flood:
    """Signatures at one domain that a ceiling holds: how many, since when, and one of them to find the others by."""

    domain: str
    number: int
    since: datetime
    one: int
    statement_id: int | None


def held(rows: QuerySet[Signature]) -> QuerySet[Signature]:
    """The `rows` that are held by a ceiling."""
    return rows.filter(HELD_BY_A_CEILING)


def domains(ids: Iterable[int]) -> dict[int, str]:
    """At which domain the signatures with these ids are: a query, and none for none."""
    wanted = list(ids)
    found = Signature.objects.filter(pk__in=wanted).values_list("pk", "email") if wanted else ()
    return {pk: canonical(email).rpartition("@")[2] for pk, email in found}


def floods(rows: QuerySet[Signature], most: int = 8) -> list[Flood]:
    """How many of `rows` ceilings hold, by domain, the largest first."""
    found = list(
        held(rows).order_by().values("domain_key")
        .annotate(number=Count("pk"), since=Min("confirmed_at"), one=Max("pk"),
                  first=Min("statement"), last=Max("statement"))
        .order_by("-number", "domain_key")[:most]
    )  # fmt: skip
    named = domains([row["one"] for row in found])
    return [
        Flood(named.get(row["one"], ""), row["number"], row["since"], row["one"],
              row["first"] if row["first"] == row["last"] else None)
        for row in found
    ]  # fmt: skip
