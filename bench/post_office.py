"""The mail worker against a mail server that says yes at once: alone, and two of them, in turn."""

import statistics
import time
from dataclasses import dataclass
from datetime import datetime

import psycopg

from bench import rows
from bench.report import Figure
from bench.site import BenchError, Site, cpu_seconds, processes
from local.processes import Program, stop

PATIENCE = 120  # seconds
AHEAD = 4  # seconds: so long before its mail is due everything is ready for it
CALM = 0.05  # of a core
# The first and the last twentieth do not count: workers look for mail every 0.3 seconds, and one ends before the other.
# What is measured is known by when it was due. Besides it, chores may have sent something of the demo's world, which
# the mail server has counted too.
_RATE = """
SELECT count(*) FILTER (WHERE state = 'sent'), count(*) FILTER (WHERE state = 'sent' AND measured),
    count(*) FILTER (WHERE measured) * 0.9 / extract(epoch FROM
        percentile_disc(0.95) WITHIN GROUP (ORDER BY finished_at) FILTER (WHERE measured)
        - percentile_disc(0.05) WITHIN GROUP (ORDER BY finished_at) FILTER (WHERE measured))::float
FROM (SELECT state, finished_at, due_at = %s AS measured FROM mail_outgoingemail) mail
"""
_MAILED = """
SELECT count(*) FROM mail_outgoingemail mail JOIN petitions_signaturesubmission s
    ON s.id = (mail.context->>'submission')::bigint AND s.mailed_at IS NOT NULL
WHERE mail.due_at = %s
"""


@dataclass(frozen=True)
class Run:
    """Messages per second, and milliseconds of CPU for one of them: in the workers, PostgreSQL and the mail server."""

    rate: float
    cpu: tuple[float, float, float]


def mail(site: Site, database: str, world: dict, many: int, rounds: int) -> Figure:
    """Messages per second of one worker, and how much faster two are: the medians of `rounds`."""
    one, two = [], []
    for _ in range(rounds):
        one.append(_run(site, database, world, many, workers=1))
        two.append(_run(site, database, world, many * 2, workers=2))
    ratio = statistics.median(both.rate / alone.rate for alone, both in zip(one, two, strict=True))
    more: dict[str, float | str] = {"two_workers": round(_middle(two), 1), "two_to_one": round(ratio, 2)}
    for name, runs in (("one", one), ("two", two)):
        parts = [round(statistics.median(part), 2) for part in zip(*(run.cpu for run in runs), strict=True)]
        more[f"cpu_ms_{name}"] = "worker {} database {} sink {}".format(*parts)
    return Figure(rps=round(_middle(one), 1), more=more)


def _middle(runs: list[Run]) -> float:
    return statistics.median(run.rate for run in runs)


def _run(site: Site, database: str, world: dict, many: int, workers: int) -> Run:
    """Mails to as many new signers, sent by workers that have started and have nothing else to do."""
    rows.reset(site, database)
    sink = site.python("sink", database, "-m", "bench.sink", str(site.smtp_port))
    programs = [site.python(f"worker-{number}", database, "manage.py", "worker") for number in range(workers)]
    try:
        _calm(site, sink, programs)
        with psycopg.connect(site.cluster.url(database), autocommit=True) as connection:
            due = _queue(site, database, world, many, connection)
            before = _cpu(site, sink, programs)
            _wait(connection, programs, due)
            after = _cpu(site, sink, programs)
            ((every, sent, rate),) = connection.execute(_RATE, [due]).fetchall()
            ((listed,),) = connection.execute(_MAILED, [due]).fetchall()
    finally:
        stop([*programs, sink])
    taken = sink.log_tail(1)
    if sent != many or listed != many or taken != str(every):
        raise BenchError(
            f"mail: {sent} of {many} were sent, {every} with others, the mail server took {taken}, and {listed}"
            " submissions know of theirs"
        )
    working, storing, taking = ((late - early) * 1000 / many for early, late in zip(before, after, strict=True))
    return Run(rate, (working, storing, taking))


def _calm(site: Site, sink: Program, programs: list[Program]) -> None:
    """Return when the workers have started and done their first chores, which is work for the database too."""
    until, used = time.monotonic() + PATIENCE, 0.0
    while True:
        before, used = used, sum(_cpu(site, sink, programs))
        if time.monotonic() > until or not all(program.is_alive() for program in programs):
            raise BenchError(f"mail: the workers did not start; {programs[0].log_tail(4)}")
        if used > len(programs) * 0.3 and used - before < CALM:
            return
        time.sleep(1)


def _queue(site: Site, database: str, world: dict, many: int, connection: psycopg.Connection) -> datetime:
    """Queue the mails for a moment that is yet to come, wait for it, and return it."""
    rows.unmailed(site, database, world["statements"], many)
    ((due,),) = connection.execute("SELECT statement_timestamp() + %s * interval '1 second'", [AHEAD]).fetchall()
    connection.execute(
        """INSERT INTO mail_outgoingemail (kind, recipient, recipient_key, address_key, lane, due_at, context)
        SELECT 'signature_confirm', email, mailbox_key, address_key, 1, %s,
            jsonb_build_object('submission', id)
        FROM petitions_signaturesubmission ORDER BY id DESC LIMIT %s""",
        [due, many],
    )
    connection.execute("ANALYZE mail_outgoingemail")
    ((left,),) = connection.execute("SELECT extract(epoch FROM %s - statement_timestamp())::float", [due]).fetchall()
    if left < 0:
        raise BenchError(f"mail: queueing it took {-left:.1f} seconds longer than {AHEAD}")
    time.sleep(left)
    return due


def _wait(connection: psycopg.Connection, programs: list[Program], due: datetime) -> None:
    """Return when nothing of it waits any more. It asks seldom and for one row, so asking costs next to nothing."""
    until = time.monotonic() + PATIENCE
    ask = "SELECT id FROM mail_outgoingemail WHERE state = 'queued' AND lane = 1 AND due_at = %s LIMIT 1"
    while connection.execute(ask, [due]).fetchone():
        if time.monotonic() > until or not all(program.is_alive() for program in programs):
            raise BenchError(f"mail: not everything was sent; {programs[0].log_tail(4)}")
        time.sleep(0.25)


def _cpu(site: Site, sink: Program, programs: list[Program]) -> tuple[float, float, float]:
    """Seconds of CPU so far: of the workers, of PostgreSQL, of the mail server."""
    workers = [program.pid for program in programs]
    return cpu_seconds(workers), cpu_seconds(processes([site.database_pid()])), cpu_seconds([sink.pid])
