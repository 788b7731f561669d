"""An optional question is declared once, and no page, file or number forgets it (docs/how-to/add-a-field.md)."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from core import csv, forms, register
from core.register import Erase
from petitions.models import Signature, SignatureSubmission, Statement
from petitions.personal import AFTER_CLOSING
from petitions.signatures import exports, importers, optional, places, retention, signing, thanking
from petitions.signatures.forms import CorrectForm, SignForm
from submissions.personal import TYPED_DAYS
from tests.answers import KEPT, SAMPLES
from tests.asking import agree, confirm_url, mail_all, sign
from tests.factories import SignatureFactory, StatementFactory
from tests.staff import superuser

pytestmark = pytest.mark.django_db
each = pytest.mark.parametrize("field", optional.FIELDS, ids=optional.NAMES)
AMINA = {"name": "Amina Yusuf", "email": "amina@example.org"}


def asking(field: optional.OptionalField) -> Statement:
    return StatementFactory(**{field.asked_if: True})


def facts(html: str) -> dict[str, str]:
    """What a page lists, term by term."""
    pairs = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", html, re.DOTALL)
    return {term: unescape(re.sub(r"<[^>]+>", "", words)).strip() for term, words in pairs}


def asked_on(client: Client, path: str) -> set[str]:
    """The optional questions that a page's form asks."""
    return set(re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', client.get(path).text)) & set(optional.NAMES)


def test_every_switch_of_a_statement_is_declared_and_every_question_has_one():
    switches = {field.name for field in Statement._meta.get_fields() if field.name.startswith("ask_")}
    assert switches == set(optional.SWITCHES)


def test_every_question_has_its_column_twice_and_every_column_its_question():
    columns = [{one.name for one in model._meta.concrete_fields} for model in (Signature, SignatureSubmission)]
    given = columns[0] & columns[1] & {*optional.NAMES, *SAMPLES}
    assert (given, set(SAMPLES)) == (set(optional.NAMES), set(optional.NAMES))
    abstract = next(base for base in Signature.__mro__ if base.__name__ == "AskedColumns")
    assert {one.name for one in abstract._meta.local_fields} == set(optional.NAMES)


@each
def test_it_is_asked_where_the_statement_wants_it_and_nowhere_else(client, field):
    others = {other.name for other in optional.FIELDS if other.asked_if == field.asked_if}
    for statement, found in [(asking(field), others), (StatementFactory(), set())]:
        paths = [f"/statements/{statement.slug}/", f"/statements/{statement.slug}/sign/"]
        for path in [*paths, f"/embed/{statement.slug}/form/"]:
            assert asked_on(client, path) == found, path


@each
def test_it_goes_from_the_form_to_the_signers_own_page_and_is_corrected_there(client, field):
    sample, statement = SAMPLES[field.name], asking(field)
    answer = client.post(f"/statements/{statement.slug}/sign/", {**AMINA, field.name: sample.typed})
    assert answer.status_code == 303
    submission = SignatureSubmission.objects.get()
    assert getattr(submission, field.name) == sample.kept
    mail_all()
    assert facts(client.get(confirm_url(submission)).text)[str(field.label)] == sample.words

    signature = Signature.objects.get(pk=agree(submission).result_id)
    submission.refresh_from_db()
    assert getattr(signature, field.name) == sample.kept
    assert getattr(submission, field.name) == type(sample.kept)()

    own = thanking.manage_url(signature)
    assert facts(client.get(own).text)[str(field.label)] == sample.words
    page = client.post(own, {"action": "correct", field.name: sample.corrected})
    assert (page.status_code, facts(page.text)[str(field.label)]) == (200, sample.words_then)
    assert "Done. Your details are corrected." in page.text
    signature.refresh_from_db()
    assert getattr(signature, field.name) == sample.kept_then


@each
def test_signing_again_replaces_it_where_it_is_asked(field):
    sample, statement = SAMPLES[field.name], asking(field)
    sign(statement, **{field.name: sample.kept})
    assert getattr(sign(statement, **{field.name: sample.kept_then}), field.name) == sample.kept_then
    Statement.objects.update(**{field.asked_if: False})
    assert getattr(sign(statement), field.name) == sample.kept_then


@each
def test_staff_read_it_and_turn_it_on(field):
    carol, statement = superuser("carol"), StatementFactory()
    signature = SignatureFactory(statement=statement, **KEPT)
    page = carol.get(f"/admin/petitions/signature/{signature.pk}/change/").text
    shown = rf"<label>{field.label}:</label>\s*<div class=\"readonly\">{SAMPLES[field.name].words}</div>"
    assert len(re.findall(shown, page)) == 1
    form = carol.get(f"/admin/petitions/statement/{statement.pk}/change/").text
    assert f'name="{field.asked_if}"' in form


@each
def test_the_file_that_is_handed_in_has_it_with_a_name_that_is_shown(field):
    assert (field.name in exports.DELIVERY.columns) == field.is_delivered
    if not field.is_delivered:
        return
    statement = StatementFactory()
    for is_shown in (True, False):
        SignatureFactory(statement=statement, show_name=is_shown, **KEPT)
    with connection.cursor() as cursor:
        cursor.execute(exports.DELIVERY.select, {"statement": statement.pk})
        place = [column.name for column in cursor.description].index(field.name)
        found = [csv.opened(row[place].encode()).decode() for row in cursor.fetchall()]
    kept = SAMPLES[field.name].kept
    assert found == ["yes" if kept is True else kept, ""]


@each
def test_it_is_read_by_somebody(field):
    """Nothing is asked that nobody reads: everybody beside the name, or the numbers by place."""
    assert field.is_public or field.name in places.SOURCES


@each
def test_the_register_has_it_and_forgetting_does_what_the_register_says(field, settings):
    typed, kept = (register.columns_of(model)[field.name] for model in (SignatureSubmission, Signature))
    assert (typed.until, typed.erase, typed.why, kept.why) == (TYPED_DAYS, Erase.DELETE, field.why, field.why)
    assert (kept.until == AFTER_CLOSING, kept.erase) == (not field.stays, Erase.KEEP if field.stays else Erase.EMPTY)
    ended = timezone.now() - timedelta(days=settings.ANONYMISE_AFTER_CLOSING_DAYS + 1)
    signature = SignatureFactory(**KEPT)
    Statement.objects.update(published_at=ended - timedelta(days=1), closed_at=ended)
    assert retention.anonymise() == 1
    signature.refresh_from_db()
    sample = SAMPLES[field.name]
    assert getattr(signature, field.name) == (sample.kept if field.stays else type(sample.kept)())


@each
def test_the_privacy_notice_names_it(client, field):
    said = client.get("/privacy/").text
    assert (f"{field.label}" in said) == isinstance(SAMPLES[field.name].kept, str)


@each
def test_an_import_cleans_it_as_the_form_does(field):
    sample, statement = SAMPLES[field.name], StatementFactory()
    row = importers.Row("Bo", "bo@example.org", timezone.now(), answers={field.name: sample.typed})
    assert importers.load(statement=statement, rows=[row]) == 1
    assert getattr(statement.signatures.get(), field.name) == sample.kept


def test_an_import_refuses_what_the_form_refuses_and_what_nobody_asks():
    statement = StatementFactory()
    for answers, refused in [({"country": "Atlantis"}, ValidationError), ({"shoe_size": "42"}, TypeError)]:
        with pytest.raises(refused):
            importers.load(
                statement=statement, rows=[importers.Row("Bo", "bo@example.org", timezone.now(), answers=answers)]
            )
    assert statement.signatures.count() == 0


def test_an_answer_to_what_nobody_asks_is_refused():
    with pytest.raises(TypeError, match=r"No statement asks for shoe_size\."):
        signing.sign(statement=StatementFactory(), **AMINA, shoe_size="42")


@pytest.mark.parametrize("field", [field for field in optional.FIELDS if field.is_listed], ids=lambda one: one.name)
def test_the_desk_filters_by_it_with_an_index(field):
    sample, statement, carol = SAMPLES[field.name], StatementFactory(), superuser("carol")
    for number in range(places.FEWEST):
        SignatureFactory(statement=statement, name=f"One {number}", **{field.name: sample.kept})
    SignatureFactory(statement=statement, name="Other", **{field.name: sample.kept_then})
    places.count(statement.pk, places.SOURCES[field.name])
    page = carol.get("/admin/petitions/signature/", {field.name: sample.kept})
    assert {row.name for row in page.context["cl"].result_list} == {f"One {number}" for number in range(places.FEWEST)}
    links = re.findall(rf'<a href="\?{field.name}=(\w+)">([^<]+)</a>', carol.get("/admin/petitions/signature/").text)
    assert links == [(sample.kept, sample.words)], "ten and more can be clicked"
    other = carol.get("/admin/petitions/signature/", {field.name: sample.kept_then})
    assert [row.name for row in other.context["cl"].result_list] == ["Other"]
    wrong = carol.get("/admin/petitions/signature/", {field.name: "\0nonsense"})
    assert (wrong.status_code, len(wrong.context["cl"].result_list)) == (200, places.FEWEST + 1)
    assert [field.name, "id"] in [index.fields for index in Signature._meta.indexes]


@pytest.mark.parametrize("model", [Signature, SignatureSubmission])
@pytest.mark.parametrize(("value", "refused"), [("FR", False), ("", False), ("fr", True), ("F", True), ("F1", True)])
def test_a_country_is_two_capital_letters_in_the_database_too(model, value, refused):
    statement = StatementFactory()
    like = SignatureFactory(statement=statement) if model is Signature else None
    values = {"statement": statement, "version": statement.version, "name": "Bo", "digest": b"x" * 16}
    values |= {"email": "bo@example.org", "reference": "K7M"}
    broken = ""
    try:
        with transaction.atomic():
            if like:
                Signature.objects.filter(pk=like.pk).update(country=value)
            else:
                model.objects.create(**values, country=value)
    except IntegrityError as error:
        broken = error.__cause__.diag.constraint_name
    assert broken == (f"{model._meta.model_name}_country_is_a_code" if refused else "")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("e1 6an", "E1 6AN"), ("SW1A1AA", "SW1A 1AA"), ("m1 1ae", "M1 1AE"), ("75 011", "75 011"), ("k1a  0b1", "K1A 0B1"),
     ("10115", "10115"), ("d02x285", "D02X285"), ("", "")],
)  # fmt: skip
def test_postcodes_are_kept_as_they_are_compared(typed, kept):
    assert optional.PostcodeField(required=False).clean(typed) == kept


@pytest.mark.parametrize(
    ("language", "country"),
    [("en", "GB"), ("en-US", "US"), ("cy", "GB"), ("de", "DE"), ("de-at", "AT"), ("ar", "EG"), ("tlh", "")],
)
def test_the_likely_country_stands_first_in_the_statements_form(client, language, country):
    statement = StatementFactory(ask_country=True, language=language)
    page = client.get(f"/statements/{statement.slug}/sign/").text
    assert re.findall(r'<option value="(\w*)"', page)[:2] == ["", country or "AF"]


def test_forms_of_two_languages_are_drawn_apart_and_the_class_stays_as_it_is():
    for language, first in [("de", "DE"), ("fr", "FR"), ("de", "DE")]:
        form = SignForm(statement=StatementFactory(ask_country=True, language=language))
        assert re.findall(r'<option value="(\w*)"', form.drawn)[1] == first
    assert SignForm.base_fields["country"].widget.first == ""


def test_what_somebody_answered_is_not_drawn_for_the_next(settings):
    assert settings.SPEED
    signature = SignatureFactory(statement=StatementFactory(ask_affiliation=True), affiliation="Zqx Mill")
    other = SignatureFactory(statement=signature.statement)
    assert "Zqx Mill" in CorrectForm(signature=signature).drawn
    assert "Zqx Mill" not in CorrectForm(signature=other).drawn
    assert [wording for wording in forms._drawn if "Zqx Mill" in repr(wording)] == []


def test_a_country_that_is_none_is_refused_with_what_was_typed(client):
    statement = StatementFactory(ask_country=True, ask_affiliation=True)
    page = client.post(f"/statements/{statement.slug}/sign/", {**AMINA, "country": "QQ", "affiliation": "Mill"})
    assert (page.status_code, SignatureSubmission.objects.count()) == (422, 0)
    assert "Choose a country from the list, or leave it empty" in page.text
    assert 'value="Mill"' in page.text
    again = client.post(f"/statements/{statement.slug}/sign/", {"name": "", "email": "x", "country": "FR"})
    assert re.findall(r'<option value="(\w*)" selected>', again.text) == ["FR"]


def test_a_correction_that_is_wrong_changes_nothing_and_says_how_to_mend_it(client):
    signature = sign(StatementFactory(ask_country=True), country="FR")
    page = client.post(thanking.manage_url(signature), {"action": "correct", "country": "QQ"})
    assert page.status_code == 422
    assert "<title>Error: Your signature" in page.text
    assert "Choose a country from the list, or leave it empty" in page.text
    signature.refresh_from_db()
    assert signature.country == "FR"


def test_only_what_counts_is_corrected_and_by_its_owner_alone(client):
    statement = StatementFactory(ask_country=True)
    signature, other = sign(statement, country="FR"), sign(statement, "bo@example.org", country="SE")
    client.post(thanking.manage_url(signature), {"action": "correct", "country": "DE", "name": "Mallory"})
    signing.hold(signature_id=signature.pk, reason="Odd")
    page = client.post(thanking.manage_url(signature), {"action": "correct", "country": "IT"})
    assert (page.status_code, 'value="correct"' in page.text) == (200, False)
    assert list(Signature.objects.order_by("pk").values_list("name", "country")) == [
        ("Amina Yusuf", "DE"), ("Amina Yusuf", "SE"),
    ]  # fmt: skip
    assert other.country == "SE"
    with pytest.raises(signing.NotThere):
        signing.correct(signature_id=signature.pk, country="IT")


def test_what_everybody_reads_is_shown_corrected_at_once(client, settings):
    settings.PAGE_FRESH_SECONDS = 0
    statement = StatementFactory(ask_affiliation=True)
    signature = sign(statement, affiliation="Mill", show_name=True)
    path = f"/statements/{statement.slug}/signatures/"
    assert "<bdi>Mill</bdi>" in client.get(path).text
    client.post(thanking.manage_url(signature), {"action": "correct", "affiliation": "Nurse"})
    page = client.get(path).text
    assert ("<bdi>Mill</bdi>" in page, "<bdi>Nurse</bdi>" in page) == (False, True)


def test_a_page_that_asks_nothing_weighs_what_it_did(client):
    statement = StatementFactory()
    page = client.get(statement.get_absolute_url()).text
    assert ("<option" in page, "<select" in page) == (False, False)
