"""When things go wrong: the database away, too much sent, a page that never was."""

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from psycopg_pool import PoolTimeout

from core import http
from undersigned import urls


def away(request: HttpRequest) -> HttpResponse:
    """A view whose database does not answer."""
    request.POST.get("name")
    raise OperationalError


def crowded(request: HttpRequest) -> HttpResponse:
    """A view that got no connection in time."""
    raise PoolTimeout


handler404 = urls.handler404
urlpatterns = [path("away/", away), path("crowded/", crowded), *urls.urlpatterns]


@pytest.fixture(autouse=True)
def addresses(settings):
    settings.ROOT_URLCONF = __name__


@pytest.mark.parametrize("path", ["/away/", "/crowded/"])
def test_without_a_database_the_answer_is_503_and_the_text_is_kept(client, path):
    typed = {"name": "Amina <Yusuf>", "stamp": "secret-stamp", "website_2": "trap", "body": "First\nsecond"}
    response = client.post(path, typed)
    html = response.content.decode()
    assert (response.status_code, response["Retry-After"], response["Cache-Control"]) == (503, "10", "no-store")
    assert ("Amina &lt;Yusuf&gt;" in html, "First\nsecond" in html) == (True, True)
    assert ("secret-stamp" in html, "trap" in html) == (False, False)


def test_too_much_is_413_whether_it_says_so_or_not(client, settings):
    assert client.post("/away/", {"name": "x" * 70_000}).status_code == 413
    assert client.post("/away/", {f"field{n}": "x" for n in range(100)}).status_code in {400, 413}


@pytest.mark.django_db
def test_a_page_that_never_was_offers_somewhere_to_go(client):
    response = client.get("/nothing/here/")
    assert (response.status_code, response["Cache-Control"]) == (404, "no-store")
    assert "We can't find that page" in response.content.decode().replace("’", "'").replace("&#x27;", "'")


def test_every_answer_carries_the_headers(client):
    headers = client.get("/healthz").headers
    expected = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Permissions-Policy": http.PERMISSIONS_POLICY,
        "Content-Security-Policy": http.PUBLIC_CSP,
    }
    assert {name: headers.get(name) for name in expected} == expected
