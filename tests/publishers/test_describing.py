"""Describing a publisher: founded once, read cheaply, and every page tells what it says now."""

import pytest
from django.core.management import call_command
from django.test import Client

from core import identity
from petitions.models import Statement
from publishers import describing, founding, menus, writing
from publishers.models import Page, Publisher
from tests.factories import StatementFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def publisher() -> Publisher:
    return founding.found().publisher


def test_migrating_founds_the_first_publisher_with_the_environments_words():
    (first,) = Publisher.objects.all()
    assert (first.name, first.slug, first.legal_name) == ("Eastside Campaign", "eastside-campaign", "Eastside Campaign")
    assert (first.contact_email, first.mail_from, first.accent, first.pair) == ("post@example.org", "", "#9b1c2e", "")
    call_command("migrate", verbosity=0)
    assert founding.found() == founding.Founded(first)


def test_a_statement_that_says_nothing_else_is_the_first_publishers(publisher):
    statement = StatementFactory()
    assert Statement.objects.get(pk=statement.pk).publisher == publisher


def test_who_publishes_is_one_query_and_then_none(publisher, django_assert_num_queries):
    identity.forget()
    with django_assert_num_queries(1):
        first = identity.publisher()
    with django_assert_num_queries(0):
        assert identity.publisher() is first
    assert (first.pk, first.name) == (publisher.pk, "Eastside Campaign")


def test_a_statements_page_reads_its_publisher_along(publisher, django_assert_num_queries):
    statement = StatementFactory()
    client = Client()
    path = statement.get_absolute_url()
    client.get(path)
    identity.forget()
    describing.describe(publisher=publisher, name="Westside Union", legal_name="Westside Union")
    page = client.get(path).content.decode()
    assert 'og:site_name" content="Westside Union"' in page
    assert "Eastside Campaign" not in page


def test_a_change_reaches_every_kept_page_and_every_kind_of_page(publisher):
    statement = StatementFactory()
    paths = [
        "/", "/statements/", statement.get_absolute_url(), f"{statement.get_absolute_url()}history/", "/privacy/",
        f"{statement.get_absolute_url()}feed/", "/feed/", f"/embed/{statement.slug}/form/", "/accessibility/",
        f"/statements/{statement.slug}.json", f"/oembed/?url=http://testserver{statement.get_absolute_url()}",
        "/p/eastside-campaign/", "/events.ics",
    ]  # fmt: skip
    client = Client()
    before = {path: client.get(path).content.decode() for path in paths}
    assert [path for path in paths if "Eastside Campaign" not in before[path] and path != "/accessibility/"] == []
    describing.describe(
        publisher=publisher, name="Westside Union", legal_name="Westside Union", accent="#005f73", pair="noto"
    )
    after = {path: client.get(path).content.decode() for path in paths}
    assert [path for path in paths if "Eastside Campaign" in after[path] or "Westside" not in after[path]] == []
    sheet = identity.publisher().sheet
    assert sheet.startswith("/look/005f73-noto-")
    shown = ["/", statement.get_absolute_url(), "/privacy/", f"/embed/{statement.slug}/form/"]
    assert [path for path in shown if f'href="{sheet}"' not in after[path]] == []


def test_menu_links_foot_and_country_pack_are_shown(publisher):
    describing.describe(
        publisher=publisher,
        menu="Our union https://union.example/",
        links="Mastodon https://union.place/@east",
        foot_words="Kept by volunteers.",
        legal_address="14 Mill Lane\nEastside",
        pack="ie",
        privacy_words="<p>We promise.</p>",
    )
    page = Client().get("/privacy/").content.decode()
    assert '<a href="https://union.example/" rel="noopener"><bdi>Our union</bdi></a>' in page
    assert '<a href="https://union.place/@east" rel="noopener me"><bdi>Mastodon</bdi></a>' in page
    for words in (
        "Kept by volunteers.",
        "By post: 14 Mill Lane, Eastside",
        "the Data Protection Commission",
        "<p>We promise.</p>",
    ):
        assert words in page
    assert "Information Commissioner" not in page


def test_an_address_is_read_by_people_and_not_by_machines(publisher):
    page = Client().get("/privacy/").content.decode()
    assert "post@example.org" not in page
    assert "mailto:" not in page
    assert "post<span hidden>.not-this</span>@<span hidden>nowhere.</span>example.org" in page
    answer = Client().get("/write/")
    assert (answer.status_code, answer["Location"]) == (302, "mailto:post@example.org")
    assert "Disallow: /write/" in Client().get("/robots.txt").content.decode()


def test_the_featured_statement_stands_first(publisher):
    first = StatementFactory(title="The old one", is_featured=True)
    StatementFactory(title="The new one")
    page = Client().get("/").content.decode()
    assert page.index("The old one") < page.index("The new one")
    assert page.count(first.get_absolute_url()) == 1


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("About /pages/about/\nUs https://example.org/", ""),
        ("/pages/about/", "Line 1"),
        ("About us", "Line 1"),
        ("About /pages/about/\n\nBad javascript:alert(1)", "Line 3"),
        ("Elsewhere //evil.example/", "Line 1"),
        (f"{'A' * 41} /pages/a/", "keep the words to 40"),
        ("\n".join(f"A{n} /pages/a{n}/" for n in range(13)), "12 links"),
    ],
)
def test_a_menu_is_lines_of_words_and_addresses(text, wrong):
    if not wrong:
        menus.check(text)
        assert [link.label for link in menus.links(text)] == ["About", "Us"]
        return
    with pytest.raises(menus.BadLine, match=wrong):
        menus.check(text)


def written(publisher, **words) -> Page:
    words = {"title": "About us", "slug": "about", "body": "<p>Who we are.</p>", **words}
    return writing.save(page=Page(publisher=publisher, **words))


def test_a_page_is_read_once_it_is_published_and_stands_in_the_menu(publisher):
    page = written(publisher)
    assert Client().get("/pages/about/").status_code == 404
    writing.publish(page=page)
    shown = Client().get("/pages/about/").content.decode()
    assert "<p>Who we are.</p>" in shown
    assert '<a href="/pages/about/"><bdi>About us</bdi></a>' in shown
    assert "http://testserver/pages/about/</loc>" in Client().get("/sitemap.xml").content.decode()
    writing.withdraw(page=page)
    assert Client().get("/pages/about/").status_code == 404
    assert identity.publisher().menu == ()


def test_a_page_that_moves_takes_its_old_address_and_its_place_in_the_menu_along(publisher):
    page = written(publisher)
    writing.publish(page=page)
    publisher.refresh_from_db()
    describing.describe(publisher=publisher, menu=f"{publisher.menu}\nUs https://example.org/")
    page.slug, page.title = "who-we-are", "Who we are"
    writing.save(page=page)
    answer = Client().get("/pages/about/")
    assert (answer.status_code, answer["Location"]) == (301, "/pages/who-we-are/")
    assert [link.address for link in identity.publisher().menu] == ["/pages/who-we-are/", "https://example.org/"]
    with pytest.raises(writing.PageError):
        written(publisher, slug="about")


def test_a_headline_of_the_publishers_stands_over_the_page_and_the_title_with_what_is_signed(publisher):
    statement = StatementFactory(title="Keep nine libraries open", headline="We stand with our libraries")
    page = Client().get(statement.get_absolute_url()).content.decode()
    assert '<h1 lang="en" dir="ltr">We stand with our libraries</h1>' in page
    assert '<h2 id="statement-heading" lang="en">Keep nine libraries open</h2>' in page
    assert '<meta property="og:title" content="Keep nine libraries open">' in page
