"""A statement, an event and a piece of news are copied into a form; nothing is stored before somebody saves it."""

import pytest

from petitions.models import Event, Statement, Update
from tests.factories import EventFactory, StatementFactory
from tests.staff import staff, superuser

pytestmark = pytest.mark.django_db


def copied(client, url: str) -> dict:
    page = client.get(url)
    form = page.context["adminform"].form
    return {name: form[name].value() for name in form.fields}


def test_a_statement_is_copied_with_the_text_that_is_signed_now():
    statement = StatementFactory(title="Save the baths", goal=500, ask_country=True, slug="baths")
    carol = superuser("carol")
    page = carol.get(f"/admin/petitions/statement/{statement.pk}/change/")
    found = copied(carol, page.context["copy_url"])
    assert {name: found[name] for name in ("title", "body", "goal", "ask_country", "slug")} == {
        "title": "Save the baths", "body": statement.version.body, "goal": "500", "ask_country": True, "slug": None,
    }  # fmt: skip
    assert Statement.objects.count() == 1


def test_an_event_and_news_are_copied_and_saved_as_new_ones():
    event = EventFactory(statement=StatementFactory(), title="March", slug="march", venue="Square")
    news = Update.objects.create(statement=event.statement, title="News", slug="news", body="<p>We won</p>")
    carol = superuser("carol")
    found = copied(carol, f"/admin/petitions/event/add/?copy={event.pk}")
    assert (found["title"], found["venue"], found["slug"]) == ("March", "Square", None)
    start = found["starts_at"]
    typed = {
        "statement": event.statement_id, "title": "March", "slug": "march-2", "status": "scheduled",
        "timezone": "Europe/London", "starts_at_0": start[0], "starts_at_1": start[1],
    }  # fmt: skip
    assert carol.post("/admin/petitions/event/add/", typed).status_code == 302
    assert Event.objects.values("uid").distinct().count() == 2
    found = copied(carol, f"/admin/petitions/update/add/?copy={news.pk}")
    assert (found["body"], found["slug"]) == ("<p>We won</p>", None)


def test_nobody_copies_what_they_do_not_see_or_may_not_add():
    event = EventFactory(statement=StatementFactory())
    reader = staff("mo")
    assert "copy_url" not in reader.get(f"/admin/petitions/event/{event.pk}/change/").context
    assert reader.get(f"/admin/petitions/event/add/?copy={event.pk}").status_code == 403
    assert superuser("carol").get("/admin/petitions/event/add/?copy=999999").status_code == 404
    assert superuser("dave").get("/admin/petitions/event/add/?copy=x").status_code == 404
