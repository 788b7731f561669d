"""What is prepared is planned once, for any values (docs/decisions/0018); that plan must find its rows by an index.

An index on a part of a table serves such a plan only where the statement itself says that it wants that part, and a
sub-select must not become a list of a whole table.
"""

import json
import re
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.models import Count
from psycopg._queries import PostgresRawQuery
from psycopg.adapt import Transformer

from petitions.models import Signature
from petitions.signatures import ceilings
from tests.asking import agree, ask
from tests.factories import CommentFactory, EndorsementFactory, EventFactory, SignatureFactory, StatementFactory
from tests.mailserver import deliver, running
from tests.organisations.form import posted

pytestmark = [pytest.mark.django_db, pytest.mark.whole]

# What grows with every visitor, and what is different in each of its rows.
GROWING = {
    "petitions_signature": ["address_key", "mailbox_key", "domain_key", "ip_key"],
    "petitions_signaturesubmission": ["address_key", "mailbox_key", "domain_key", "ip_key"],
    "comments_comment": ["mailbox_key"],
    "organisations_endorsement": ["name_key"],
    "mail_outgoingemail": ["recipient_key"],
}
KEYS = {"address_key", "mailbox_key", "domain_key", "recipient_key"}
HASH = r"'\x' || md5(number::text)"
MANY = 3000
UNKNOWN = 705  # the type of a value that nobody has said the type of
PERSON = {"name": "Amina Yusuf", "email": "amina@example.org"}


@pytest.fixture
def prepared(client, settings):
    """Every statement that a visit of everything prepares, with the values it had; and then tables full of rows."""
    seen: dict[str, Any] = {}

    def listen(execute: Any, sql: str, values: Any, many: bool, context: dict[str, Any]) -> Any:
        if type(context["cursor"].cursor) is psycopg.RawCursor:
            seen[sql] = values
        return execute(sql, values, many, context)

    statement = StatementFactory(slug="libraries")
    page = statement.get_absolute_url()
    EventFactory(statement=statement)
    CommentFactory(statement=statement, parent=CommentFactory(statement=statement))
    EndorsementFactory(statement=statement)
    SignatureFactory(statement=statement)
    asked = ask(statement, "bo@example.org", ip_key="hall")
    with connection.execute_wrapper(listen), running(settings):
        assert client.get(page).status_code == 200
        assert client.post(f"{page}sign/", PERSON).status_code == 303
        assert client.post(f"{page}comments/", {**PERSON, "body": "I learnt to read here."}).status_code == 303
        assert client.post(f"{page}endorse/form/", posted()).status_code == 303
        agree(asked)
        deliver()
    for table, unlike in GROWING.items():
        fill(table, unlike)
    return seen


def fill(table: str, unlike: list[str]) -> None:
    """Copies of the oldest row, and what the database then knows of them."""
    news = ", ".join(f"'{name}', " + (HASH if name in KEYS else f"number || {name}") for name in unlike)
    with connection.cursor() as cursor:
        # As a table of its own: `(function(…)).*` would make each row anew for each of its columns.
        cursor.execute(f"""INSERT INTO {table}
            SELECT made.* FROM (SELECT * FROM {table} ORDER BY id LIMIT 1) first, generate_series(1, {MANY}) number,
            LATERAL jsonb_populate_record(
                NULL::{table}, to_jsonb(first) || jsonb_build_object('id', 1000000 + number, {news})) made""")
        cursor.execute(f"ANALYZE {table}")


def explained(sql: str, values: Any) -> list[dict[str, Any]]:
    """What the plan for any values reads; those given only tell their types, as they do when it is prepared."""
    with connection.cursor() as cursor:
        said = PostgresRawQuery(Transformer(cursor.connection))
        said.convert(sql, values)
        kinds = [[oid or UNKNOWN for oid in said.types]]
        cursor.execute("SELECT string_agg(kind::oid::regtype::text, ', ') FROM unnest(%s) kind", kinds)
        types = cursor.fetchone()[0]
        raw = cursor.connection.execute
        raw("SET LOCAL plan_cache_mode = force_generic_plan")
        raw(f"PREPARE looked_at{f'({types})' if types else ''} AS {said.query.decode()}")
        given = f"({', '.join(['NULL'] * len(said.types))})" if types else ""
        plan = raw(f"EXPLAIN (FORMAT JSON) EXECUTE looked_at{given}").fetchone()[0][0]["Plan"]
        raw("DEALLOCATE looked_at")
    return scans(plan)


def scans(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """All parts of a plan that read a table."""
    own = [plan] if "Relation Name" in plan and "Scan" in plan["Node Type"] else []
    return own + [scan for part in plan.get("Plans", []) for scan in scans(part)]


def test_everything_that_is_prepared_finds_its_rows_by_an_index(prepared):
    found = [(scan, sql) for sql, values in prepared.items() for scan in explained(sql, values)]
    assert {scan["Relation Name"] for scan, _ in found} >= GROWING.keys()
    assert [(scan["Relation Name"], sql) for scan, sql in found if is_of_everything(scan)] == []


def is_of_everything(scan: dict[str, Any]) -> bool:
    is_led = scan["Node Type"] == "Bitmap Heap Scan" or "Index Cond" in scan
    return scan["Relation Name"] in GROWING and not is_led


def test_the_desk_reads_only_what_ceilings_hold_of_all_that_is_held():
    SignatureFactory(state="held", held_reason="Many from one network")
    fill("petitions_signature", GROWING["petitions_signature"])
    held = ceilings.held(Signature.objects.all()).order_by()
    asked = [held.order_by("confirmed_at")[:1001], held.values("domain_key").annotate(number=Count("pk"))]
    plans = [json.loads(rows.explain(format="json"))[0]["Plan"] for rows in asked]
    read = [re.findall(r"'Index Name': '(\w+)'", str(plan)) for plan in plans]
    assert all(scan["Node Type"] != "Seq Scan" for plan in plans for scan in scans(plan))
    assert [len(names) for names in read] == [1, 1]
    assert {*read[0], *read[1]} <= {"signature_ceiling", "signature_ceiling_domain"}
