"""When things go wrong: the database away, too much sent, a page that never was."""

import pytest
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from psycopg_pool import PoolTimeout

from core import http, redirects
from undersigned import urls


def away(request: HttpRequest) -> HttpResponse:
    """A view whose database does not answer."""
    request.POST.get("name")
    raise OperationalError


def crowded(request: HttpRequest) -> HttpResponse:
    """A view that got no connection in time."""
    raise PoolTimeout


handler404, handler500 = urls.handler404, urls.handler500
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


@pytest.mark.django_db
def test_a_database_that_can_only_be_read_is_away_for_who_signs(client, statement):
    typed = {"name": "Amina Yusuf", "email": "amina@example.org"}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
        answer = client.post(f"/statements/{statement.slug}/sign/", typed)
        transaction.set_rollback(True)
    assert (answer.status_code, answer["Retry-After"], "Amina Yusuf" in answer.text) == (503, "10", True)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_machines_may_ask_by_any_name_and_people_may_not(client, path):
    assert client.get(path, headers={"host": "10.0.0.7"}).status_code == 200
    assert client.get("/statements/", headers={"host": "10.0.0.7"}).status_code == 400


@pytest.mark.django_db
def test_what_a_middleware_cannot_have_of_the_database_is_503_as_well(client, monkeypatch):
    def no_redirects(*args: object) -> list[str]:
        raise OperationalError

    monkeypatch.setattr(redirects, "lead", no_redirects)
    client.raise_request_exception = False
    answer = client.get("/nothing/here/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")


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
