"""Signing again: what it replaces, what stays, and that it adds nobody."""

import pytest

from petitions.models import Signature, Statement
from petitions.statements import counting
from submissions import agreeing
from tests.asking import agree, ask, later, people, receipts, sign
from tests.factories import VersionFactory

pytestmark = pytest.mark.django_db
AMINA = "amina@example.org"


def test_a_renewal_keeps_the_first_times_and_adds_nobody(statement):
    first = sign(statement, via="wa")
    later(hours=1)
    first.refresh_from_db()
    renewed = sign(statement, name="Amina Y.", via="poster", show_name=True)
    assert (renewed.pk, renewed.name, renewed.via, renewed.show_name) == (first.pk, "Amina Y.", "poster", True)
    assert (renewed.confirmed_at, renewed.created_at) == (first.confirmed_at, first.created_at)
    assert renewed.agreed_at > first.agreed_at
    assert people(statement) == (1, 1, 0)


@pytest.mark.parametrize(
    ("asks", "found"),
    [
        ({}, ("AB1 2CD", "Mill", True)),
        ({"ask_postcode": True}, ("EF3", "Mill", True)),
        ({"ask_affiliation": True}, ("AB1 2CD", "", False)),
        ({"ask_postcode": True, "ask_affiliation": True}, ("EF3", "", False)),
    ],
)
def test_a_renewal_replaces_only_what_the_form_asked(statement, asks, found):
    sign(statement, postcode="AB1 2CD", affiliation="Mill", personal_capacity=True)
    Statement.objects.update(**asks)
    renewed = sign(statement, postcode="EF3" if "ask_postcode" in asks else "", name="Amina Y.")
    assert (renewed.postcode, renewed.affiliation, renewed.personal_capacity, renewed.name) == (*found, "Amina Y.")


def test_a_renewal_after_a_correction_moves_the_number_to_the_new_version(statement):
    sign(statement, show_name=True)
    sign(statement, "bo@example.org")
    first = statement.version
    second = VersionFactory(statement=statement)
    counting.prepare(statement)
    assert counting.by_version(statement) == {first.pk: 2, second.pk: 0}
    sign(statement, seen_version=2, show_name=False)
    assert counting.by_version(statement) == {first.pk: 1, second.pk: 1}
    assert people(statement) == (2, 0, 0)


def test_the_receipt_goes_to_the_address_that_was_proved(statement):
    sign(statement, AMINA)
    agree(ask(statement, "AMINA@example.org"))
    with pytest.raises(agreeing.NotAgreed):
        agree(ask(statement, "amina+x@example.org"))
    assert receipts() == [("signature_receipt", AMINA), ("signature_receipt", "AMINA@example.org")]


def test_another_spelling_of_a_counted_mailbox_changes_nothing(statement):
    sign(statement)
    before = list(Signature.objects.values())
    for choice in ("", "second"):
        with pytest.raises(agreeing.NotAgreed):
            agree(ask(statement, "Amina+news@EXAMPLE.org", name="Eve", show_name=True), choice)
    assert (list(Signature.objects.values()), people(statement)) == (before, (1, 0, 0))


def test_a_second_person_counts_by_position_and_each_renews_their_own(statement):
    first = sign(statement)
    second = agree(ask(statement, name="Bo Yusuf"), "second").result_id
    assert people(statement) == (2, 0, 0)
    assert agree(ask(statement, name="Bo Y.", show_name=True), "second").result_id == second
    assert agree(ask(statement, name="Amina Y.")).result_id == first.pk
    rows = Signature.objects.order_by("mailbox_position").values_list("mailbox_position", "name", "show_name")
    assert (list(rows), people(statement)) == ([(1, "Amina Y.", False), (2, "Bo Y.", True)], (2, 1, 0))


def test_nobody_is_the_second_person_of_a_mailbox_that_has_no_first(statement):
    with pytest.raises(agreeing.NotAgreed):
        agree(ask(statement), "second")
    assert people(statement) == (0, 0, 0)
