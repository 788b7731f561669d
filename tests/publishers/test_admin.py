"""The publisher on the desk: what can't be used says why beside its field and loses nothing."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core import identity
from publishers import founding
from publishers.models import Page, Picture, Publisher
from tests.organisations.pictures import png
from tests.staff import log, staff, superuser

pytestmark = pytest.mark.django_db
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


@pytest.fixture
def publisher() -> Publisher:
    return founding.found().publisher


def address(publisher: Publisher, of: str = "change") -> str:
    return f"/admin/publishers/publisher/{publisher.pk}/{of}/"


def typed(**words) -> dict:
    kept = {
        "name": "Eastside Campaign", "slug": "eastside-campaign", "legal_name": "Eastside Campaign",
        "contact_email": "post@example.org", "accent": "#9b1c2e", "pair": "", "pack": "gb",
    }  # fmt: skip
    return {**kept, **words}


def file(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def test_an_administrator_describes_it_and_the_record_says_so(publisher):
    carol = superuser("carol")
    answer = carol.post(
        address(publisher),
        typed(name="Westside", accent="teal", pair="slab", logo_file=file("logo.png", png(600, 300)), menu="Us /p/us/"),
    )
    assert answer.status_code == 302
    publisher.refresh_from_db()
    assert (publisher.name, publisher.accent, publisher.pair) == ("Westside", "#008080", "slab")
    assert re.fullmatch(r"[0-9a-f]{32}-320x160", publisher.logo_id)
    assert log() == ["Described the publisher."]
    who = identity.publisher()
    assert (who.logo.width, who.logo.height) == (320, 160)
    picture = Client().get(who.logo.path)
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/webp")
    assert f'src="{who.logo.path}" alt="Westside" width="320" height="160"' in Client().get("/").content.decode()


@pytest.mark.parametrize(
    ("words", "field", "why"),
    [
        ({"accent": "blurple"}, "accent", "We can’t read “blurple” as a colour. Write it like #9b1c2e."),
        ({"menu": "About"}, "menu", "Line 1: write the words and then the address"),
        ({"fediverse": "eastside"}, "fediverse", "Write it like @eastside@union.place."),
        ({"contact_email": "post"}, "contact_email", "@"),
        ({"logo_file": file("logo.svg", SVG)}, "logo_file", "We can't use SVG files, they are programmes."),
        ({"logo_file": file("logo.png", b"no picture")}, "logo_file", "must be a PNG, JPEG or WebP file"),
        ({"header_file": file("h.png", png(900, 600))}, "header_words", "Say what the header picture shows"),
        ({"name": ""}, "name", "required"),
    ],
)
def test_what_cant_be_used_says_why_and_loses_nothing(publisher, words, field, why):
    answer = superuser("carol").post(address(publisher), typed(foot_words="Kept by volunteers.", **words))
    form = answer.context["adminform"].form
    assert list(form.errors) == [field]
    assert why in form.errors[field][0]
    assert "Kept by volunteers." in answer.content.decode()
    assert Publisher.objects.get().foot_words == ""


def test_a_good_picture_is_kept_while_something_else_is_mended(publisher):
    carol = superuser("carol")
    page = carol.post(address(publisher), typed(accent="blurple", logo_file=file("logo.png", png(60, 30))))
    kept = re.search(r'name="kept_logo" value="([^"]+)"', page.content.decode())[1]
    assert Picture.objects.filter(pk=kept).exists()
    carol.post(address(publisher), typed(accent="teal", kept_logo=kept))
    publisher.refresh_from_db()
    assert publisher.logo_id == kept


def test_an_accent_that_cant_be_read_is_moved_and_the_page_says_so(publisher):
    carol = superuser("carol")
    carol.post(address(publisher), typed(accent="#ffcc00"))
    page = carol.get(address(publisher)).content.decode()
    said = re.findall(
        r"(By day we use #[0-9a-f]{6}, because #ffcc00 can’t be read there: contrast [0-9.]+ : 1\.)", page
    )
    assert len(said) == 1
    assert "In the dark as it is: contrast" in page
    assert 'style="' not in re.search(r'<ul class="plain">.*?</ul>', page, re.S)[0]


def test_the_preview_shows_what_is_typed_and_keeps_nothing(publisher):
    carol = superuser("carol")
    page = carol.post(address(publisher, "preview"), typed(name="Westside", accent="#005f73"))
    frames = re.findall(r'<iframe title="([^"]+)"', page.content.decode())
    assert frames == [
        "On a phone, by day", "On a computer, by day", "On a phone, in the dark", "On a computer, in the dark",
    ]  # fmt: skip
    shown = page.context["frames"][0][2]
    assert "Westside" in shown
    assert re.search(r'href="/look/005f73-own-[0-9a-f]{8}-light\.css"', shown)
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    assert Publisher.objects.get().name == "Eastside Campaign"
    wrong = carol.post(address(publisher, "preview"), typed(accent="blurple"))
    assert "We can’t read “blurple” as a colour." in wrong.content.decode()
    assert carol.get(address(publisher, "preview")).status_code == 200


def test_nobody_describes_it_without_the_right(publisher):
    dora = staff("dora")
    assert dora.get(address(publisher)).status_code == 200
    assert dora.post(address(publisher), typed(name="Mine")).status_code == 403
    assert Publisher.objects.get().name == "Eastside Campaign"


def test_a_page_is_written_and_published_on_the_desk(publisher):
    erin = staff("erin", "add_page", "change_page", "publish_page")
    words = {"publisher": publisher.pk, "title": "About us", "slug": "about", "body": "<p>Us.</p>", "language": "en"}
    erin.post("/admin/publishers/page/add/", {**words, "in_menu": "on"})
    page = Page.objects.get()
    assert (page.published_at, identity.publisher().menu) == (None, ())
    erin.post(f"/admin/publishers/page/{page.pk}/change/", {**words, "in_menu": "on", "is_public": "on"})
    assert [link.label for link in identity.publisher().menu] == ["About us"]
    assert "<p>Us.</p>" in Client().get("/pages/about/").content.decode()
