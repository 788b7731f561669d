"""Public pages: in order, by key, and at the same price whatever their number."""

import io

import pytest
from django.db import connection

from organisations import directory, importers, logos, wall
from tests.factories import StatementFactory
from tests.organisations.form import row
from tests.organisations.pictures import png

pytestmark = pytest.mark.django_db


def test_an_old_address_of_an_organisation_redirects(client, statement):
    keep = importers.bring_in(statement=statement, row=row("Lantern Union")).organisation
    gone = importers.bring_in(statement=StatementFactory(), row=row("Lanternn Union")).organisation
    directory.merge(keep=keep, gone=gone)
    response = client.get("/organisations/lanternn-union/")
    assert (response.status_code, response["Location"]) == (301, "/organisations/lantern-union/")


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/statements/libraries/organisations/", 3),
        ("/statements/libraries/organisations/?kind=union_branch&q=society", 3),
        ("/organisations/society-0/", 4),
        ("/statements/libraries/endorse/form/", 2),
        ("/statements/libraries/motion/", 5),
    ],
)
def test_pages_cost_the_same_however_many_organisations_there_are(
    client, statement, django_assert_num_queries, rows, path, queries
):
    union = importers.bring_in(statement=StatementFactory(), row=row("Lantern Union")).organisation
    drawing = logos.draw(io.BytesIO(png()))
    for number in range(rows):
        importers.bring_in(statement=statement, row=row(f"Society {number}", parent=union, logo=drawing))
    with django_assert_num_queries(queries):
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_wall_is_one_query_and_never_reads_a_logo(statement, rows):
    drawing = logos.draw(io.BytesIO(png()))
    for number in range(rows):
        importers.bring_in(statement=statement, row=row(f"Society {number}", logo=drawing))
    statement.refresh_from_db()
    asked = []

    def listen(execute, sql, *rest):
        asked.append(("organisations_logo" in sql, '"data"' in sql))
        return execute(sql, *rest)

    with connection.execute_wrapper(listen):
        html = wall.section(statement, {})
    assert (html.count('<li class="tile">'), asked) == (rows, [(True, False)])


def test_the_list_runs_from_a_to_z_and_pages_by_key(client, statement, monkeypatch):
    monkeypatch.setattr(wall, "PER_PAGE", 2)
    for name in ("Zebra", "The Bugle", "Égalité", "acorn", "Acorn Two"):
        importers.bring_in(statement=statement, row=row(name))
    url, names = "/statements/libraries/organisations/", []
    while url:
        page = client.get(url).context["found"].page
        names += [tile.name for tile in page.rows]
        url = page.next_url and f"/statements/libraries/organisations/{page.next_url}"
    assert names == ["acorn", "Acorn Two", "The Bugle", "Égalité", "Zebra"]


@pytest.mark.parametrize(
    "query",
    [
        "after=x",
        "after=%00~1",
        "after=0",
        "after=-1",
        "after=" + "9" * 40,
        "after=999",
        "kind=nonsense",
        "q=%00",
        "q=" + "x" * 500,
    ],
)
def test_garbled_questions_get_an_answer(client, statement, query):
    importers.bring_in(statement=statement, row=row("Lantern"))
    assert client.get(f"/statements/libraries/organisations/?{query}").status_code == 200


def test_a_first_organisation_is_invited(client, statement):
    assert "No organisations yet." in client.get("/statements/libraries/").content.decode()


def test_twelve_branches_do_not_read_as_twelve_unions(client, statement):
    union = importers.bring_in(statement=statement, row=row("Lantern Union", kind="national_union")).organisation
    importers.bring_in(statement=statement, row=row("Lantern Union, Eastside branch", parent=union))
    page = client.get("/statements/libraries/organisations/").content.decode()
    assert "part of <bdi>Lantern Union</bdi>" in page
    assert "Lantern Union, Eastside branch" in client.get(union.get_absolute_url()).content.decode()
