"""What machines read: feeds, the site map, JSON."""

import json
import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.utils import timezone

from core import switches
from local.environment import ROOT
from petitions.actions.events import save_event
from petitions.models import Statement, Update
from petitions.news.updates import save_update
from petitions.statements import publishing
from tests.factories import CommentFactory, EventFactory, StatementFactory
from tests.moments import from_now

pytestmark = pytest.mark.django_db

ATOM = {"a": "http://www.w3.org/2005/Atom"}
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@pytest.fixture
def statement():
    return StatementFactory(slug="libraries", title="Keep our libraries open")


def news(statement, slug="news", days=-1):
    published = timezone.now() + timedelta(days=days)
    return Update.objects.create(
        statement=statement, title=slug, slug=slug, body="<p>Good.</p>", published_at=published
    )


def entries(client, address):
    answer = client.get(address, HTTP_HOST="testserver")
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.content)
    assert feed.find("a:id", ATOM) is not None
    assert feed.find("a:updated", ATOM) is not None
    return [entry.find("a:title", ATOM).text for entry in feed.findall("a:entry", ATOM)]


def test_the_feed_of_the_site_lists_what_is_public(client, statement):
    StatementFactory(published_at=None)
    assert entries(client, "/feed/") == ["Keep our libraries open"]


def test_the_feed_of_a_statement_lists_its_news(client, statement):
    news(statement)
    news(statement, "later", days=1)
    news(StatementFactory(), "other")
    assert entries(client, "/statements/libraries/feed/") == ["news"]


def test_the_map_lists_what_may_be_found_and_nothing_else(client, statement, settings):
    event, update = EventFactory(statement=statement), news(statement)
    StatementFactory(published_at=None, slug="draft")
    found = {loc.text for loc in ElementTree.fromstring(client.get("/sitemap.xml").content).iter(MAP)}
    paths = {"/", "/statements/", "/events/", "/privacy/", "/accessibility/", "/statements/libraries/"}
    paths |= {"/statements/libraries/history/", event.get_absolute_url(), update.get_absolute_url()}
    assert found == {settings.ORIGIN + path for path in paths}
    assert all(client.get(path).status_code == 200 for path in paths)
    assert f"Sitemap: {settings.ORIGIN}/sitemap.xml" in client.get("/robots.txt").content.decode()


def test_the_data_has_what_its_schema_promises(client, statement):
    EventFactory(statement=statement)
    news(statement)
    answer = client.get("/statements/libraries.json")
    assert answer["Access-Control-Allow-Origin"] == "*"
    data, schema = answer.json(), json.loads((ROOT / "docs" / "statement.schema.json").read_text())
    fits(data, schema)
    assert (data["title"], len(data["events"]), len(data["updates"])) == ("Keep our libraries open", 1, 1)
    assert (data["signatures"], data["goal"]) == (0, 100)


def test_a_number_that_is_switched_off_is_not_told_by_the_goal_either(client, statement):
    switches.turn_off(name="count")
    data, schema = client.get("/statements/libraries.json").json(), (ROOT / "docs" / "statement.schema.json")
    fits(data, json.loads(schema.read_text()))
    assert (data["signatures"], data["goal"]) == (None, None)


def fits(data, schema):
    """The part of JSON Schema that ours uses: no field more or less than described, of the described types."""
    types = {"string": str, "integer": int, "boolean": bool, "object": dict, "array": list, "null": type(None)}
    wanted = schema.get("type", [])
    if wanted:
        assert isinstance(data, tuple(types[name] for name in ([wanted] if isinstance(wanted, str) else wanted)))
    if "enum" in schema:
        assert data in schema["enum"]
    if isinstance(data, dict):
        assert set(data) == set(schema["properties"]) == set(schema["required"])
        for name, value in data.items():
            fits(value, schema["properties"][name])
    if isinstance(data, list):
        for value in data:
            fits(value, schema["items"])


@pytest.mark.parametrize("path", ["", "history/", "embed-code/", "updates/"])
def test_other_sites_cannot_read_pages(client, statement, path):
    assert "Access-Control-Allow-Origin" not in client.get(f"/statements/libraries/{path}")


@pytest.mark.parametrize("state", [{"published_at": None}, {"hidden_at": timedelta(0)}])
def test_no_representation_shows_what_is_not_public(client, state):
    statement = StatementFactory(slug="secret", title="Secret plan", **from_now(state))
    EventFactory(statement=statement, slug="secret-event")
    news(statement)
    own = ["", "feed/", "events.ics", "updates/", "updates/news/", "embed-code/", "card-v1.png"]
    for path in [f"/statements/secret/{rest}" for rest in own] + [
        "/statements/secret.json",
        "/embed/secret/",
        "/embed/secret/form/",
        "/embed/secret/badge.svg",
        "/events/secret-event/",
        "/events/secret-event.ics",
        "/oembed/?url=http://testserver/statements/secret/",
    ]:
        answer = client.get(path)
        assert (path, answer.status_code in {404, 410}, b"Secret plan" in answer.content) == (path, True, False)
    for path in ("/feed/", "/events.ics", "/events/", "/sitemap.xml"):
        assert b"secret" not in client.get(path).content


def test_the_home_page_tells_the_latest_news_that_is_public(client, statement):
    news(statement, "older", -2)
    news(statement, "newest", -1)
    news(statement, "not-yet", 1)
    news(StatementFactory(hidden_at=timezone.now()), "hidden", 0)
    page = client.get("/").content.decode()
    told = page[page.index('id="news"') :].partition("</section>")[0]
    assert re.findall(r"<bdi>([^<]*)</bdi>", told) == ["newest", statement.title]


def ids(client):
    paths = ["/feed/", "/statements/{}/feed/", "/statements/{}/comments/feed/", "/events.ics"]
    slug = Statement.objects.get().slug
    found = [
        re.findall(r"<id>(.*?)</id>|\nUID:(\S+)", client.get(path.format(slug)).content.decode()) for path in paths
    ]
    return [["".join(pair) for pair in each] for each in found]


def test_what_a_reader_knows_a_thing_by_never_changes(client, settings):
    """Neither with the slug nor with the domain, or every feed reader and calendar shows all of it once more."""
    statement = StatementFactory(slug="libraries")
    update = Update.objects.create(
        statement=statement, title="N", slug="news", body="<p>N</p>", published_at=statement.published_at
    )
    event = EventFactory(statement=statement)
    CommentFactory(statement=statement, state="published", published_at=statement.published_at)
    before = ids(client)
    assert [len(each) for each in before] == [2, 2, 2, 1]
    assert len({name for each in before for name in each}) == 7
    publishing.rename_slug(statement=statement, slug="new")
    update.slug, event.slug = "other-news", "other-event"
    save_update(update=update)
    save_event(event=event)
    settings.ORIGIN, settings.SITE_NAME = "https://other.example", "Other"
    cache.clear()
    assert ids(client) == before
