"""The public names: newest first or from A to Z, at once or a batch at a time, and always by an index."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from core import chores
from petitions.models import Signature, Statement
from petitions.signatures import forgetting, listing, signing
from petitions.signatures.models.people import AGAIN
from petitions.statements import counting
from tests.asking import ask, confirm_url
from tests.factories import SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db
Order, Batch = Statement.NamesOrder, Statement.NamesBatch
NAMES = ["Zoë", "Ångström", "amina", "Mbeki", "Álvarez"]  # as they came


@pytest.fixture
def statement():
    return StatementFactory(slug="libraries", names_order=Order.ALPHABET)


@pytest.fixture
def signers(statement):
    now = timezone.now()
    made = [
        SignatureFactory(
            statement=statement, name=name, show_name=True, confirmed_at=now - timedelta(days=2, hours=-place)
        )
        for place, name in enumerate(NAMES)
    ]
    SignatureFactory(statement=statement, name="Hidden", show_name=False)
    SignatureFactory(statement=statement, name="Held", show_name=True, state="held")
    SignatureFactory(name="Elsewhere", show_name=True)
    counting.recount(statement=statement, repair=True)
    return {one.name: one for one in made}


def listed(statement) -> list[str]:
    return list(listing.names(Statement.objects.get(pk=statement.pk)).values_list("name", flat=True))


def put_in_order() -> int:
    return sum(iter(listing.put_in_order, 0))


FROM_A = ["Álvarez", "amina", "Ångström", "Mbeki", "Zoë"]


def test_newest_first_until_every_name_has_its_place_and_from_a_to_z_then(statement, signers):
    assert listed(statement) == NAMES[::-1]
    assert put_in_order() == len(NAMES)
    assert listed(statement) == FROM_A


def test_a_batch_at_a_time_and_the_list_waits_for_the_last(statement, signers, monkeypatch):
    monkeypatch.setattr(listing, "BATCH", 2)
    assert [(listing.put_in_order(), listed(statement) == FROM_A) for _ in range(4)] == [
        (2, False), (2, False), (1, True), (0, True),
    ]  # fmt: skip


def test_the_alphabet_is_that_of_the_statements_language(statement, signers):
    Statement.objects.filter(pk=statement.pk).update(language="sv")
    put_in_order()
    assert listed(statement) == ["Álvarez", "amina", "Mbeki", "Zoë", "Ångström"]


def test_a_statement_that_lists_newest_first_costs_no_place(statement, signers):
    Statement.objects.filter(pk=statement.pk).update(names_order=Order.NEWEST)
    assert put_in_order() == 0
    assert set(Signature.objects.values_list("sort_key", flat=True)) == {""}
    assert listed(statement) == NAMES[::-1]


def test_who_turns_back_to_the_alphabet_waits_until_all_are_placed_again(statement, signers):
    put_in_order()
    this = Statement.objects.filter(pk=statement.pk)
    this.update(names_order=Order.NEWEST)
    put_in_order()
    SignatureFactory(statement=statement, name="Bo", show_name=True)
    this.update(names_order=Order.ALPHABET)
    assert listed(statement) == ["Bo", *NAMES[::-1]]
    put_in_order()
    assert listed(statement) == ["Álvarez", "amina", "Ångström", "Bo", "Mbeki", "Zoë"]


def test_who_signs_renames_or_shows_their_name_later_is_put_in_order_too(statement, signers):
    put_in_order()
    SignatureFactory(statement=statement, name="Bo", show_name=True)
    Signature.objects.filter(pk=signers["Mbeki"].pk).update(name="Zuma")
    Signature.objects.filter(name="Hidden").update(show_name=True)
    Signature.objects.filter(pk=signers["amina"].pk).update(show_name=False)
    assert listed(statement) == ["Álvarez", "Ångström", "Zoë"]
    assert put_in_order() == 3
    assert listed(statement) == ["Álvarez", "Ångström", "Bo", "Hidden", "Zoë", "Zuma"]


def test_the_verbs_of_a_signer_do_the_same(statement, signers):
    put_in_order()
    signing.choose(signature_id=signers["amina"].pk, show_name=False)
    signing.choose(signature_id=signers["amina"].pk, show_name=True)
    assert Signature.objects.get(pk=signers["amina"].pk).sort_key == AGAIN
    put_in_order()
    assert listed(statement) == FROM_A


def test_who_is_brought_in_with_an_old_day_is_put_in_order(statement, signers):
    put_in_order()
    SignatureFactory(
        statement=statement, name="Cy", show_name=True, channel="import", submission_id=None,
        confirmed_at=timezone.now() - timedelta(days=400),
    )  # fmt: skip
    put_in_order()
    assert listed(statement) == ["Álvarez", "amina", "Ångström", "Cy", "Mbeki", "Zoë"]


def test_with_the_name_its_place_is_forgotten(statement, signers):
    put_in_order()
    assert "sort_key" in forgetting.EMPTIED.split()
    rows = Signature.objects.filter(statement=statement, state="confirmed", show_name=True)
    assert rows.exclude(sort_key__in=["", AGAIN]).count() == len(NAMES)
    Statement.objects.filter(pk=statement.pk).update(closed_at=Now() - timedelta(days=400))
    chores.run_all()
    assert set(Signature.objects.filter(statement=statement).values_list("name", "sort_key")) == {("", "")}


@pytest.mark.parametrize(
    ("batch", "since"),
    [(Batch.HOUR, "hour"), (Batch.DAY, "day")],
)
@pytest.mark.parametrize("order", [Order.NEWEST, Order.ALPHABET])
def test_a_new_name_waits_for_the_next_batch(statement, batch, since, order, settings):
    with connection.cursor() as cursor:
        cursor.execute("SELECT date_trunc(%s, now(), %s)", [since, settings.TIME_ZONE])
        (begun,) = cursor.fetchone()
    for name, at in (("Before", begun - timedelta(seconds=1)), ("After", begun), ("Now", timezone.now())):
        SignatureFactory(statement=statement, name=name, show_name=True, confirmed_at=at)
    Statement.objects.filter(pk=statement.pk).update(names_batch=batch, names_order=order)
    put_in_order()
    assert listed(statement) == ["Before"]
    Statement.objects.filter(pk=statement.pk).update(names_batch=Batch.NONE)
    assert sorted(listed(statement)) == ["After", "Before", "Now"]


def test_pages_follow_one_another_and_no_place_stands_in_an_address(statement, signers, monkeypatch):
    put_in_order()
    monkeypatch.setattr("petitions.pages.views.NAMES_PER_PAGE", 2)
    client, address, seen = Client(), "/statements/libraries/signatures/", []
    for place in range(3):
        answer = client.get(address)
        assert place != 1 or address == f"/statements/libraries/signatures/?after={signers['amina'].pk}"
        assert answer["X-Robots-Tag"] == "noindex"
        seen.append([one.name for one in answer.context["names"]])
        address = answer.context["next_url"]
    assert seen == [FROM_A[:2], FROM_A[2:4], FROM_A[4:]]
    assert address is None
    last = signers["amina"]
    Signature.objects.filter(pk=last.pk).update(show_name=False)
    gone = client.get(f"/statements/libraries/signatures/?after={last.pk}").context
    assert [one.name for one in gone["names"]] == ["Álvarez", "Ångström"]


def test_the_statements_own_page_lists_alike(statement, signers, settings, client):
    settings.NUMBERS_FROM = 1
    put_in_order()
    shown = client.get("/statements/libraries/").context
    assert [one.name for one in shown["names"]] == FROM_A
    page = client.get("/statements/libraries/").content.decode()
    assert "Signatures from A to Z" in page
    assert "Latest signatures" not in page
    assert '<ul class="names" data-nosnippet>' in page


@pytest.mark.parametrize("order", [Order.NEWEST, Order.ALPHABET])
@pytest.mark.parametrize("batch", Batch.values)
def test_every_order_is_read_from_an_index_without_sorting(statement, signers, order, batch):
    Statement.objects.filter(pk=statement.pk).update(names_order=order, names_batch=batch)
    put_in_order()
    rows = listing.names(Statement.objects.get(pk=statement.pk))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    plan = rows[:101].explain()
    assert "Sort" not in plan
    wanted = "signature_from_a_to_z" if order == Order.ALPHABET else "signature_named"
    assert f"using {wanted}" in plan


@pytest.mark.parametrize("name", ["!!!", "愛", "Ω", "  ", "1"])
def test_any_name_has_a_place_after_the_mark(name):
    assert listing.key_of(name, "en") > AGAIN


def test_a_page_of_a_to_z_is_one_query_more_than_its_statement(statement, signers, django_assert_num_queries):
    put_in_order()
    statement.refresh_from_db()
    with django_assert_num_queries(1):
        assert len(listing.First(("name",), 20)(statement)) == len(NAMES)


@pytest.mark.parametrize(
    ("batch", "said"),
    [
        (Batch.NONE, "Your name is on the public list."),
        (Batch.HOUR, "Your name appears on the public list at the next full hour."),
        (Batch.DAY, "Your name appears on the public list tomorrow."),
    ],
)
def test_who_has_signed_reads_when_their_name_appears(client, batch, said):
    submission = ask(StatementFactory(names_batch=batch), show_name=True)
    page = client.get(client.post(confirm_url(submission))["Location"]).content.decode()
    assert re.findall(r"<p>(Your name [^<]*?)\s*<a", page) == [said]
