"""Signatures as files: who may have them, what is in them, and that a file is whole or visibly broken."""

import csv
from io import StringIO

import psycopg
import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client

from core.csv import BOM, BROKEN, CHUNK, address_cell, cell, stream
from core.models import AuditEntry
from core.sealed import seal, what_of
from mail import suppression
from petitions.models import Signature, Statement
from petitions.signatures.exports import CONTACTS, DELIVERY, expiry, export
from petitions.statements import assigning, counting
from tests.factories import SignatureFactory, StatementFactory
from tests.staff import log, logged_in, staff

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "a long password of Carol's"
TYPED = {"reason": "For the council", "password": PASSWORD}
DAY = "2026-03-01"


@pytest.fixture
def carol() -> Client:
    User.objects.create_superuser("carol", password=PASSWORD)
    return logged_in(User.objects.get())


def signed(statement: Statement, name: str, **values: object) -> Signature:
    values = {"state": "confirmed", "confirmed_at": f"{DAY}T12:00Z", "show_name": True, **values}
    return SignatureFactory(statement=statement, name=name, **values)


def page(statement: Statement, kind: str = "export") -> str:
    return f"/admin/petitions/statement/{statement.pk}/{kind}/"


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(data.decode("utf-8-sig"), newline="")))


def cells(*names: str) -> list[str]:
    statement = StatementFactory()
    for name in names:
        signed(statement, name)
    return [row[0] for row in read(b"".join(export(statement=statement, what=DELIVERY, why="", by=None)))[1:]]


def test_the_delivery_has_who_counts_as_they_chose_to_be_shown(carol):
    statement = StatementFactory(slug="libraries")
    signed(statement, "أمينة يوسف", affiliation="Mill School", personal_capacity=True, postcode="E1 6AN", country="FR")
    secret = {"affiliation": "Secret Ltd", "personal_capacity": True, "postcode": "E2 7QY", "country": "SE"}
    signed(statement, "Private Person", show_name=False, **secret)
    for state in ("held", "removed", "withdrawn"):
        signed(statement, state, state=state)
    signed(StatementFactory(), "Somebody else")
    counting.recount(statement=statement, repair=True)
    answer = carol.post(page(statement), TYPED)
    data = b"".join(answer)
    assert data.startswith(BOM + b'name,affiliation,personal_capacity,postcode,country,signed_on,agreed\n"')
    assert read(data)[1:] == [
        ["أمينة يوسف", "Mill School", "yes", "E1 6AN", "FR", DAY, "here"],
        ["", "", "", "", "", DAY, "here"],
    ]
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="libraries-signatures-2')
    assert answer["Cache-Control"] == "no-store, max-age=0, no-cache, must-revalidate, private"


def test_contacts_are_those_who_asked_for_news(carol):
    statement = StatementFactory()
    signed(statement, "Amina", email="amina@example.org", email_updates=True, show_name=False)
    signed(statement, "Bela", email_updates=False)
    signed(statement, "Cato", email_updates=True, state="removed")
    signed(statement, "Dora", email_updates=True, email="dora+news@example.org")
    suppression.suppress("dora@example.org")
    signed(statement, "Eda", email="-eda@example.org", email_updates=True)
    rows = read(b"".join(carol.post(page(statement, "export/contacts"), TYPED)))
    assert log() == ["Download addresses, 2 rows: For the council", "Download addresses: 2 rows were given."]
    assert rows == [
        ["name", "email", "language", "signed_on"],
        ["Amina", "amina@example.org", "en", DAY],
        ["Eda", "-eda@example.org", "en", DAY],
        [expiry()],
    ]


HOSTILE = ["=1+1", "+44", "-2", "@SUM(A1)", "＝1", "＋1", "－1", "＠x"]
NEVER_STORED = ["\t=1", "\rx", "\nx", " =1"]  # names are tidied; other columns may not be
HARMLESS = ["Amina", "O'Neill", "a=b", 'Anne "Nan" Lee', "Li, Wei", "’Aziza", "李小龙", "José – Ana"]


def test_no_cell_is_a_formula_and_harmless_ones_stay_as_they_are():
    assert cells(*HOSTILE, *HARMLESS) == [f"'{name}" for name in HOSTILE] + HARMLESS


def as_cell(text: str, sql=cell) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql('one.text')} FROM (VALUES (%s::text)) one (text)", [text])
        return cursor.fetchone()[0]


def test_no_cell_of_any_column_is_a_formula():
    assert [as_cell(text) for text in HOSTILE + NEVER_STORED] == [f"'{text}" for text in HOSTILE + NEVER_STORED]


@pytest.mark.parametrize("email", ["-dash@example.org", "+x@example.org", "amina@example.org", "-a.b+c@dæmi.is"])
def test_an_address_stays_one_that_can_be_written_to(email):
    assert address_cell(email) == email


@pytest.mark.parametrize(
    "email", ["=cmd|'/c+calc'!A0@x.org", "-cmd|'/c'!A0@x.org", "-a@x|y.org", "=1@x.org", "-1!a@x.org"]
)
def test_an_address_that_calls_something_is_a_cell_like_any_other(email):
    assert address_cell(email) == f"'{email}"


def test_it_is_on_record_before_the_first_row(carol):
    statement = StatementFactory()
    signed(statement, "Amina", email_updates=True)
    counting.recount(statement=statement, repair=True)
    answer = carol.post(page(statement), TYPED)
    assert log() == ["Download the names, 1 rows: For the council"]
    entry = AuditEntry.objects.get(what__startswith="Download")
    assert (entry.by_name, entry.why, entry.object_id) == ("carol", "For the council", str(statement.pk))
    answer.close()


@pytest.mark.parametrize("missing", [{"password": "wrong"}, {"reason": ""}])
def test_without_reason_or_password_there_is_no_file(carol, missing):
    statement = StatementFactory()
    signed(statement, "Amina Yusuf")
    answer = carol.post(page(statement), {**TYPED, **missing})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "Amina Yusuf" not in answer.text
    assert log() == []


def test_its_address_alone_gives_nothing(carol):
    statement = StatementFactory()
    assert carol.get(page(statement))["Content-Type"] == "text/html; charset=utf-8"
    answer = Client().get(page(statement))
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/login/?next={page(statement)}")
    answer = Client().post(page(statement), TYPED)  # asks for the log-in in its place
    assert (answer.status_code, answer["Content-Type"]) == (401, "text/html; charset=utf-8")
    assert staff("audrey").post(page(statement), TYPED).status_code == 403
    names_only = staff("nia", "export_signatures", "view_every_statement")
    assert names_only.get(page(statement)).status_code == 200
    assert names_only.post(page(statement, "export/contacts"), TYPED).status_code == 403


def test_who_looks_after_one_statement_has_no_other():
    mine, other = StatementFactory(), StatementFactory()
    user = User.objects.create_user("dan", is_staff=True)
    names = ["view_statement", "export_signatures"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    assigning.assign(statement=mine, user=user, by=None)
    client = Client()
    client.force_login(user)
    assert [client.get(page(one)).status_code for one in (mine, other)] == [200, 404]


MANY = """
INSERT INTO petitions_signature (statement_id, version_id, name, email, address_key, mailbox_key,
    domain_key, channel, state, confirmed_at, show_name)
SELECT %s, %s, %s || n, %s, '', decode(md5(n::text), 'hex'), '', 'import',
    'confirmed', now(), true
FROM generate_series(0, %s - 1) n
"""


def many(statement: Statement, letter: str, number: int = 5000) -> None:
    with connection.cursor() as cursor:
        resting = seal("n@example.org", what_of(Signature, "email"))
        cursor.execute(MANY, [statement.pk, statement.version.pk, f"{letter} ", resting, number])


def names(pieces: list[bytes]) -> list[str]:
    return [row[0] for row in read(b"".join(pieces))[1:]]


def test_two_at_once_never_cross_and_each_is_one_moment():
    one, two = StatementFactory(), StatementFactory()
    many(one, "A")
    many(two, "B")
    first, second = (export(statement=statement, what=DELIVERY, why="", by=None) for statement in (one, two))
    read_of = {"A": [next(first)], "B": [next(second)]}
    Signature.objects.update(name="Changed since")
    for piece_of_first, piece_of_second in zip(first, second, strict=True):
        read_of["A"].append(piece_of_first)
        read_of["B"].append(piece_of_second)
    for letter, pieces in read_of.items():
        assert names(pieces) == [f"{letter} {n}" for n in range(5000)]


def test_it_comes_in_pieces_and_costs_the_same_queries_for_any_number(django_assert_num_queries):
    statement = StatementFactory()
    many(statement, "A", 20_000)
    with django_assert_num_queries(5):  # the record before and after, and of the first BEGIN and COMMIT
        pieces = list(export(statement=statement, what=DELIVERY, why="", by=None))
    assert len(pieces) == sum(map(len, pieces)) // CHUNK + 1
    assert max(map(len, pieces)) < CHUNK + 200


def sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY (%%'", []
        )
        return cursor.fetchone()[0]


def test_a_reader_who_goes_away_leaves_nothing_running():
    statement = StatementFactory()
    many(statement, "A", 50_000)
    pieces = export(statement=statement, what=DELIVERY, why="", by=None)
    next(pieces)
    assert sessions() == 1
    pieces.close()
    assert sessions() == 0


def test_a_file_that_breaks_off_says_so_in_its_last_line():
    pieces = stream("SELECT 1 / (3 - n) FROM generate_series(1, 5) n", {})
    assert next(pieces) == BROKEN
    with pytest.raises(psycopg.errors.DivisionByZero):
        next(pieces)


def test_buttons_stand_where_they_apply(carol):
    statement = StatementFactory()
    of_statement = carol.get(f"/admin/petitions/statement/{statement.pk}/places/").text
    assert ('href="../export/"' in of_statement, 'href="../export/contacts/"' in of_statement) == (True, True)
    filtered = carol.get(f"/admin/petitions/signature/?statement__id__exact={statement.pk}").text
    assert (page(statement) in filtered, page(statement, "export/contacts") in filtered) == (True, True)
    assert "/export/" not in carol.get("/admin/petitions/signature/").text
    assert str(CONTACTS.label) in filtered
