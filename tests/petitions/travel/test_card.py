"""The picture and the tags that a shared link shows (UX E1, C6)."""

import io
import json
import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape
from PIL import Image, ImageDraw

from core import identity, switches
from petitions.models import Statement, Update
from petitions.statements import counting
from petitions.travel import card
from petitions.travel import picture as drawing
from publishers.models import Publisher
from tests.factories import EventFactory, SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db

LONG = "We ask the council to keep every one of our nine branch libraries open, staffed, warm and free to all of us"


def picture(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def shown(title, language="en", people=1_284):
    return card.of_statement(Statement(title=title, language=language, slug="x"), people)


@pytest.mark.parametrize(
    ("people", "reached"), [(0, 0), (99, 0), (100, 100), (499, 200), (500, 500), (1_284, 1_000), (5_400, 5_000)]
)
def test_milestones(people, reached):
    assert card.milestone(people) == reached


@pytest.mark.parametrize(
    ("title", "language"), [("Save it", "en"), (LONG, "en"), ("حافظوا على مكتباتنا", "ar"), ("保持开放", "zh")]
)
def test_every_title_makes_a_small_picture_of_the_right_size(title, language):
    content = card.draw(shown(title, language))
    assert (picture(content).format, picture(content).size) == ("PNG", (1200, 630))
    assert len(content) < 300_000


@pytest.mark.parametrize(
    "title", ["Save it", LONG, "Donaudampfschifffahrtsgesellschaftskapitänsmütze", "حافظوا على مكتباتنا"]
)
def test_nothing_touches_the_safe_margin(title):
    drawn = picture(card.draw(shown(title))).convert("RGB")
    paper = drawn.getpixel((600, 5))
    for box in ((21, 0, 1200, 60), (1140, 0, 1200, 630), (21, 570, 1200, 630)):
        assert drawn.crop(box).getcolors() == [((box[2] - box[0]) * (box[3] - box[1]), paper)]


def test_a_script_without_letters_shows_the_publisher_instead_of_boxes():
    assert not drawing.can_write(drawing.SANS, "保持开放")
    here, there = (card.draw(shown(title, "zh")) for title in ("保持开放", "保持图书馆"))
    assert here == there


def test_arabic_is_joined_and_runs_from_the_right():
    assert drawing.can_write(drawing.SANS, drawing.visual("حافظوا"))
    assert drawing.visual("سلام") == "\ufee1\ufefc\ufeb3"


def test_lines_keep_the_order_of_reading():
    pen = ImageDraw.Draw(Image.new("RGB", (10, 10)))
    assert " ".join(drawing.wrap(pen, LONG, drawing._face(drawing.SERIF, 64), 1000)) == LONG


def test_the_name_changes_at_a_milestone_and_with_the_title_only():
    statement = StatementFactory(title="Keep our libraries open")
    names = [card.number(card.of_statement(statement, people)) for people in (100, 199, 200)]
    assert names[0] == names[1] != names[2]
    statement.title = "Keep our library open"
    assert card.number(card.of_statement(statement, 100)) != names[0]


@pytest.fixture
def statement():
    found = StatementFactory(slug="libraries", title="Keep our <libraries> & “open”")
    SignatureFactory.create_batch(30, statement=found, state="confirmed")
    counting.recount(statement=found, repair=True)
    return found


def head(client, statement):
    content = client.get(statement.get_absolute_url()).content
    return content[: 8 * 1024].decode(errors="ignore"), content.decode()


def tag(text, name):
    return re.search(rf'<meta (?:property|name)="{name}" content="([^"]*)">', text)[1]


def test_the_tags_are_within_eight_kilobytes_and_whole(client, statement, settings):
    start, _ = head(client, statement)
    assert tag(start, "og:title") == "Keep our &lt;libraries&gt; &amp; “open”"
    assert tag(start, "og:url") == f"{settings.ORIGIN}/statements/libraries/"
    assert tag(start, "twitter:card") == "summary_large_image"
    assert (tag(start, "og:image:width"), tag(start, "og:image:height")) == ("1200", "630")
    assert len(tag(start, "description")) <= 155
    image = tag(start, "og:image")
    answer = client.get(image.removeprefix(settings.ORIGIN))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"


def news(statement):
    published = timezone.now() - timedelta(days=1)
    return Update.objects.create(
        statement=statement, title="Won", slug="won", body="<p>Yes.</p>", published_at=published
    )


E1 = {
    "description",
    *("og:type", "og:site_name", "og:title", "og:description", "og:url", "og:locale"),
    *("og:image", "og:image:width", "og:image:height", "og:image:type", "og:image:alt"),
    *("twitter:card", "fediverse:creator"),
}


@pytest.mark.parametrize("subject", ["statement", "event", "update"])
def test_every_page_that_is_shared_has_its_tags_first_and_a_picture_of_its_own(client, statement, settings, subject):
    Publisher.objects.update(fediverse="@eastside@union.place")
    identity.learn(replace(identity.publisher(), fediverse="@eastside@union.place"), is_first=True)
    found = {"statement": statement, "event": EventFactory(statement=statement), "update": news(statement)}[subject]
    start, page = head(client, found)
    assert {name for name in E1 if page.count(f'="{name}" content=') == 1} == E1
    assert [name for name in E1 if f'="{name}" content=' not in start] == []
    assert re.findall(r'"\d{4}-\d\d-\d\dT[^"]*\.\d', page) == []
    assert tag(start, "og:url") == settings.ORIGIN + found.get_absolute_url()
    assert tag(start, "og:title") == escape(found.title)
    assert tag(start, "fediverse:creator") == "@eastside@union.place"
    image = tag(start, "og:image")
    assert image.startswith(f"{settings.ORIGIN}{found.get_absolute_url()}card-v")
    answer = client.get(image.removeprefix(settings.ORIGIN))
    drawn = picture(answer.content)
    assert (drawn.format, drawn.size, answer["Cache-Control"][-9:]) == ("PNG", (1200, 630), "immutable")


@pytest.mark.parametrize("subject", ["statement", "event", "update"])
def test_the_publisher_of_a_statement_is_named_and_not_the_sites_own(client, subject):
    Publisher.objects.update(fediverse="@first@union.place")
    other = Publisher.objects.create(
        name="B", slug="b", legal_name="B", contact_email="b@example.org", position=2, fediverse="@second@union.place"
    )
    statement = StatementFactory(publisher=other)
    found = {"statement": statement, "event": EventFactory(statement=statement), "update": news(statement)}[subject]
    start, page = head(client, found)
    assert (tag(start, "fediverse:creator"), "@first@union.place" in page) == ("@second@union.place", False)


def test_nobody_is_named_to_the_fediverse_unless_set(client, statement):
    assert "fediverse:creator" not in head(client, statement)[1]


@pytest.mark.parametrize(
    ("language", "locale"), [("en", "en_GB"), ("ar", "ar_AR"), ("cy", "cy_GB"), ("pt-br", "pt_BR")]
)
def test_open_graph_writes_languages_with_a_country(language, locale):
    assert Statement(language=language).locale == locale


def test_an_event_s_picture_says_when_and_where_and_that_it_is_off():
    values = {
        "title": "Protest",
        "venue": "Town hall",
        "address": "",
        "starts_at": datetime(2026, 7, 17, 11, tzinfo=UTC),
    }
    event = EventFactory.build(statement=Statement(slug="x"), slug="protest", **values)
    said = card.of_event(event)
    assert (said.above, said.title, said.foot) == ("Friday 17 July 2026, 12\xa0noon", "Protest", "Town hall")
    event.status = "cancelled"
    assert card.of_event(event).above == "Cancelled: Friday 17 July 2026, 12\xa0noon"
    assert card.number(card.of_event(event)) != card.number(said)


def test_an_older_name_shows_the_present_picture_but_is_not_kept(client, statement):
    answer = client.get("/statements/libraries/card-v7.png")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "public, max-age=300")


def told(page):
    return [
        json.loads(found) for found in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    ]


def test_search_engines_count_what_the_page_counts(client, statement):
    _, page = head(client, statement)
    (data,) = told(page)
    assert data["headline"] == statement.title
    assert data["interactionStatistic"]["userInteractionCount"] == 30
    assert re.search(r'class="count-number">(\d+)<', page)[1] == "30"
    assert data["potentialAction"]["target"]["urlTemplate"].endswith("/statements/libraries/sign/")
    assert (data["commentCount"], data["comment"]) == (0, [])


def test_the_home_page_says_who_publishes(client, settings):
    (data,) = told(client.get("/").content.decode())
    assert (data["@type"], data["name"], data["url"]) == ("Organization", settings.SITE_NAME, f"{settings.ORIGIN}/")
    with closing(client.get(data["logo"].removeprefix(settings.ORIGIN))) as logo:
        assert logo["Content-Type"] == "image/svg+xml"


@pytest.mark.parametrize(
    "path", ["history", "updates", "updates/won", "organisations", "comments", "motion", "endorse"]
)
def test_pages_below_a_statement_say_where_they_stand(client, statement, settings, path):
    news(statement)
    below = told(client.get(f"/statements/libraries/{path}/").content.decode())
    (trail,) = [data for data in below if data["@type"] == "BreadcrumbList"]
    steps = [(step["position"], step["item"], step["name"]) for step in trail["itemListElement"]]
    page = f"{settings.ORIGIN}/statements/libraries/"
    assert steps == [(1, f"{settings.ORIGIN}/", settings.SITE_NAME), (2, page, statement.title)]


def test_a_number_that_is_not_shown_is_not_told(client):
    statement = StatementFactory()
    _, page = head(client, statement)
    assert "InteractionCounter" not in page


def test_nor_is_its_milestone(client):
    statement = StatementFactory()
    SignatureFactory.create_batch(100, statement=statement, state="confirmed")
    counting.recount(statement=statement, repair=True)
    _, before = head(client, statement)
    switches.turn_off(name="count")
    _, after = head(client, statement)
    assert ["100+ have signed" in page for page in (before, after)] == [True, False]
