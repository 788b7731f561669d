"""The mail worker against a mail server that says yes at once: alone, and two of them."""

import time

from bench import rows
from bench.report import Figure
from bench.site import BenchError, Site
from local.processes import Program, stop

PATIENCE = 120  # seconds


def mail(site: Site, database: str, world: dict, many: int) -> Figure:
    """Messages per second of one worker, and how much faster two are."""
    sink = site.python("sink", database, "-m", "bench.sink", str(site.smtp_port))
    one = _run(site, database, world, many, workers=1)
    two = _run(site, database, world, many * 2, workers=2)
    stop([sink])
    return Figure(rps=round(one, 1), more={"two_workers": round(two, 1), "two_to_one": round(two / one, 2)})


def _run(site: Site, database: str, world: dict, many: int, workers: int) -> float:
    """Sent per second, from the first to the last, of mails to as many new signers."""
    rows.reset(site, database)
    rows.waiting(site, database, world["statements"], many)
    site.sql(
        database,
        f"""INSERT INTO core_outgoingemail (kind, recipient, recipient_key, lane, context)
        SELECT 'signature_confirm', email, email_canonical, 1, jsonb_build_object('statement', statement_id, 'ip', '')
        FROM petitions_signature ORDER BY id DESC LIMIT {many}""",
        "ANALYZE core_outgoingemail",
    )
    programs = [site.python(f"worker-{number}", database, "manage.py", "worker") for number in range(workers)]
    try:
        return _rate(site, database, many, programs)
    finally:
        stop(programs)


def _rate(site: Site, database: str, many: int, programs: list[Program]) -> float:
    until = time.monotonic() + PATIENCE
    while True:
        time.sleep(0.2)
        sent, seconds, failed = site.sql(
            database,
            """SELECT count(*) FILTER (WHERE state = 'sent'),
                extract(epoch FROM max(finished_at) - min(finished_at))::float,
                count(*) FILTER (WHERE state NOT IN ('sent', 'queued')) FROM core_outgoingemail
            WHERE kind = 'signature_confirm'""",
        )[0]
        if failed:
            raise BenchError(f"mail: {failed} of {many} were not sent")
        if sent >= many:
            return sent / seconds
        if time.monotonic() > until or not all(program.is_alive() for program in programs):
            raise BenchError(f"mail: {sent} of {many} were sent; {programs[0].log_tail(4)}")
