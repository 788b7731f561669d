"""People are found by any part of their name, however somebody writes it, and by an index."""

import pytest
from django.db import connection
from django.utils import timezone

from core import search
from organisations.models import Organisation
from petitions.models import Signature
from tests.core.test_plans import fill, scans
from tests.factories import EndorsementFactory, OrganisationFactory, SignatureFactory, StatementFactory
from tests.staff import superuser

pytestmark = pytest.mark.django_db

# Source: mysociety/yournextrepresentative#862, webtrees#4834, historyforge#435.
NAMES = {
    "José Nuñez O’Hara": [
        "José", "jose", "JOSÉ", "Nuñez", "nunez", "NUÑEZ", "nun\u0303ez", "O'Hara", "O’Hara", "ohara", "OHara", "hara",
        "uñe", "o'h", "nunez jose", "ohara, jose", "jose  nunez o'hara", "jo", "j",
    ],
    "Jean-Luc Łukasz Straße": ["jean luc", "Jean-Luc", "lukasz", "łuk", "strasse", "Straße", "STRASSE", "luc"],
    "Ægir Þórsson": ["aegir", "Ægir", "thorsson", "Þór"],
    "Жанна Ёлкина": ["жанна", "ЖАННА", "елкина", "Ёлк"],
    "Σωκράτης Ωμέγα": ["σωκρατης", "ωμεγα", "Ωμέγα"],
    "王小明": ["王", "小明", "王小明"],
    "أمينة يوسف": ["أمينة", "يوسف"],
    "Nguyễn Thị Ánh": ["nguyen", "thi anh", "ánh"],
    "D'Arcy ʻOkina": ["darcy", "d’arcy", "okina"],
}  # fmt: skip
NOT = {"José Nuñez O’Hara": ["hose", "ara jim", "unez x", "ez", "%", "_ose"]}


@pytest.mark.parametrize(("name", "terms"), NAMES.items())
def test_a_name_is_found_by_any_part_however_it_is_written(name, terms):
    SignatureFactory(name="Zzz Yyy")
    one = SignatureFactory(name=name)
    rows = Signature.objects.order_by("pk")
    assert {term: list(search.found(rows, ["name"], term)) for term in terms} == {term: [one] for term in terms}


def test_what_is_in_no_word_is_not_found():
    one = SignatureFactory(name="José Nuñez O’Hara")
    rows = Signature.objects.all()
    found = {term: list(search.found(rows, ["name"], term)) for term in NOT[one.name]}
    # A short part begins a word, and signs say nothing beside letters.
    assert found == {"hose": [], "ara jim": [], "unez x": [], "ez": [], "%": [], "_ose": [one]}


def test_the_desk_finds_signers_organisations_and_statements():
    carol, statement = superuser("carol"), StatementFactory(title="Für unsere Bäder")
    SignatureFactory(name="José Nuñez O’Hara", statement=statement)
    SignatureFactory(name="Zzz Yyy", statement=statement)
    OrganisationFactory(name="Confédération d’Été")
    OrganisationFactory(name="Mill Union")
    lists = {
        "petitions/signature": ["nunez", "ohara jose"],
        "organisations/organisation": ["confederation", "dete"],
        "petitions/statement": ["bader fur", "bäd"],
    }
    for path, terms in lists.items():
        for term in terms:
            page = carol.get(f"/admin/{path}/", {"q": term})
            assert (path, term, len(page.context["cl"].result_list)) == (path, term, 1)
    assert Organisation.objects.count() == 2


def test_the_wall_is_searched_the_same_way(client):
    statement = StatementFactory(slug="libraries")
    for name in ("Confédération d’Été", "Mill Union"):
        listed = {"state": "listed", "listed_at": timezone.now()}
        EndorsementFactory(statement=statement, organisation=OrganisationFactory(name=name), **listed)
    page = client.get("/statements/libraries/organisations/?q=confederation+dete").content.decode()
    assert ("Confédération" in page, "Mill Union" in page) == (True, False)


@pytest.mark.parametrize("term", ["nunez", "o'hara", "nunez jose", "jo", "uñe"])
def test_a_part_of_a_name_is_found_by_an_index_among_many(term):
    SignatureFactory(name="Nobody Else")
    fill("petitions_signature", ["name", "address_key", "mailbox_key", "domain_key"])
    SignatureFactory(name="José Nuñez O’Hara")
    sql, values = search.found(Signature.objects.all(), ["name"], term).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE petitions_signature")
        cursor.execute("SET LOCAL enable_seqscan = off")  # of a few thousand rows; of ten million nobody reads all
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", values)
        plan = cursor.fetchone()[0][0]["Plan"]
    (scan,) = scans(plan)
    assert scan["Node Type"] == "Bitmap Heap Scan"
    assert [part["Index Name"] for part in scan["Plans"]] == ["signature_name"]
