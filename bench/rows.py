"""Signatures by the million: generated in one connection, loaded through COPY in the other, indexed afterwards."""

from collections.abc import Callable

import psycopg

from bench.site import Site

# Of a hundred signatures 96 count; three in five of those show their name.
_GENERATED = """
SELECT {first} + n,
    CASE WHEN n % 2 = 0 THEN {statements}[1] WHEN n % 20 IN (1, 3, 5) THEN {statements}[2]
        ELSE {statements}[3 + (n / 10) % {others}] END,
    'Amina ' || (ARRAY['Yusuf', 'Okafor', 'Berg', 'Khan', 'Silva', 'Novak', 'Mensah', 'Ito'])[1 + n % 8] || ' ' || n,
    'p' || n || '@' || (ARRAY['example.org', 'example.com', 'mail.example', 'post.example'])[1 + n % 4],
    n % 5 < 3,
    CASE WHEN n % 100 < 96 THEN 'confirmed' WHEN n % 100 < 98 THEN 'withdrawn' WHEN n % 100 < 99 THEN 'held'
        ELSE 'removed' END,
    now() - interval '20 days' + n * (interval '19 days' / {rows}),
    substr(md5((n / 3)::text), 1, 22)
FROM generate_series(1, {rows}::bigint) n
"""
_COLUMNS = "id, statement_id, name, email, show_name, state, created_at, ip_key"
# Keyed hashes are made with a key that SQL does not have; anything as long and as random costs as much.
_KEYS = "address_key, mailbox_key, domain_key"


def _keys(email: str) -> str:
    """SQL for three keys of an address."""
    texts = (f"'address ' || {email}", f"'mailbox ' || {email}", f"split_part({email}, '@', 2)")
    return ", ".join(f"decode(md5({text}), 'hex')" for text in texts)


def make(site: Site, name: str, world: dict, rows: int, say: Callable[[str], None]) -> None:
    """Make the database `name` from `demo` with `rows` signatures: half under one statement, 15 % under another."""
    site.sql("postgres", f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name} TEMPLATE demo STRATEGY file_copy")
    say(f"loading {rows:,} signatures")
    url = site.cluster.url(name)
    with psycopg.connect(url, autocommit=True) as target:
        target.execute("SET session_replication_role = replica")  # foreign keys hold by construction
        indexes = _drop_indexes(target)
        copied = _copy(url, target, world, rows, _sealed(site, name))
        say(f"indexing {copied:,} signatures")
        for sql in indexes:
            target.execute(sql)
        _count(target)
        target.execute("VACUUM (ANALYZE) petitions_signature")
        target.execute("CHECKPOINT")


def _sealed(site: Site, name: str) -> str:
    """How one mailbox rests, in hexadecimal digits: a million of them would cost as much, and take minutes to make."""
    return site.run(name, "-m", "bench.sealing", "1").split()[0]


def _copy(url: str, target: psycopg.Connection, world: dict, rows: int, sealed: str) -> int:
    ((first,),) = target.execute("SELECT coalesce(max(id), 0) FROM petitions_signature").fetchall()
    statements = f"(ARRAY{world['statements']})"
    generated = _GENERATED.format(first=first, rows=rows, statements=statements, others=len(world["statements"]) - 2)
    # What follows from the other columns is written by the database as the rows come in.
    read = f"""SELECT made.id, made.statement_id, made.name, decode('{sealed}', 'hex'), made.show_name, made.state,
            made.created_at, made.ip_key, made.created_at, made.created_at, {_keys("made.email")}, made.id, v.id,
            CASE made.state WHEN 'held' THEN 'crowd' ELSE '' END
        FROM ({generated}) made ({_COLUMNS})
        JOIN petitions_version v ON v.statement_id = made.statement_id
            AND v.number = (SELECT max(number) FROM petitions_version WHERE statement_id = made.statement_id)"""
    into = f"{_COLUMNS}, confirmed_at, agreed_at, {_KEYS}, submission_id, version_id, held_reason"
    with psycopg.connect(url) as source, source.cursor() as reader, target.cursor() as writer:
        with (
            reader.copy(f"COPY ({read}) TO STDOUT") as out,
            writer.copy(f"COPY petitions_signature ({into}) FROM STDIN") as put,
        ):
            for block in out:
                put.write(block)
        copied = writer.rowcount
    target.execute(
        "SELECT setval(pg_get_serial_sequence('petitions_signature', 'id'), max(id)) FROM petitions_signature"
    )
    return copied


def _drop_indexes(target: psycopg.Connection) -> list[str]:
    """Drop what would be kept up row by row; returns the SQL that makes it again, with the constraint it stood for."""
    found = target.execute(
        """SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), c.conname, pg_get_constraintdef(c.oid)
        FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype = 'u'
        WHERE i.indrelid = 'petitions_signature'::regclass AND NOT i.indisprimary"""
    ).fetchall()
    for index, _, constraint, _ in found:
        drop = f"ALTER TABLE petitions_signature DROP CONSTRAINT {constraint}" if constraint else f"DROP INDEX {index}"
        target.execute(drop)
    return [
        f"ALTER TABLE petitions_signature ADD CONSTRAINT {constraint} {definition}" if constraint else sql
        for _, sql, constraint, definition in found
    ]


def _count(target: psycopg.Connection) -> None:
    """Write the numbers into the tally, as `recount` would."""
    target.execute("DELETE FROM petitions_tally")
    target.execute(
        """INSERT INTO petitions_tally (statement_id, version_id, slot, confirmed, shown, removed)
        SELECT statement_id, version_id, 0, count(*) FILTER (WHERE state IN ('confirmed', 'anonymised')),
            count(*) FILTER (WHERE state = 'confirmed' AND show_name), count(*) FILTER (WHERE state = 'removed')
        FROM petitions_signature GROUP BY statement_id, version_id"""
    )


def waiting(site: Site, name: str, statements: list[int], rows: int) -> list[int]:
    """Add `rows` submissions whose mail was sent and that nobody has agreed to yet; returns their ids."""
    made = f"""SELECT n, decode('{_sealed(site, name)}', 'hex'), {_keys("gen_random_uuid()::text || '@example.org'")}
        FROM generate_series(1, {rows}) n"""
    return _submissions(site, name, statements, made, "statement_timestamp()")


def unmailed(site: Site, name: str, statements: list[int], rows: int) -> list[int]:
    """Add `rows` submissions whose mail has still to be written; returns their ids.

    Their keys are those of their addresses, or nothing would be sent (mail/claiming.py).
    """
    lines = site.run(name, "-m", "bench.sealing", str(rows)).split("\n")
    cells = (", ".join(f"decode('{cell}', 'hex')" for cell in line.split()) for line in lines if line)
    made = "VALUES " + ", ".join(f"({number}, {line})" for number, line in enumerate(cells))
    return _submissions(site, name, statements, made, "NULL")


def _submissions(site: Site, name: str, statements: list[int], made: str, mailed_at: str) -> list[int]:
    """Add the submissions `made` (SQL: number, mailbox as it rests, keys), each of a network of its own."""
    found = site.sql(
        name,
        f"""INSERT INTO petitions_signaturesubmission (statement_id, version_id, name, email, {_KEYS},
            show_name, ip_key, consent_id, reference, digest, mailed_at)
        SELECT statement_id, version_id, 'Amina Yusuf', resting, {_KEYS}, true,
            substr(encode(mailbox_key, 'hex'), 1, 22), (SELECT max(id) FROM submissions_consenttext), 'K7M',
            mailbox_key, {mailed_at}
        FROM (SELECT (ARRAY{statements})[1 + n % {len(statements)}] AS statement_id, made.*
            FROM ({made}) made (n, resting, {_KEYS})) made
        JOIN (SELECT statement_id, max(id) AS version_id FROM petitions_version WHERE published_at IS NOT NULL
            GROUP BY statement_id) v USING (statement_id)
        RETURNING id""",
    )
    return [row[0] for row in found]


def reset(site: Site, name: str) -> None:
    """Forget the mail of the last measurement, so that each begins with an empty queue."""
    site.sql(name, "TRUNCATE mail_outgoingemail CASCADE", "TRUNCATE submissions_correspondence")
