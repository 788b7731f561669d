"""What people sign, on the staff page of a statement: for reading once it is published, and corrected in the open."""

from datetime import timedelta

import pytest
from django.utils import timezone

from petitions.admin.statements import PROMISED
from petitions.models import Signature, Statement
from petitions.statements import history, promise, publishing
from tests.factories import SignatureFactory, StatementFactory
from tests.petitions.test_admin import NEW, TEXT, at, form_of
from tests.staff import log, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Statement:
    return StatementFactory(published_at=None, body=TEXT, slug="libraries")


@pytest.fixture
def statement(draft) -> Statement:
    publishing.publish(statement=draft)
    return draft


@pytest.mark.parametrize("wait", [None, timedelta(days=1)], ids=["now", "tomorrow"])
def test_once_published_the_form_has_no_promise_to_edit(carol, draft, wait):
    url = at(draft, "change")
    assert str(PROMISED) not in carol.get(url).content.decode()
    stale = {**form_of(carol, url), "title": "Close them", "addressed_to": "Nobody", "body": NEW, "summary": "Nine."}
    before = promise.words(publishing.publish(statement=draft, at=wait and timezone.now() + wait))
    page = carol.get(url)
    assert set(promise.PARTS) & set(page.context["adminform"].form.fields) == set()
    assert (str(PROMISED) in page.content.decode(), TEXT in page.content.decode()) == (True, True)
    done = carol.post(url, stale, follow=True)
    assert str(next(iter(done.context["messages"]))) == str(publishing.AlreadyPublished())
    stored = Statement.objects.get(pk=draft.pk)
    assert (stored.summary, promise.words(stored.version)) == ("Nine.", before)
    assert (stored.title, stored.addressed_to) == (before["title"], before["addressed_to"])


def test_a_correction_is_previewed_then_published(carol, statement):
    signed = SignatureFactory(statement=statement)
    words = {"title": "Keep ten open", "addressed_to": statement.addressed_to, "body": NEW}
    typed = {**words, "note": "It is ten now.", "replaces": "1"}
    page = carol.post(at(statement, "correct"), {**typed, "preview": "1"})
    assert page.context["changes"] == history.changes(promise.words(statement.version), words)
    assert [change.part for change in page.context["changes"]] == ["title", "body"]
    assert [change.difference in page.content.decode() for change in page.context["changes"]] == [True, True]
    assert statement.versions.count() == 1
    previewed = promise.fingerprint(**words)
    done = carol.post(at(statement, "correct"), {**typed, "publish": "1", "previewed": previewed})
    assert done.url == f"/admin/petitions/statement/{statement.pk}/"
    assert list(statement.versions.values_list("number", "note")) == [(1, ""), (2, "It is ten now.")]
    assert Signature.objects.get(pk=signed.pk).version.number == 1
    assert promise.words(statement.version) == words
    assert Statement.objects.get(pk=statement.pk).title == "Keep ten open"
    assert log() == ["Corrected the title and the text, version 2: It is ten now."]


def test_the_correction_begins_with_what_stands_and_needs_a_difference(carol, statement):
    form = carol.get(at(statement, "correct")).context["form"]
    before = promise.words(statement.version)
    assert {part: form[part].value() for part in promise.PARTS} == before
    typed = {**before, "note": "Why", "replaces": "1", "preview": "1"}
    page = carol.post(at(statement, "correct"), typed)
    assert (page.context["changes"], "Nothing is different yet." in page.content.decode()) == ([], True)
    late = {**typed, "publish": "1", "previewed": promise.fingerprint(**before)}
    page = carol.post(at(statement, "correct"), late)
    assert [str(message) for message in page.context["messages"]] == [str(publishing.Unchanged())]
    assert statement.versions.count() == 1


def test_what_was_not_previewed_is_not_published(carol, statement):
    words = {"title": "Keep ten open", "addressed_to": "", "body": NEW}
    typed = {**words, "note": "It is ten now.", "replaces": "1", "publish": "1"}
    previewed = promise.fingerprint(**{**words, "title": statement.title})
    page = carol.post(at(statement, "correct"), {**typed, "previewed": previewed})
    assert (page.status_code, statement.versions.count()) == (200, 1)
    page = carol.post(at(statement, "correct"), {**typed, "note": ""})
    assert page.context["form"].errors == {"note": ["This field is required."]}


def test_drafts_are_not_corrected(carol, draft):
    assert carol.get(at(draft, "correct")).status_code == 404


def test_what_people_signed_is_moved_only_by_who_may_correct_and_renamed_by_nobody(statement):
    url = at(statement, "change")
    fixed = {"title", "slug", "addressed_to"}
    campaigner, editor = staff("cam", "change_statement"), staff("ed", "change_statement", "correct_statement")
    assert fixed & set(campaigner.get(url).context["adminform"].form.fields) == set()
    assert fixed & set(editor.get(url).context["adminform"].form.fields) == {"slug"}
    assert campaigner.post(url, {**form_of(campaigner, url), "summary": "All nine."}).status_code == 302
    stored = Statement.objects.get(pk=statement.pk)
    assert (stored.summary, stored.slug) == ("All nine.", "libraries")
