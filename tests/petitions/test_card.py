"""The picture and the tags that a shared link shows (UX E1, C6)."""

import io
import json
import re

import pytest
from PIL import Image, ImageDraw

from petitions import card, counting
from petitions.models import Statement
from tests.factories import SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db

LONG = "We ask the council to keep every one of our nine branch libraries open, staffed, warm and free to all of us"


def picture(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(
    ("people", "reached"), [(0, 0), (99, 0), (100, 100), (499, 200), (500, 500), (1_284, 1_000), (5_400, 5_000)]
)
def test_milestones(people, reached):
    assert card.milestone(people) == reached


@pytest.mark.parametrize(
    ("title", "language"), [("Save it", "en"), (LONG, "en"), ("حافظوا على مكتباتنا", "ar"), ("保持开放", "zh")]
)
def test_every_title_makes_a_small_picture_of_the_right_size(title, language):
    content = card.draw(Statement(title=title, language=language), 1_284)
    assert (picture(content).format, picture(content).size) == ("PNG", (1200, 630))
    assert len(content) < 300_000


@pytest.mark.parametrize(
    "title", ["Save it", LONG, "Donaudampfschifffahrtsgesellschaftskapitänsmütze", "حافظوا على مكتباتنا"]
)
def test_nothing_touches_the_safe_margin(title):
    drawn = picture(card.draw(Statement(title=title, language="en"), 1_284)).convert("RGB")
    paper = drawn.getpixel((600, 5))
    for box in ((21, 0, 1200, 60), (1140, 0, 1200, 630), (21, 570, 1200, 630)):
        assert drawn.crop(box).getcolors() == [((box[2] - box[0]) * (box[3] - box[1]), paper)]


def test_a_script_without_letters_shows_the_publisher_instead_of_boxes():
    assert not card.can_write(card.SANS, "保持开放")
    here, there = (card.draw(Statement(title=title, language="zh"), 0) for title in ("保持开放", "保持图书馆"))
    assert here == there


def test_arabic_is_joined_and_runs_from_the_right():
    assert card.can_write(card.SANS, card.visual("حافظوا"))
    assert card.visual("سلام") == "\ufee1\ufefc\ufeb3"


def test_lines_keep_the_order_of_reading():
    pen = ImageDraw.Draw(Image.new("RGB", (10, 10)))
    assert " ".join(card.wrap(pen, LONG, card._face(card.SERIF, 64), 1000)) == LONG


def test_the_name_changes_at_a_milestone_and_with_the_title_only():
    statement = StatementFactory(title="Keep our libraries open")
    names = [card.number(statement, people) for people in (100, 199, 200)]
    assert names[0] == names[1] != names[2]
    statement.title = "Keep our library open"
    assert card.number(statement, 100) != names[0]


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


def test_an_older_name_shows_the_present_picture_but_is_not_kept(client, statement):
    answer = client.get("/statements/libraries/card-v7.png")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "public, max-age=300")


def test_search_engines_count_what_the_page_counts(client, statement):
    _, page = head(client, statement)
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)[1])
    assert data["headline"] == statement.title
    assert data["interactionStatistic"]["userInteractionCount"] == 30
    assert data["potentialAction"]["target"]["urlTemplate"].endswith("/statements/libraries/sign/")


def test_a_number_that_is_not_shown_is_not_told(client):
    statement = StatementFactory()
    _, page = head(client, statement)
    assert "InteractionCounter" not in page
