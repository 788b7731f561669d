"""Words kept for the next time: kept from news, found where one looks after their statement, and begun with."""

import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction

from core import roles
from petitions.models import SavedText, Update
from petitions.statements import assigning
from tests.factories import StatementFactory
from tests.staff import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def statement():
    return StatementFactory(slug="libraries")


@pytest.fixture
def campaigner(statement):
    roles.establish()
    user = User.objects.create_user("clive", is_staff=True)
    user.groups.add(Group.objects.get(name=roles.CAMPAIGNER))
    assigning.assign(user=user, statement=statement)
    return logged_in(user)


def begun(page):
    form = page.context["adminform"].form
    return {name: form.get_initial_for_field(form.fields[name], name) for name in ("statement", "title", "body")}


def test_news_is_kept_as_a_text_and_new_news_begins_with_it(carol, statement):
    update = Update.objects.create(statement=statement, title="Handed in", slug="in", body="<p>We did.</p>")
    page = carol.get(f"/admin/petitions/update/{update.pk}/change/").content.decode()
    address = f"/admin/petitions/savedtext/add/?from={update.pk}"
    assert f'href="{address}"' in page
    kept = carol.get(address)
    assert begun(kept) == {"statement": statement.pk, "title": "Handed in", "body": "<p>We did.</p>"}
    typed = {"statement": statement.pk, "name": "After a hand-in", "title": "Handed in", "body": "<p>We did.</p>"}
    carol.post("/admin/petitions/savedtext/add/", typed)
    text = SavedText.objects.get()
    assert (text.name, text.title, text.body) == ("After a hand-in", "Handed in", "<p>We did.</p>")
    new = carol.get("/admin/petitions/update/add/")
    assert new.context["saved_texts"] == [(f"?text={text.pk}", "After a hand-in")]
    assert begun(carol.get(f"/admin/petitions/update/add/?text={text.pk}")) == {
        "statement": statement.pk,
        "title": "Handed in",
        "body": "<p>We did.</p>",
    }


def test_nobody_sees_or_begins_with_the_texts_of_others(campaigner, statement):
    own = SavedText.objects.create(statement=statement, name="Ours", body="<p>Ours.</p>")
    other = SavedText.objects.create(statement=StatementFactory(), name="Theirs", title="Secret", body="<p>x</p>")
    page = campaigner.get("/admin/petitions/update/add/")
    assert page.context["saved_texts"] == [(f"?text={own.pk}", "Ours")]
    assert begun(campaigner.get(f"/admin/petitions/update/add/?text={other.pk}"))["title"] in {None, ""}
    news = Update.objects.create(statement=other.statement, title="Secret", slug="s", body="<p>x</p>")
    assert begun(campaigner.get(f"/admin/petitions/savedtext/add/?from={news.pk}"))["title"] in {None, ""}


def test_two_texts_of_one_statement_have_two_names(statement):
    SavedText.objects.create(statement=statement, name="Ours", body="<p>Ours.</p>")
    with pytest.raises(IntegrityError, match="savedtext_one_of_a_name"), transaction.atomic():
        SavedText.objects.create(statement=statement, name="Ours", body="<p>Others.</p>")
    SavedText.objects.create(statement=StatementFactory(), name="Ours", body="<p>Ours.</p>")
