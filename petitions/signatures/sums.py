"""The numbers of a statement beyond the public one, counted now and then by the worker: the desk never counts rows.

By the hour, by where people came from, by language; who is held, removed, hidden, and wants news; how many who were
asked have agreed, by day. A statement is counted anew, from its rows, ten minutes after the last time, or a hundred
times as long after it as counting took. So every number is right again however long the worker was down, and whoever
was removed since is gone from the hour in which they signed. `statistics.roll_up` adds each minute what came after it.

Days of asking are the exception: what nobody agrees to is deleted, so a day's numbers stand as they were when it began
to be old (FRESH_DAYS).
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from petitions.signatures.places import EVERY, SHARE
from petitions.statements import availability

FRESH_DAYS = 12  # less than settings.UNCONFIRMED_DAYS, after which the first of them are deleted
MOST_SOURCES, MOST_A_DAY = 100, 20  # anybody can write any code behind an address

COUNTS = "sig.state IN ('confirmed', 'anonymised')"


def source(row: str, *, is_submission: bool = False) -> str:
    """SQL for where a signature or a submission came from: `page`, `via:blog`, `embed`, `paper`, `import` …"""
    brought = "" if is_submission else f"WHEN {row}.import_id IS NOT NULL THEN 'import' "
    return f"""CASE {brought}WHEN {row}.channel = 'paper' THEN 'paper'
        WHEN {row}.channel = 'embed' THEN rtrim('embed:' || {row}.via, ':')
        WHEN {row}.via <> '' THEN 'via:' || {row}.via WHEN {row}.channel = 'import' THEN 'import' ELSE 'page' END"""


_DUE = f"""
SELECT st.id FROM petitions_statement st LEFT JOIN petitions_sumscount known ON known.statement_id = st.id
WHERE st.published_at <= statement_timestamp()
    AND coalesce({availability.ENDED_SQL} > statement_timestamp() - %(after)s OR known.id IS NULL, true)
    AND coalesce(known.counted_at + greatest(%(every)s, %(share)s * known.took) < statement_timestamp(), true)
ORDER BY known.counted_at NULLS FIRST LIMIT 1
"""

_COUNT = f"""
WITH found AS MATERIALIZED (
    SELECT CASE WHEN grouping(hour) = 0 THEN 'hour' WHEN grouping(source) = 0 THEN 'source'
            WHEN grouping(language) = 0 THEN 'language' ELSE 'all' END AS what,
        hour, coalesce(source, language, '') AS key, count(*) FILTER (WHERE counts AND NOT brought) AS people,
        count(*) FILTER (WHERE counts AND brought) AS brought_in, count(*) FILTER (WHERE state = 'held') AS held,
        count(*) FILTER (WHERE state = 'removed') AS removed, count(*) FILTER (WHERE state = 'withdrawn') AS withdrawn,
        count(*) FILTER (WHERE counts AND show_name) AS shown, count(*) FILTER (WHERE counts AND email_updates) AS news
    FROM (SELECT date_trunc('hour', sig.confirmed_at, 'UTC') AS hour, {source("sig")} AS source, sig.language,
            sig.state, sig.show_name, sig.email_updates, {COUNTS} AS counts, sig.import_id IS NOT NULL AS brought
        FROM petitions_signature sig WHERE sig.statement_id = %(statement)s) each_one
    GROUP BY GROUPING SETS ((hour), (source), (language), ())
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY what ORDER BY people DESC, key) > {MOST_SOURCES} AS is_small
    FROM found WHERE what <> 'hour'
), sums AS (
    SELECT what, CASE WHEN is_small THEN 'other' ELSE key END AS key, sum(people) AS people,
        sum(brought_in) AS brought_in, sum(held) AS held, sum(removed) AS removed, sum(withdrawn) AS withdrawn,
        sum(shown) AS shown, sum(news) AS news
    FROM ranked GROUP BY 1, 2
), hours_gone AS (
    DELETE FROM petitions_signedhour known WHERE known.statement_id = %(statement)s
        AND NOT EXISTS (SELECT FROM found WHERE found.hour = known.hour AND found.people > 0)
), hours AS (
    INSERT INTO petitions_signedhour AS known (statement_id, hour, confirmed)
    SELECT %(statement)s, hour, people FROM found WHERE what = 'hour' AND people > 0
    ON CONFLICT (statement_id, hour) DO UPDATE SET confirmed = EXCLUDED.confirmed
    WHERE known.confirmed <> EXCLUDED.confirmed
), sums_gone AS (
    DELETE FROM petitions_signedsum known WHERE known.statement_id = %(statement)s
        AND NOT EXISTS (SELECT FROM sums WHERE sums.what = known.what AND sums.key = known.key)
), kept AS (
    INSERT INTO petitions_signedsum (statement_id, what, key, people, brought_in, held, removed, withdrawn, shown, news)
    SELECT %(statement)s, what, key, people, brought_in, held, removed, withdrawn, shown, news FROM sums
    ON CONFLICT (statement_id, what, key) DO UPDATE SET people = EXCLUDED.people, brought_in = EXCLUDED.brought_in,
        held = EXCLUDED.held, removed = EXCLUDED.removed, withdrawn = EXCLUDED.withdrawn, shown = EXCLUDED.shown,
        news = EXCLUDED.news
), waiting AS (
    SELECT count(DISTINCT s.mailbox_key) AS number FROM petitions_signaturesubmission s
    WHERE s.statement_id = %(statement)s AND s.created_at > statement_timestamp() - %(longest)s
        AND s.agreed_at IS NULL AND s.ended_at IS NULL AND NOT EXISTS (SELECT FROM petitions_signature sig
            WHERE sig.mailbox_key = s.mailbox_key AND sig.statement_id = s.statement_id
                AND sig.agreed_at >= s.created_at)
), gone AS (
    SELECT count(*) AS number FROM core_tombstone
    WHERE kind = 'signature' AND scope = %(statement)s AND why IN ('withdrawn', 'erased')
)
INSERT INTO petitions_sumscount AS known (statement_id, waiting, gone, counted_at, took)
SELECT %(statement)s, waiting.number, gone.number, statement_timestamp(), interval '0'
FROM waiting, gone
ON CONFLICT (statement_id) DO UPDATE SET waiting = EXCLUDED.waiting, gone = EXCLUDED.gone,
    counted_at = EXCLUDED.counted_at
"""
# now() is when the transaction began.
_TOOK = "UPDATE petitions_sumscount SET took = clock_timestamp() - now() WHERE statement_id = %(statement)s"

# A mailbox that was asked twice on a day, by the same way, is one.
_ASKED = f"""
WITH found AS MATERIALIZED (
    SELECT (s.created_at AT TIME ZONE %(zone)s)::date AS day, {source("s", is_submission=True)} AS source,
        count(DISTINCT s.mailbox_key) AS asked,
        count(DISTINCT s.mailbox_key) FILTER (WHERE s.agreed_at IS NOT NULL) AS agreed
    FROM petitions_signaturesubmission s
    WHERE s.statement_id = %(statement)s
        AND s.created_at >= date_trunc('day', statement_timestamp() - %(fresh)s, %(zone)s)
    GROUP BY 1, 2
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY day ORDER BY asked DESC, source) > {MOST_A_DAY} AS is_small FROM found
), days AS (
    SELECT day, CASE WHEN is_small THEN 'other' ELSE source END AS source, sum(asked) AS asked, sum(agreed) AS agreed
    FROM ranked GROUP BY 1, 2
), gone AS (
    DELETE FROM petitions_askedday known WHERE known.statement_id = %(statement)s
        AND known.day >= (statement_timestamp() - %(fresh)s) AT TIME ZONE %(zone)s
        AND NOT EXISTS (SELECT FROM days WHERE days.day = known.day AND days.source = known.source)
)
INSERT INTO petitions_askedday AS known (statement_id, day, source, asked, agreed)
SELECT %(statement)s, day, source, asked, agreed FROM days
ON CONFLICT (statement_id, day, source) DO UPDATE SET asked = EXCLUDED.asked, agreed = EXCLUDED.agreed
WHERE (known.asked, known.agreed) <> (EXCLUDED.asked, EXCLUDED.agreed)
"""


def count_next() -> int:
    """Count one statement that is due; returns how many that was, 0 when none is."""
    after = timedelta(days=settings.ANONYMISE_AFTER_CLOSING_DAYS)
    values: dict[str, Any] = {"after": after, "every": EVERY, "share": SHARE}
    with connection.cursor() as cursor:
        cursor.execute(_DUE, values)
        due = cursor.fetchone()
    if due:
        count(due[0])
    return len(due or ())


@transaction.atomic
def count(statement_id: int) -> None:
    """Count one statement anew from its rows, whatever was counted before."""
    values: dict[str, Any] = {
        "statement": statement_id,
        "longest": timedelta(days=settings.UNMAILED_DAYS),
        "fresh": timedelta(days=FRESH_DAYS),
        "zone": settings.TIME_ZONE,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(_COUNT, values)
        cursor.execute(_ASKED, values)
        cursor.execute(_TOOK, values)
