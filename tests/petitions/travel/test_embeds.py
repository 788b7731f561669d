"""A statement on other people's websites (UX E4); what a browser makes of it is in tests/journeys/test_travel.py."""

import re
from contextlib import closing
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.utils import timezone

from core import switches
from mail.models import OutgoingEmail
from petitions.models import Signature, SignatureSubmission, Statement
from petitions.statements import counting, sharing
from submissions import codes
from tests.asking import ask, mail_all
from tests.factories import SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def statement():
    found = StatementFactory(slug="libraries", title="Keep our <libraries> open")
    SignatureFactory.create_batch(30, statement=found, state="confirmed")
    counting.recount(statement=found, repair=True)
    return found


def oembed(client, settings, **values):
    return client.get("/oembed/", {"url": f"{settings.ORIGIN}/statements/libraries/", **values})


def test_oembed_says_what_the_standard_wants(client, statement, settings):
    answer = oembed(client, settings)
    data = answer.json()
    assert (data["version"], data["type"], data["width"], data["height"]) == ("1.0", "rich", 600, 320)
    assert (data["thumbnail_width"], data["thumbnail_height"], data["cache_age"]) == (1200, 630, 3600)
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert f'<iframe src="{settings.ORIGIN}/embed/libraries/" width="600" height="320"' in data["html"]
    assert data["html"].startswith(f'<blockquote><a href="{settings.ORIGIN}/statements/libraries/')
    assert "&lt;libraries&gt;" in data["html"]
    # What WordPress keeps of an untrusted answer (wp_filter_oembed_result).
    assert re.fullmatch(r"<blockquote>.*?</blockquote><iframe [^>]*></iframe>", data["html"])


@pytest.mark.parametrize(
    ("asked", "given"), [("300", 300), ("9999", 600), ("1", 200), ("-5", 600), ("x", 600), ("9" * 5000, 600)]
)
def test_oembed_keeps_to_the_width_it_is_given(client, statement, settings, asked, given):
    data = oembed(client, settings, maxwidth=asked).json()
    assert (data["width"], f'width="{given}"' in data["html"]) == (given, True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://elsewhere.example/statements/libraries/",
        "http://testserver/statements/unknown/",
        "http://testserver/privacy/",
        "http://testserver@elsewhere.example/statements/libraries/",
        "http://[/",
        "/statements/libraries/",
    ],
)
def test_oembed_knows_only_our_own_statements(client, statement, url):
    assert client.get("/oembed/", {"url": url}).status_code == 404


def test_oembed_is_written_in_json_only(client, statement, settings):
    assert oembed(client, settings, format="xml").status_code == 501


@pytest.mark.parametrize("path", ["", "form/"])
def test_every_website_may_frame_the_embeds(client, statement, path):
    answer = client.get(f"/embed/libraries/{path}")
    assert "frame-ancestors *" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("path", ["", "sign/", "share/", "embed-code/", "updates/"])
def test_nobody_may_frame_the_rest(client, statement, path):
    answer = client.get(f"/statements/libraries/{path}")
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"


def test_signing_in_a_frame_is_written_down_as_such(client, statement):
    typed = {"name": "Amina Yusuf", "email": "amina@example.org", "via": "partner"}
    answer = client.post("/embed/libraries/form/", typed, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 303
    assert answer["Location"].startswith("/embed/libraries/form/sent/?k=")
    asked = SignatureSubmission.objects.get(email="amina@example.org")
    assert (asked.channel, asked.via, asked.agreed_at) == ("embed", "partner", None)
    assert OutgoingEmail.objects.get().kind == "signature_confirm"
    page = client.get(answer["Location"])
    assert "amina@example.org" in page.content.decode()
    assert "frame-ancestors *" in page["Content-Security-Policy"]


def test_a_right_code_in_a_frame_agrees_nothing_and_leads_to_where_no_frame_is(client, statement):
    """A hostile page can crop the words away from the box (HEART, trap 12)."""
    sent = client.post("/embed/libraries/form/", {"name": "Amina Yusuf", "email": "amina@example.org"})["Location"]
    mail_all()
    asked = SignatureSubmission.objects.get()
    page = client.post(sent, {"action": "code", "code": codes.code_of(1, bytes(asked.digest))})
    assert (page.status_code, Signature.objects.filter(name="Amina Yusuf").count()) == (200, 0)
    link = re.search(r'href="[^"]*(/confirm/[^"]+)" target="_blank"', page.content.decode())[1]
    opened = client.get(link)
    assert (opened["X-Frame-Options"], "Amina Yusuf" in opened.content.decode()) == ("DENY", True)
    assert "frame-ancestors 'none'" in opened["Content-Security-Policy"]
    assert client.post(link).status_code == 303
    assert Signature.objects.get(name="Amina Yusuf").channel == "embed"
    assert "Thank you. It is confirmed." in client.get(sent).content.decode()


def test_the_frame_s_waiting_page_sends_again_and_changes_the_address_within_the_frame(client, statement):
    typed = {"name": "Amina Yusuf", "email": "amina@example.org", "via": "blog"}
    sent = client.post("/embed/libraries/form/", typed)["Location"]
    OutgoingEmail.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    again = client.post(sent, {"action": "resend"})
    assert (again.status_code, again["Location"].startswith("/embed/libraries/form/sent/?k=")) == (303, True)
    assert client.post(sent, {"action": "change"})["Location"] == "/embed/libraries/form/?via=blog"


@pytest.mark.parametrize("why", ["closed", "organisations only", "switched off"])
def test_a_frame_of_what_takes_nobody_says_what_the_page_says(client, statement, why):
    if why == "closed":
        Statement.objects.update(closed_at=timezone.now())
    elif why == "organisations only":
        Statement.objects.update(signed_by="organisations")
    else:
        switches.turn_off(name="signing", sentence="Back at six.")
    words = {"closed": "closed", "organisations only": "Organisations sign this", "switched off": "Back at six."}[why]
    told = []
    for path in ("/statements/libraries/sign/", "/embed/libraries/form/"):
        page = client.get(path)
        html = page.content.decode()
        refused = client.post(path, {"name": "Amina Yusuf", "email": "amina@example.org"}).status_code
        told.append((page.status_code, 'id="sign-form"' in html, words in html, refused))
    assert told == [(200, False, True, 409)] * 2
    assert SignatureSubmission.objects.count() == 0


def test_other_sites_cannot_post_into_the_frame_themselves(client, statement):
    answer = client.post("/embed/libraries/form/", {"name": "A B"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_mistakes_stay_in_the_frame(client, statement):
    answer = client.post("/embed/libraries/form/", {"name": "Amina"})
    assert (answer.status_code, "frame-ancestors *" in answer["Content-Security-Policy"]) == (422, True)
    assert "Enter your email address" in answer.content.decode()


def test_the_waiting_page_of_one_statement_opens_no_other(client, statement):
    StatementFactory(slug="other")
    typed = {"name": "Amina Yusuf", "email": "amina@example.org"}
    sent = client.post("/embed/libraries/form/", typed)["Location"]
    assert client.get(sent.replace("libraries", "other")).status_code == 404
    assert client.get("/embed/libraries/form/sent/?k=x").status_code == 404


def test_the_badge_is_a_small_picture(client, statement):
    answer = client.get("/embed/libraries/badge.svg")
    assert (answer["Content-Type"], len(answer.content) < 3000) == ("image/svg+xml", True)
    text = [element.text for element in ElementTree.fromstring(answer.content) if element.tag.endswith("text")]
    assert text == ["30 have signed"]


def test_the_badge_of_a_partner_says_who_signed_by_them_once_they_are_many(client, statement):
    def said() -> str:
        cache.clear()
        picture = ElementTree.fromstring(client.get("/embed/libraries/badge.svg?via=mill").content)
        return next(element.text for element in picture if element.tag.endswith("text"))

    SignatureFactory.create_batch(19, statement=statement, via="mill")
    assert said() == "Sign the statement"
    SignatureFactory(statement=statement, via="mill")
    assert said() == "20 have signed with us"


def test_the_codes_can_be_copied_as_they_are(client, statement):
    page = client.get("/statements/libraries/embed-code/").content.decode()
    assert "&lt;iframe src=" in page
    assert "&amp;lt;libraries" in page


def test_a_card_in_a_sandbox_may_load_its_style(client):
    """A sandboxed frame has no origin, so `same-origin` would keep our own style sheet from it."""
    assert client.get("/privacy/")["Cross-Origin-Resource-Policy"] == "same-origin"
    with closing(client.get("/static/css/embed.css")) as answer:
        assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_all_that_a_card_loads_is_small(client, statement):
    """UX C6, uncompressed. The statement's title is of the usual length."""
    page = client.get("/embed/libraries/").content
    loaded = re.findall(rb'(?:href|src)="(/static/[^"]+)"', page)
    assert len(loaded) == 2
    weight = len(page)
    for path in loaded:
        with closing(client.get(path.decode())) as answer:
            weight += len(b"".join(answer))
    assert weight < 8_000, "15 KB is the limit; this is what it was made to be"


@pytest.mark.parametrize(
    ("on", "name"), [("dark", "on-dark"), ("light", "on-light"), ("x", None), ('"><script>', None)]
)
def test_a_card_can_go_without_a_background_of_its_own(client, statement, on, name):
    page = client.get("/embed/libraries/", {"on": on}).content.decode()
    assert re.search(r'<html[^>]* class="([^"]*)"', page)[1] == " ".join(filter(None, ["framed", name]))
    assert ('name="color-scheme"' in page) is (name is None)


def test_a_pasted_link_keeps_its_code(client, statement, settings):
    url = f"{settings.ORIGIN}/statements/libraries/?via=blog"
    html = client.get("/oembed/", {"url": url}).json()["html"]
    assert re.findall(r'(?:href|src)="([^"]+)"', html) == [url, f"{settings.ORIGIN}/embed/libraries/?via=blog"]
    bad = client.get("/oembed/", {"url": url + '"><b>'}).json()["html"]
    assert re.search(r'src="([^"]+)"', bad)[1] == f"{settings.ORIGIN}/embed/libraries/"


def test_the_codes_carry_the_name_of_the_website(client, statement):
    page = client.get("/statements/libraries/embed-code/?via=blog").content.decode()
    assert page.count("?via=blog") == 5
    assert 'href="/statements/libraries/via/blog/"' in page
    bad = client.get("/statements/libraries/embed-code/?via=a+b").content.decode()
    assert "Use at most 32 letters" in bad
    assert 'value="a b"' in bad


@pytest.fixture
def brought(statement):
    """Nineteen, and some who do not count."""
    values = {"statement": statement, "via": "blog", "state": "confirmed"}
    SignatureFactory.create_batch(19, **values)
    SignatureFactory(**{**values, "state": "held"})
    ask(statement, via="blog")
    SignatureFactory(**{**values, "via": "other"})
    SignatureFactory(**{**values, "statement": StatementFactory()})
    return values


def test_a_partner_sees_how_many_it_brought_but_not_who(client, brought):
    page = client.get("/statements/libraries/via/blog/")
    assert "Fewer than 20 people so far." in page.content.decode()
    assert (page["X-Robots-Tag"], page.cookies.output()) == ("noindex", "")
    cache.clear()
    SignatureFactory(**brought)
    page = client.get("/statements/libraries/via/blog/").content.decode()
    assert '<strong class="count-number">20</strong> <span>people have signed' in page


def test_counting_what_a_code_brought_has_an_end(client, brought, monkeypatch):
    monkeypatch.setattr(sharing, "MOST_COUNTED", 20)
    assert sharing.brought(brought["statement"], "blog") == sharing.Brought(people=18, is_least=True)
    assert sharing.brought(brought["statement"], "nobody") == sharing.Brought(people=0, is_least=False)


def test_a_code_that_cannot_be_is_not_found(client, statement):
    assert client.get(f"/statements/libraries/via/{'x' * 33}/").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/embed/libraries/",
            "/embed/libraries/badge.svg",
            "/statements/libraries/live/",
            "/statements/libraries/signatures/",
        ),
        *("/statements/libraries/", "/statements/libraries.json", "/statements/libraries/via/blog/"),
        "/statements/libraries/history/",
    ],
)
def test_a_number_that_is_switched_off_is_told_nowhere(client, statement, path):
    SignatureFactory.create_batch(71, statement=statement, state="confirmed", via="blog")
    counting.recount(statement=statement, repair=True)
    number = re.compile(r"\b(?:101|71)\b")  # neither is a minute or a day
    assert number.search(client.get(path).content.decode())
    switches.turn_off(name="count", sentence="We are checking the number.")
    cache.clear()
    assert number.search(client.get(path).content.decode()) is None
