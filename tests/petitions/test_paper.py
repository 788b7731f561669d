"""Paper and the big screen."""

import re
import zlib
from base64 import a85decode

import pytest

from petitions import printing
from tests.factories import StatementFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["Keep our libraries open", "حافظوا على مكتباتنا مفتوحة للجميع"])
def statement(request):
    language = "en" if request.param.isascii() else "ar"
    return StatementFactory(slug="libraries", title=request.param, language=language)


@pytest.mark.parametrize("path", ["sheet.pdf", "poster.pdf"])
def test_each_is_one_page_with_title_and_language(client, statement, path):
    answer = client.get(f"/statements/libraries/{path}")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "public, max-age=3600")
    assert answer.content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", answer.content)) == 1
    assert f"/Lang ({statement.language})".encode() in answer.content
    assert b"/Title" in answer.content


def test_a_long_text_leaves_room_for_the_rows(client):
    StatementFactory(slug="long", body="<p>" + "All of us need it. " * 200 + "</p>", summary="Keep it open.")
    answer = client.get("/statements/long/sheet.pdf")
    assert len(re.findall(rb"/Type /Page\b", answer.content)) == 1


def test_the_code_is_drawn_not_painted(client, statement):
    content = client.get("/statements/libraries/poster.pdf").content
    assert b"/Subtype /Image" not in content
    drawn = b"".join(
        zlib.decompress(a85decode(part.strip(), adobe=False))
        for part in re.findall(rb"/ASCII85Decode /FlateDecode \].*?stream\n(.*?)~>", content, re.S)
        if len(part) > 500
    )
    assert len(drawn) > 1000


def test_the_quiet_zone_is_four_modules(statement):
    code = printing.qr("http://testserver/", 100)
    dark = list(code.contents[1:])
    module = dark[0].width
    assert min(shape.x for shape in dark) == pytest.approx(4 * module)
    assert max(shape.x + shape.width for shape in dark) == pytest.approx(100 - 4 * module)


def test_the_big_screen_shows_the_number_and_a_way_in(client, statement):
    page = client.get("/statements/libraries/live/")
    assert page["X-Robots-Tag"] == "noindex"
    assert "data-number>0<" in page.content.decode()
    assert 'aria-live="off"' in page.content.decode()
    assert client.get("/statements/libraries/qr.svg").content.startswith(b"<?xml")
