"""Where signers live: counted by the worker, named from ten people on, the same cost on the desk for any number."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from local.environment import ROOT
from petitions.models import PlaceCount, SignedPlace, Statement
from petitions.signatures import paper, places, signing
from petitions.statements import counting
from tests.factories import SignatureFactory, StatementFactory
from tests.staff import staff, superuser

pytestmark = pytest.mark.django_db


def live(statement: Statement, number: int, **answers: str) -> None:
    for _ in range(number):
        SignatureFactory(statement=statement, **answers)


def rows(statement: Statement, field: str = "country") -> list[tuple[str, int]]:
    found = SignedPlace.objects.filter(statement=statement, field=field)
    return list(found.order_by("-people", "place").values_list("place", "people"))


def count_all() -> int:
    total = 0
    while places.count_next():
        total += 1
    return total


def test_a_place_is_named_from_ten_people_on_and_only_those_who_count_count():
    statement = StatementFactory(ask_country=True)
    live(statement, 12, country="GB")
    live(statement, 10, country="FR")
    live(statement, 9, country="SE")
    live(statement, 3)
    for state in ("held", "removed", "withdrawn"):
        live(statement, 5, country="SE", state=state)
    live(StatementFactory(), 11, country="IT")  # which is asked nothing
    counting.recount(statement=statement, repair=True)
    assert count_all() == 1
    assert rows(statement) == [("GB", 12), ("FR", 10)]
    (found,) = places.places_of(statement)
    assert (found.label, found.rows) == ("Country", [("United Kingdom", 12), ("France", 10)])
    assert (found.others, found.silent) == (9, 3)
    assert SignedPlace.objects.count() == 2


@pytest.mark.parametrize(
    ("postcode", "area"),
    [("E1 6AN", "E1"), ("SW1A 1AA", "SW1A"), ("M1 1AE", "M1"), ("K1A 0B1", "K1A"), ("D02 X285", "D02"), ("10115", "10"),
     ("75011", "75"), ("111 22", "11"), ("LONDON", "LOND"), ("ا", "ا")],
)  # fmt: skip
def test_of_a_postcode_only_its_area_is_counted(postcode, area):
    statement = StatementFactory(ask_postcode=True)
    live(statement, places.FEWEST, postcode=postcode)
    assert count_all() == 1
    assert rows(statement, "postcode") == [(area, 10)]


def test_names_on_paper_are_counted_apart():
    statement = StatementFactory(ask_postcode=True)
    live(statement, 10, postcode="E1 6AN")
    paper.type_in(statement=statement, number=1, lines=[("Amina", "e1  6an")] * 10 + [("Bo", "E2 7QY"), ("Cy", "")])
    counting.recount(statement=statement, repair=True)
    statement.refresh_from_db()
    assert (count_all(), rows(statement, "postcode"), rows(statement, "paper")) == (2, [("E1", 10)], [("E1", 10)])
    found = [(str(one.label), one.rows, one.others, one.silent) for one in places.places_of(statement)]
    assert found == [("Postcode", [("E1", 10)], 0, 0), ("Postcode, on paper", [("E1", 10)], 1, 1)]


def test_the_database_keeps_no_place_with_fewer():
    with pytest.raises(IntegrityError, match="signedplace_is_a_crowd"), transaction.atomic():
        SignedPlace.objects.create(statement=StatementFactory(), field="country", place="SE", people=9)


def older(**span: float) -> None:
    for row in PlaceCount.objects.all():
        PlaceCount.objects.filter(pk=row.pk).update(counted_at=row.counted_at - timedelta(**span))


def test_it_is_counted_anew_after_ten_minutes_and_follows_what_changed():
    statement = StatementFactory(ask_country=True)
    live(statement, 10, country="GB")
    live(statement, 10, country="FR")
    assert (count_all(), count_all()) == (1, 0)
    signing.remove(signature_id=statement.signatures.filter(country="FR").first().pk, reason="Fake")
    live(statement, 1, country="GB")
    older(minutes=9.5)
    assert count_all() == 0
    older(minutes=1)
    assert (count_all(), rows(statement)) == (1, [("GB", 11)])


def test_what_took_long_is_counted_seldom():
    live(StatementFactory(ask_country=True), 10, country="GB")
    assert count_all() == 1
    assert PlaceCount.objects.get().took < timedelta(seconds=5)
    PlaceCount.objects.update(took=timedelta(seconds=30))  # as under very many signatures
    older(minutes=49)
    assert count_all() == 0
    older(minutes=2)
    assert count_all() == 1


def test_a_question_that_is_no_longer_asked_is_counted_on():
    statement = StatementFactory(ask_country=True)
    live(statement, 10, country="GB")
    count_all()
    Statement.objects.update(ask_country=False)
    statement.signatures.update(country="")
    older(minutes=11)
    assert (count_all(), rows(statement)) == (1, [])


def test_the_last_count_outlives_the_names(settings):
    statement = StatementFactory(ask_country=True)
    live(statement, 10, country="GB")
    count_all()
    ended = timezone.now() - timedelta(days=settings.ANONYMISE_AFTER_CLOSING_DAYS + 1)
    Statement.objects.update(published_at=ended - timedelta(days=1), closed_at=ended)
    statement.signatures.update(country="")
    older(days=1)
    assert (count_all(), rows(statement)) == (0, [("GB", 10)])


@pytest.mark.parametrize("published_at", [None, "tomorrow"])
def test_what_is_not_out_is_not_counted(published_at):
    StatementFactory(ask_country=True, published_at=published_at and timezone.now() + timedelta(days=1))
    assert count_all() == 0


def address(statement: Statement) -> str:
    return f"/admin/petitions/statement/{statement.pk}/places/"


def test_staff_read_it_under_the_statement():
    carol, statement = superuser("carol"), StatementFactory(ask_country=True, ask_postcode=True)
    assert "Nothing has been counted yet" in carol.get(address(statement)).text
    live(statement, 11, country="FR", postcode="E1 6AN")
    live(statement, 2, country="SE", postcode="E2 7QY")
    counting.recount(statement=statement, repair=True)
    assert count_all() == 2
    page = carol.get(address(statement)).text
    assert (page.count("<bdi>France</bdi>"), page.count("<bdi>E1</bdi>")) == (1, 1)
    assert ("Sweden" in page, ">E2<" in page) == (False, False)
    numbers = carol.get(f"/admin/petitions/statement/{statement.pk}/numbers/").text
    assert f'href="{address(statement)}"' in numbers
    assert carol.post(address(statement)).status_code == 405


def test_who_looks_after_another_statement_does_not():
    statement = StatementFactory(ask_country=True)
    live(statement, 10, country="GB")
    count_all()
    assert staff("audrey", "view_every_statement").get(address(statement)).status_code == 200
    dan = staff("dan")
    User.objects.get(username="dan").user_permissions.set(Permission.objects.filter(codename="view_statement"))
    assert dan.get(address(statement)).status_code == 404


def test_reading_it_costs_the_same_for_any_number_of_signers(django_assert_num_queries):
    statement = StatementFactory(ask_country=True, ask_postcode=True)
    live(statement, 10, country="GB", postcode="E1 6AN")
    count_all()
    with django_assert_num_queries(3):
        places.places_of(statement)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO petitions_signedplace (statement_id, field, place, people)"
            " SELECT %s, 'postcode', 'Q' || n, 10 + n FROM generate_series(1, 2900) n",
            [statement.pk],
        )
    with django_assert_num_queries(3):
        found = places.places_of(statement)
    assert [len(one.rows) for one in found] == [places.SHOWN, 1]


def test_no_public_page_reads_the_places():
    """A public page that did would cost more the more places there are."""
    readers = [
        str(path.relative_to(ROOT))
        for path in sorted(ROOT.glob("*/**/*.py"))
        if "tests" not in path.parts
        and ".venv" not in path.parts
        and "migrations" not in path.parts
        and ("SignedPlace" in path.read_text() or "places_of" in path.read_text())
    ]
    assert readers == [
        "petitions/admin/found.py", "petitions/admin/numbers.py", "petitions/admin/statements.py",
        "petitions/desk.py", "petitions/models.py", "petitions/news/segments.py", "petitions/personal.py",
        "petitions/signatures/models/__init__.py", "petitions/signatures/models/numbers.py",
        "petitions/signatures/places.py",
    ]  # fmt: skip
