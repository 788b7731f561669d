"""Finding signatures among very many: what they share is a link, and the list costs the same at any size."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from petitions.admin import found
from petitions.models import Assignment
from tests.factories import SignatureFactory, StatementFactory
from tests.petitions.signatures.test_rules import crowd
from tests.staff import logged_in, staff

pytestmark = pytest.mark.django_db
LIST = "/admin/petitions/signature/"


def names(client, **query: str) -> list[str]:
    return [row.name for row in client.get(LIST, query).context["cl"].result_list]


@pytest.fixture
def signers():
    statement = StatementFactory()
    old = timezone.now() - timedelta(hours=5)
    rows = [
        {"name": "Ann", "email": "ann@mill.example", "ip_key": "one", "via": "poster", "created_at": old},
        {"name": "Bo", "email": "bo@mill.example", "ip_key": "two"},
        {"name": "Cy", "email": "cy@sawmill.example", "ip_key": "two", "via": "poster"},
    ]
    return {row["name"]: SignatureFactory(statement=statement, **row).pk for row in rows}


@pytest.mark.parametrize(
    ("like", "expected"),
    [
        ("domain-Ann", ["Bo", "Ann"]),
        ("domain-Cy", ["Cy"]),
        ("network-Bo", ["Cy", "Bo"]),
        ("via-Ann", ["Cy", "Ann"]),
        ("via-Bo", []),
        ("statement-Cy", ["Cy", "Bo", "Ann"]),
        ("name-Ann", ["Cy", "Bo", "Ann"]),
        ("domain-999999999999999999999", ["Cy", "Bo", "Ann"]),
    ],
)
def test_every_value_leads_to_what_shares_it(carol, signers, like, expected):
    kind, _, name = like.partition("-")
    assert names(carol, like=f"{kind}-{signers.get(name, name)}") == expected


def test_the_links_stand_in_the_row_and_name_nobody(carol, signers):
    html = carol.get(LIST).content.decode()
    links = re.findall(r'href="\?like=([a-z]+)-(\d+)"', html)
    assert set(links) >= {(kind, str(signers["Cy"])) for kind in ("domain", "network", "via", "statement")}
    assert re.findall(r'href="[^"]*mill[^"]*"', html) == []


@pytest.mark.parametrize(("minutes", "expected"), [("30", ["Cy", "Bo"]), ("720", ["Cy", "Bo", "Ann"]), ("x", 3)])
def test_time_windows(carol, signers, minutes, expected):
    shown = names(carol, within=minutes)
    assert (shown if isinstance(expected, list) else len(shown)) == expected


def test_what_is_busy_is_shown_and_nothing_is_decided(carol, signers, monkeypatch):
    assert carol.get(LIST).context["busy"] == []
    monkeypatch.setattr(found, "BUSY", 2)
    busy = carol.get(LIST).context["busy"]
    assert [(one.words, one.number) for one in busy] == [("from one network (two…)", 2)]
    assert names(carol, like=busy[0].like) == ["Cy", "Bo"]
    assert "nothing is decided by this alone" in carol.get(LIST).content.decode()


def test_a_statement_that_somebody_else_looks_after_is_not_even_named(signers):
    other = SignatureFactory(statement=StatementFactory(title="A secret plan"))
    mo = staff("mo")
    user = User.objects.get(username="mo")
    user.user_permissions.remove(*user.user_permissions.filter(codename="view_every_statement"))
    Assignment.objects.create(statement=SignatureFactory(name="Di").statement, user=user)
    assert names(mo) == ["Di"]
    assert names(mo, like=f"statement-{other.pk}") == []
    assert "A secret plan" not in mo.get(LIST).content.decode()


QUERIES = [{}, {"q": "p27777@mill.example"}, {"q": "@mill.example"}, {"q": "Person 777"}, {"state__exact": "held"}]


@pytest.mark.whole
def test_the_list_costs_the_same_at_one_and_at_thirty_thousand(carol):
    statement = StatementFactory()
    crowd(statement, 1)
    few = queries(carol)
    connection.cursor().execute("DELETE FROM petitions_signature")
    crowd(statement, 30_000)
    connection.cursor().execute("ANALYZE petitions_signature")
    many = queries(carol)
    naming = [1, 0, 0, 0, 0]  # what domain is busy: addresses rest sealed, so one of its own is read
    assert [len(asked) + more for asked, more in zip(few, naming, strict=True)] == [len(asked) for asked in many]
    assert max(len(asked) for asked in many) <= 15
    assert len(read_through("SELECT count(*) FROM petitions_signature WHERE show_name")) == 1
    assert [plan for asked in many for sql in asked for plan in read_through(sql)] == []


def queries(client) -> list[list[str]]:
    """What each of QUERIES asks the database."""
    found = []
    for query in QUERIES:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(LIST, query).status_code == 200
        found.append([each["sql"] for each in captured])
    return found


def read_through(sql: str) -> list[str]:
    """The parts of a query's plan that read all signatures, from the first to the last."""
    if not sql.startswith("SELECT"):
        return []
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + sql.replace("%", "%%"))
        return [sql + line for (line,) in cursor.fetchall() if "Seq Scan on petitions_signature " in line]


def test_who_looks_after_a_few_statements_reads_them_as_one_list(django_assert_max_num_queries):
    statements = [StatementFactory() for _ in range(3)]
    user = User.objects.create_user("mo", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_signature"))
    for statement in statements[:2]:
        Assignment.objects.create(statement=statement, user=user)
    rows = [SignatureFactory(statement=statements[number % 3], name=str(number)) for number in range(120)]
    mo, pages, query = logged_in(user), [], ""
    while query is not None:
        with django_assert_max_num_queries(15):
            changelist = mo.get(LIST + query).context["cl"]
        pages.append([row.pk for row in changelist.result_list])
        query = changelist.older_url
    mine = [row.pk for row in reversed(rows) if row.statement != statements[2]]
    assert ([len(page) for page in pages], [pk for page in pages for pk in page]) == ([50, 30], mine)
    only = mo.get(f"{LIST}?statement__id__exact={statements[2].pk}").context["cl"].result_list
    assert list(only) == []
