"""Correcting what people sign: title, addressee and text, each with a note."""

import pytest
from django.contrib.auth.models import User

from petitions.models import Signature, Statement
from petitions.statements import promise, publishing
from tests.asking import sign
from tests.factories import StatementFactory
from tests.petitions.statements.test_publishing import NEW, TEXT, TITLE, copied, log, promised

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Statement:
    return StatementFactory(published_at=None, title=TITLE, addressed_to="Eastside Council", body=TEXT)


@pytest.fixture
def statement(draft) -> Statement:
    publishing.publish(statement=draft)
    return draft


@pytest.fixture
def moderator() -> User:
    return User.objects.create_user("carol", is_staff=True)


def test_a_correction_is_a_new_version_and_signatures_stay_with_theirs(statement):
    sign(statement, "alice@example.org", name="Alice")
    version = publishing.correct(statement=statement, body=NEW, note=" It is ten now. ")
    sign(statement, "bob@example.org", name="Bob")
    assert (version.number, version.body, version.note) == (2, NEW, "It is ten now.")
    assert version.sha256 == promise.fingerprint(title=TITLE, addressed_to="Eastside Council", body=NEW)
    assert statement.version == version
    signed = Signature.objects.order_by("name").values_list("name", "version__number")
    assert list(signed) == [("Alice", 1), ("Bob", 2)]


@pytest.mark.parametrize(
    ("typed", "now", "said"),
    [
        ({"title": " Keep ten open "}, ("Keep ten open", "Eastside Council", TEXT), "title"),
        ({"addressed_to": "The mayor"}, (TITLE, "The mayor", TEXT), "addressee"),
        ({"addressed_to": ""}, (TITLE, "", TEXT), "addressee"),
        ({"title": "Keep ten open", "body": NEW}, ("Keep ten open", "Eastside Council", NEW), "title and the text"),
    ],
)
def test_a_correction_of_one_part_is_a_version_with_a_note_and_the_statement_says_it(
    statement, moderator, typed, now, said
):
    version = publishing.correct(statement=statement, note="It is ten now.", by=moderator, **typed)
    assert (version.number, version.note, promised(version)) == (2, "It is ten now.", now)
    assert version.sha256 == promise.fingerprint(**promise.words(version))
    assert copied(statement) == (statement.title, statement.addressed_to) == now[:2]
    assert promised(statement.versions.get(number=1)) == (TITLE, "Eastside Council", TEXT)
    assert log() == [("carol", f"Corrected the {said}, version 2: It is ten now.")]


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"body": TEXT, "note": "Why"}, publishing.Unchanged),
        ({"title": TITLE, "addressed_to": "Eastside Council", "note": "Why"}, publishing.Unchanged),
        ({"title": " ", "note": "Why"}, publishing.NoTitle),
        ({"title": "Keep ten open", "note": ""}, publishing.NoNote),
        ({"body": TEXT + "<script>1</script>", "note": "Why"}, publishing.Unchanged),
        ({"body": NEW, "note": " "}, publishing.NoNote),
        ({"body": "<p> </p>", "note": "Why"}, publishing.NoText),
        ({"body": NEW, "note": "Why", "replaces": 7}, publishing.Outdated),
    ],
)
def test_a_correction_that_corrects_nothing_is_refused(statement, typed, error):
    with pytest.raises(error):
        publishing.correct(statement=statement, **typed)
    assert statement.versions.count() == 1


def test_a_draft_is_not_corrected(draft):
    with pytest.raises(publishing.NotPublished):
        publishing.correct(statement=draft, body=NEW, note="Why")
