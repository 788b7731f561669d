"""Who was asked to confirm and has not: a list for whoever helps a signer on the phone, and nothing to press."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import AuditEntry
from petitions.models import Statement
from submissions import agreeing
from tests.asking import agree, ask, later
from tests.factories import StatementFactory
from tests.staff import logged_in, staff

pytestmark = pytest.mark.django_db
LIST = "/admin/petitions/signaturesubmission/"


@pytest.fixture
def statement() -> Statement:
    return StatementFactory(title="Keep our libraries open")


def rows(client, **query: str) -> list[str]:
    return [row.reference for row in client.get(LIST, query).context["cl"].result_list]


def test_it_shows_masked_address_reference_times_and_state_and_nothing_else_that_was_typed(viewer, statement):
    asked = ask(statement, name="Zqx Yusuf", postcode="ZQX 1", affiliation="Zqx Mill", mailed=False)
    html = viewer.get(LIST).content.decode()
    shown = [asked.reference in html, "Keep our libraries open" in html, "not yet" in html, "waiting" in html]
    assert shown == [True] * 4
    assert [word in html for word in ("amina@example.org", "Zqx", "ZQX")] == [False] * 3
    assert "a…@example.org" in html


def test_what_has_been_answered_is_not_there(viewer, statement):
    agreed, disowned, waits = (ask(statement, f"{name}@example.org") for name in "abc")
    agree(agreed)
    agreeing.disown(1, disowned.pk)
    assert rows(viewer) == [waits.reference]


def test_each_state_is_said_in_words(viewer, statement, settings):
    old = ask(statement, "old@example.org")
    later(days=settings.UNCONFIRMED_DAYS, minutes=1)
    ask(statement, name="First")
    agree(ask(statement, name="Newer"))
    hidden = ask(StatementFactory(), "hidden@example.org")
    Statement.objects.filter(pk=hidden.statement_id).update(hidden_at=hidden.created_at)
    late = ask(StatementFactory(), "late@example.org")
    ended = late.created_at - 2 * (late.created_at - old.created_at)
    Statement.objects.filter(pk=late.statement_id).update(published_at=ended, closed_at=ended)
    ask(statement, "fine@example.org")
    stands = [row.state for row in viewer.get(LIST).context["cl"].result_list]
    assert stands == ["waiting", "waiting", "hidden", "superseded", "expired"]


@pytest.mark.parametrize(
    ("term", "found"), [("amina@example.org", 1), ("A.mina+x@example.org", 0), ("AMINA+x@example.org", 1), ("bo", 0)]
)
def test_it_is_searched_by_the_whole_address_in_any_spelling(viewer, statement, term, found):
    ask(statement)
    ask(statement, "bo@example.org")
    assert len(rows(viewer, q=term)) == found
    assert AuditEntry.objects.filter(what="Searched for").count() == 1


def test_it_is_searched_by_the_reference(viewer, statement):
    one, two = ask(statement), ask(statement, "bo@example.org")
    assert one.reference != two.reference
    assert rows(viewer, q=f" {one.reference.lower()} ") == [one.reference]


def test_a_page_of_it_costs_the_same_however_many(viewer, statement, django_assert_num_queries):
    ask(statement)
    viewer.get(LIST)
    with CaptureQueriesContext(connection) as one:
        viewer.get(LIST)
    for number in range(20):
        ask(statement, f"p{number}@example.org")
    with django_assert_num_queries(len(one)):
        assert len(rows(viewer)) == 21


@pytest.mark.parametrize("path", ["add/", "{pk}/change/", "{pk}/delete/", "{pk}/history/"])
def test_nothing_can_be_opened_changed_or_deleted_even_by_an_administrator(carol, statement, path):
    asked = ask(statement)
    address = LIST + path.format(pk=asked.pk)
    assert {carol.get(address).status_code, carol.post(address).status_code} <= {302, 403}
    page = carol.get(LIST)
    assert (page.context["action_form"], rows(carol)) == (None, [asked.reference])


def test_who_may_not_look_does_not(statement):
    ask(statement)
    nobody = User.objects.create_user("nora", is_staff=True)
    nobody.user_permissions.set(Permission.objects.filter(codename="view_signature"))
    assert logged_in(nobody).get(LIST).status_code == 403


def test_only_of_statements_one_looks_after(statement):
    ask(statement)
    mo = staff("mo")
    user = User.objects.get(username="mo")
    user.user_permissions.remove(*user.user_permissions.filter(codename="view_every_statement"))
    assert rows(mo) == []


@pytest.mark.parametrize("role", ["Administrator", "Campaigner", "Moderator", "Auditor"])
def test_all_roles_may_look_and_none_but_administrators_may_more(role):
    call_command("roles")
    codes = Group.objects.get(name=role).permissions.filter(codename__endswith="_signaturesubmission")
    every = {f"{verb}_signaturesubmission" for verb in ("add", "change", "delete", "view")}
    assert set(codes.values_list("codename", flat=True)) == (
        every if role == "Administrator" else {"view_signaturesubmission"}
    )
