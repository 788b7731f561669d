"""SAFETY §3, F1 to F20: one test named after each that is built; docs/data-protection.md says which are whole."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import GenericIPAddressField
from django.utils import timezone

from core import register, retention
from core.models import AuditEntry, Tombstone
from petitions.models import Signature, Statement
from petitions.signatures import consent, optional, places, staying
from petitions.signatures import retention as forgetting
from petitions.signatures.forms import SignForm
from publishers import describing
from publishers.models import Publisher
from tests import asking
from tests.factories import SignatureFactory, StatementFactory
from tests.mailserver import deliver

pytestmark = pytest.mark.django_db
AMINA = "amina@example.org"
PAGE = Path(__file__).parents[2] / "docs" / "data-protection.md"


def test_every_feature_has_its_line_and_every_test_that_it_names_is_there():
    lines = re.findall(r"^\| F(\d+) \| (whole|part|not) \| ([^|]*) \|", PAGE.read_text(), re.MULTILINE)
    assert [int(number) for number, _state, _tests in lines] == list(range(1, 21))
    named = {name for _, _, tests in lines for name in re.findall(r"`([\w/.]+)::(\w+)`", tests)}
    there = {(path, name) for path, name in named if f"def {name}(" in (PAGE.parents[1] / path).read_text()}
    assert named - there == set()
    assert {state for _, state, tests in lines if not tests.strip()} <= {"not"}


def test_f2_the_exact_words_the_notice_the_language_and_both_steps_are_kept(statement):
    submission = asking.ask(statement, AMINA)
    signature = Signature.objects.get(pk=asking.agree(submission).result_id)
    assert (signature.consent.text, signature.consent_id) == (
        "\n".join(map(str, [consent.sentence(), *consent.CHOICES])), consent.current(),
    )  # fmt: skip
    assert len(signature.consent.sha256) == 64
    assert (signature.language, signature.version.number) == ("en", 1)
    assert signature.created_at < signature.confirmed_at


def test_f3_and_f4_four_choices_that_nobody_has_ticked(statement):
    form = SignForm(statement=statement)
    names = ("show_name", "email_updates")
    assert [(form.fields[name].required, bool(form[name].value())) for name in names] == [(False, False)] * 2
    alone = asking.sign(statement, AMINA)
    assert (alone.state, alone.show_name, alone.email_updates) == ("confirmed", False, False)


def test_f5_name_and_address_and_nothing_else_unless_a_statement_asks_for_it(statement):
    asked = [name for name, field in SignForm(statement=statement).fields.items() if not field.widget.is_hidden]
    assert asked == ["name", "email", "show_name", "email_updates", "website_2"]
    assert all(field.why and not field.box.required for field in optional.FIELDS)


def test_f6_no_table_of_ours_has_a_column_for_an_address_of_a_network():
    """And the one of a package that has gets a hash that looks like one (tests/core/test_network.py)."""
    columns = [
        (model._meta.label, field.name)
        for model, _ in register.everything()
        for field in model._meta.local_concrete_fields
        if isinstance(field, GenericIPAddressField)
    ]
    assert {label.partition(".")[0] for label, _ in columns} == {"axes"}
    assert settings.AXES_CLIENT_IP_CALLABLE == "core.network.hidden_address"


def old(statement, days, **values):
    made = SignatureFactory(statement=statement, email=AMINA, **values)
    then = timezone.now() - timedelta(days=days)
    Signature.objects.filter(pk=made.pk).update(created_at=then, agreed_at=then)
    return made


def test_f7_what_is_removed_is_forgotten_after_its_days_and_can_be_restored_until_then(statement):
    from petitions.signatures import signing  # noqa: PLC0415 - beside what it is about

    late, early = (SignatureFactory(statement=statement, state="removed") for _ in range(2))
    for row, days in ((late, settings.REMOVED_DAYS + 1), (early, settings.REMOVED_DAYS - 1)):
        Signature.objects.filter(pk=row.pk).update(removed_at=timezone.now() - timedelta(days=days))
    assert (forgetting.forget_removed(), forgetting.forget_removed()) == (1, 0)
    rows = {pk: (state, name) for pk, state, name in Signature.objects.values_list("pk", "state", "name")}
    assert rows == {late.pk: ("removed", ""), early.pk: ("removed", early.name)}
    assert [(one.kind, one.why, one.scope) for one in Tombstone.objects.all()] == [
        ("signature", "removed", statement.pk)
    ]
    assert signing.restore(signature_id=early.pk).state == "confirmed"
    with pytest.raises(signing.NotThere):
        signing.restore(signature_id=late.pk)


def test_f7_nobody_is_kept_for_ever_where_nothing_closes_but_who_says_so_when_asked(server):
    statement = StatementFactory()
    signature = old(statement, settings.LONGEST_DAYS - settings.ASK_TO_STAY_DAYS + 1)
    assert (staying.ask(), staying.ask()) == (1, 0)
    deliver()
    assert [message["To"] for message in server.received] == [AMINA]
    Signature.objects.update(
        agreed_at=timezone.now() - timedelta(days=settings.LONGEST_DAYS + 1),
        created_at=timezone.now() - timedelta(days=settings.LONGEST_DAYS + 1),
        asked_to_stay_at=timezone.now() - timedelta(days=settings.ASK_TO_STAY_DAYS - 1),
    )
    assert forgetting.anonymise_old() == 0  # asked, and still time to answer
    staying.stay(signature_id=signature.pk)
    assert (forgetting.anonymise_old(), staying.ask()) == (0, 0)
    then = timezone.now() - timedelta(days=settings.LONGEST_DAYS + 1)
    Signature.objects.update(renewed_at=then, asked_to_stay_at=then)
    assert (forgetting.anonymise_old(), forgetting.anonymise_old()) == (1, 0)
    signature.refresh_from_db()
    assert (signature.state, signature.name, signature.email) == ("anonymised", "", "")


def test_f7_every_column_that_follows_a_clock_is_reached_by_one():
    assert retention.unreached() == []


def test_f8_numbers_by_place_begin_at_ten(statement):
    Statement.objects.filter(pk=statement.pk).update(ask_country=True)
    for country, people in (("FR", 10), ("IE", 9)):
        for _ in range(people):
            SignatureFactory(statement=statement, country=country)
    places.count(statement.pk, places.SOURCES["country"])
    [found] = places.places_of(statement)
    assert found.rows == [("France", 10)]


def test_f10_after_withdrawing_the_name_and_the_count_are_gone_at_once(client, statement):
    from petitions.signatures import signing  # noqa: PLC0415 - beside what it is about

    signature = asking.sign(statement, AMINA, name="Amina Yusuf", show_name=True)
    assert asking.people(statement) == (1, 1, 0)
    signing.withdraw(signature_id=signature.pk)
    assert asking.people(statement) == (0, 0, 0)
    assert "Amina Yusuf" not in client.get(f"{statement.get_absolute_url()}signatures/").content.decode()


def test_f17_looking_at_a_person_is_on_record_without_their_name(admin_client, statement):
    signature = SignatureFactory(statement=statement, name="Amina Yusuf", email=AMINA)
    admin_client.get(f"/admin/petitions/signature/{signature.pk}/change/")
    [line] = AuditEntry.objects.filter(what="Looked at")
    assert (line.object_id, "Amina" in line.label) == (str(signature.pk), False)
    listed = admin_client.get("/admin/petitions/signature/").content.decode()
    assert (AMINA in listed, "Amina Yusuf" in listed) == (False, True)


def test_f20_a_subject_line_that_names_no_cause(server):
    statement = StatementFactory(title="Rehire the Lantern Four")
    publisher = Publisher.objects.first()
    describing.describe(publisher=publisher, quiet_subjects=True)
    asking.sign(statement, AMINA)
    asking.ask(StatementFactory(title="Rehire everybody"), "bo@example.org", mailed=False)
    deliver()
    subjects = {mail["To"]: str(mail["Subject"]) for mail in server.received}
    assert set(subjects) == {AMINA, "bo@example.org"}
    assert [subject for subject in subjects.values() if "ehire" in subject] == []
    assert all(publisher.name in subject for subject in subjects.values())
    describing.describe(publisher=publisher, quiet_subjects=False)
    asking.sign(statement, "carol@example.org")
    deliver()
    assert "Rehire" in str(server.to("carol@example.org")[0]["Subject"])
