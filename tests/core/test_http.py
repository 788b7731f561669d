"""Who may post, whose address it is, and which headers leave."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from core import http
from tests.staff import superuser

ORIGIN = "https://petitions.example.org"
SAME = {"HTTP_SEC_FETCH_SITE": "same-origin"}


@pytest.fixture(autouse=True)
def own_origin(settings):
    settings.ORIGIN = ORIGIN
    settings.DEMO = settings.DEBUG = False
    settings.ALLOWED_HOSTS = ["petitions.example.org"]


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"HTTP_SEC_FETCH_SITE": "same-origin"}, True),
        ({"HTTP_SEC_FETCH_SITE": "none"}, True),
        ({"HTTP_SEC_FETCH_SITE": "same-site"}, False),
        ({"HTTP_SEC_FETCH_SITE": "cross-site"}, False),
        ({"HTTP_SEC_FETCH_SITE": "nonsense"}, False),
        ({"HTTP_SEC_FETCH_SITE": "same-origin", "HTTP_ORIGIN": "https://evil.example"}, True),
        ({"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_ORIGIN": ORIGIN}, False),
        ({"HTTP_ORIGIN": ORIGIN}, True),
        ({"HTTP_ORIGIN": "http://petitions.example.org"}, False),
        ({"HTTP_ORIGIN": "https://petitions.example.org:8443"}, False),
        ({"HTTP_ORIGIN": "https://petitions.example.org.evil.example"}, False),
        ({"HTTP_ORIGIN": "null"}, False),
        ({"HTTP_ORIGIN": ""}, False),
    ],
)
def test_origin_matrix(headers, allowed):
    request = RequestFactory().post("/", HTTP_HOST="petitions.example.org", **headers)
    assert http.is_same_origin(request) is allowed


def form_of(fields: int, length: int = 1) -> dict[str, str]:
    return {f"field{number}": "x" * length for number in range(fields)}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "status"),
    [
        (form_of(60), 404),
        (form_of(61), 413),
        (form_of(1, 64_000), 404),
        (form_of(1, 66_000), 413),
        (form_of(2500), 400),
    ],
)
@pytest.mark.parametrize("multipart", [True, False])
def test_a_public_form_is_small(client, typed, status, multipart):
    body = (
        {"data": typed}
        if multipart
        else {
            "data": "&".join(f"{name}={value}" for name, value in typed.items()),
            "content_type": "application/x-www-form-urlencoded",
        }
    )
    sent = client.post("/statements/none/sign/", **body, HTTP_HOST="petitions.example.org")
    # As multipart, 2,500 fields are more bytes than a form may have at all.
    assert sent.status_code == (413 if status == 400 and multipart else status)


@pytest.mark.django_db
def test_beside_an_upload_there_is_no_room_for_a_novel(client):
    sent = client.post("/statements/none/endorse/form/", form_of(1, 66_000), HTTP_HOST="petitions.example.org")
    assert sent.status_code == 413


@pytest.mark.django_db
def test_staff_write_long_texts_and_choose_hundreds_of_rows():
    carol = superuser("carol")
    chosen = {"action": "hold", "_selected_action": [str(number) for number in range(500)], "long": "x" * 200_000}
    sent = carol.post("/admin/petitions/signature/", chosen, HTTP_HOST="petitions.example.org")
    assert (sent.status_code, sent.context["title"]) == (200, "Hold for a look")


def test_browsers_find_the_icon_where_they_look_for_it(client):
    found = client.get("/favicon.ico", HTTP_HOST="petitions.example.org")
    assert (found.status_code, found["Location"]) == (301, "/static/img/icon.svg")


def test_public_pages_load_nothing_from_elsewhere_and_stand_in_no_frame():
    """To the letter: what compares the policy with itself notices nothing."""
    said = dict(part.split(" ", 1) for part in http.PUBLIC_CSP.split("; "))
    assert said == {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "script-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }


def test_a_public_page_is_the_same_for_everybody():
    answer = http.public(HttpResponse("words"))
    assert (dict(answer.cookies), answer.headers.get("Vary")) == ({}, None)
