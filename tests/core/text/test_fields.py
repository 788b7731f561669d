"""Columns of text: tidied on every way to the database, which checks them whoever writes."""

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from core.richtext import RichTextField
from core.text import kinds
from core.text.fields import Tidied
from petitions.models import Event, Signature, SignatureSubmission, Statement
from tests.factories import EventFactory, OrganisationFactory, SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db
OURS = ("core", "mail", "submissions", "petitions", "organisations", "comments")
TYPED, STORED = "Protest\u000b\u202eat\tnoon ", "Protest at noon"

# Columns that hold no words of anybody: keys, hashes, codes, names of things in the software.
TECHNICAL = {
    "auditentry": {"by_name", "what", "model", "object_id", "label", "why", "hash"},  # copied from core.AuditDraft
    "auditdraft": {"model", "object_id"},
    "switch": {"name"},
    "outgoingemail": {"kind"},
    "returnedmail": {"status"},
    "unreachablemailbox": {"status"},
    "workerheartbeat": {"name"},
    "consenttext": {"text", "notice", "sha256", "language"},  # printed from our own templates
    "decision": {"kind", "source"},
    "wrongcodes": {"key"},
    "countroot": {"root"},
    "signature": {"country", "language", "via", "ip_key", "prior_state", "sort_key"},
    "signaturesubmission": {
        "country", "reference", "language", "via", "channel", "ip_key", "signals",
    },
    "endorsementsubmission": {
        "reference", "language", "via", "channel", "ip_key", "signals", "name_key",
    },
    "commentsubmission": {
        "reference", "language", "via", "channel", "ip_key", "signals", "words_digest",
    },
    "comment": {"words_digest", "ip_key"},
    "report": {"ip_key"},
    "endorsement": {"name_key", "via", "signals", "ip_key"},
    "organisation": {"key", "sort_key"},
    "rule": {"via", "ip_key"},
    "meeting": {"code"},
    "statement": {"language"},
    "version": {"sha256"},
    "event": {"timezone"},
    "mailing": {"tested"},
    "redirect": {"path", "target"},
    "allowedhost": {"host", "why"},
    "invitation": {"role"},
    "formdraft": {"model", "object_id"},
    "looking": {"model", "object_id"},
    "outgoingrequest": {"host", "kind", "once", "sequence"},
    "tombstone": {"kind", "which"},
    "signedplace": {"field", "place"},
    "placecount": {"field"},
    "signedsum": {"what", "key"},
    "askedday": {"source"},
    "noticemailing": {"notice"},
    "attendancesubmission": {
        "reference", "language", "via", "channel", "ip_key", "signals",
    },
}  # fmt: skip


def columns():
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, models.CharField | models.TextField) and not field.choices:
                    yield model, field


def test_every_column_of_words_is_of_a_kind():
    plain = {
        (model._meta.model_name, field.name)
        for model, field in columns()
        if not isinstance(field, Tidied | RichTextField)
    }
    assert plain == {(model, name) for model, names in TECHNICAL.items() for name in names}


def written_by(path: str) -> str:
    """The title of an event, as the database has it after one way of writing it."""
    if path == "bulk_create":
        made = EventFactory.build(statement=StatementFactory(), title=TYPED)
        Event.objects.bulk_create([made])
        return Event.objects.values_list("title", flat=True).get()
    event = EventFactory(title=TYPED if path == "create" else "Other")
    if path == "save":
        event.title = TYPED
        event.save()
        assert event.title == STORED  # what is shown next is what was stored
    elif path == "update":
        Event.objects.update(title=TYPED)
    elif path == "bulk_update":
        event.title = TYPED
        Event.objects.bulk_update([event], ["title"])
    elif path == "update_or_create":
        Event.objects.update_or_create(pk=event.pk, defaults={"title": TYPED})
    return Event.objects.values_list("title", flat=True).get()


@pytest.mark.parametrize("path", ["create", "save", "bulk_create", "update", "bulk_update", "update_or_create"])
def test_it_is_tidied_whichever_way_it_is_written(path):
    assert written_by(path) == STORED


def test_it_is_found_as_it_was_typed():
    EventFactory(title=STORED)
    assert [Event.objects.filter(title=TYPED).count(), Event.objects.filter(title__in=[TYPED]).count()] == [1, 1]
    StatementFactory(slug="libraries")
    assert Statement.objects.filter(slug="Libraries").count() == 1


def refused(table: str, change: str, value: str) -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(f"UPDATE {table} SET {change} = %s", [value])
        except IntegrityError:
            return True
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {change} = %s", [value])
        assert cursor.fetchone()[0] > 0  # it was really written
        return False


CHECKS = {
    ("petitions_event", "title"): [
        "", "a\nb", "a\tb", "a\x0bb", "a\x85b", "a\u2028b", "a\u202eb", "a\u2066b", " a", "a ", "a\uffff",
    ],
    ("petitions_event", "summary"): ["a\x0bb", "a\tb", "a\u202eb", "\na", "a\r\nb", "x" * 601],
    ("petitions_event", "slug"): ["", "a b", "Ab", "é", "a/b"],
    ("petitions_event", "online_url"): [
        "example.org", "javascript:alert(1)", "https://a b", "ftp://example.org", "https://",
    ],
    ("petitions_signature", "name"): ["a\nb", "\u202ea", " a"],
    ("petitions_statement", "preface"): ["<p>\x0b</p>", "<p>\u202e</p>"],
    ("organisations_organisation", "name"): ["", "a\nb", "\u3000a"],
}  # fmt: skip
FINE = {
    ("petitions_event", "title"): ["a", "Nguyễn", "שָׁלוֹם \u200f!", "ن\u200cم", "a\u00a0b", "👩‍👩‍👧", "x" * 120],
    ("petitions_event", "summary"): ["", "a\nb\n\nc", "x" * 600],
    ("petitions_event", "slug"): ["a-b_1"],
    ("petitions_event", "online_url"): ["", "https://example.org/a?b=c#d", "http://dæmi.is/þ"],
    ("petitions_signature", "name"): ["", "a", "X Æ A-12"],
    ("petitions_statement", "preface"): ["", "<p>a</p>\n<p>b</p>"],
    ("organisations_organisation", "name"): ["350.org", "李"],
}


@pytest.mark.parametrize("column", CHECKS, ids=".".join)
def test_the_database_refuses_what_went_around_us(column):
    EventFactory(), SignatureFactory(), OrganisationFactory()
    assert [value for value in CHECKS[column] if not refused(*column, value)] == []
    assert [value for value in FINE[column] if refused(*column, value)] == []


def test_a_form_says_what_the_database_would_refuse():
    event = EventFactory()
    event.details_url, event.slug = "ftp://example.org", "é"
    with pytest.raises(ValidationError) as error:
        event.full_clean()
    assert error.value.message_dict == {
        "details_url": [str(kinds.LINK.sentence)],
        "slug": [str(kinds.SLUG.sentence)],
    }


def test_a_form_tidies_before_it_measures():
    name = Signature._meta.get_field("name").formfield()
    assert (name.clean(" a\tb "), name.clean("x" * 255 + "\u200b" * 9)) == ("a b", "x" * 255)
    email = SignatureSubmission._meta.get_field("email").formfield()
    assert email.clean("Anna <anna@Example.org>") == "anna@example.org"
