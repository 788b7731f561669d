"""Organisations that stand behind a statement already, from a table or pasted one a line."""

import pytest

from exchange import running, staging
from exchange.models import Brings
from organisations.models import Endorsement, Organisation
from petitions.models import SheetLine
from tests.exchange import lists
from tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db


def test_a_table_of_organisations_is_listed_and_taken_back(statement):
    OrganisationFactory(name="Lantern Union", town="Eastside")
    listed = lists.read(
        "Organisation;Typ;Ort;Website;Ansprechpartner;E-Mail\n"
        "Lantern Union;union branch;Eastside;lantern.example;Ada Long;ada@lantern.example.org\n"
        "350.org;charity;;https://350.org;;\n"
        "lantern union;;eastside;;;\n"
        ";;Nowhere;;;\n"
        "Bad Link;;;not a link;;\n",
        statement=statement,
        brings=Brings.ORGANISATIONS,
        agreed=False,
    )
    lists.bring_in(listed)
    assert lists.outcome(listed) == [
        (2, "in", ""),
        (3, "in", ""),
        (4, "twice", ""),
        (5, "invalid", "There is no name."),
        (6, "invalid", "“not a link” is no web address."),
    ]
    found = Endorsement.objects.order_by("name").values_list("name", "kind", "town", "state", "source", "contact_email")
    assert list(found) == [
        ("350.org", "charity", "", "listed", "import", ""),
        ("Lantern Union", "union_branch", "Eastside", "listed", "import", "ada@lantern.example.org"),
    ]
    statement.refresh_from_db()
    assert statement.organisations == 2
    assert running.undo(listed=listed) == 0
    statement.refresh_from_db()
    assert (statement.organisations, list(Organisation.objects.values_list("name", flat=True))) == (
        0,
        ["Lantern Union"],
    )


def test_names_are_pasted_one_a_line(statement):
    listed = staging.read_pasted(
        written="Mill Choir\nSmith, Sons & Co\n\nEastside Tenants\n", statement=statement, brings=Brings.ORGANISATIONS
    )
    lists.bring_in(listed)
    assert sorted(Endorsement.objects.values_list("name", flat=True)) == [
        "Eastside Tenants", "Mill Choir", "Smith, Sons & Co"]  # fmt: skip


def test_pasted_people_without_addresses_are_names_only(statement):
    listed = staging.read_pasted(written="Ada Long\nBo Short\n", statement=statement, brings=Brings.NAMES)
    for name, value in lists.AGREED.items():
        setattr(listed, name, value)
    listed.save()
    lists.bring_in(listed)
    assert list(SheetLine.objects.values_list("name", flat=True)) == ["Ada Long", "Bo Short"]
