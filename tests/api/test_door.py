"""What every request to the API goes through: tokens, limits, sizes, methods, and errors that say how to mend them."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from api import tokens
from api.models import Token
from api.problems import MEDIA_TYPE
from tests.api.conftest import Program, new_token

pytestmark = pytest.mark.django_db


def problem(answer) -> tuple[int, str]:
    """Status and sentence of a problem, which is well formed."""
    said = answer.json()
    assert answer["Content-Type"] == MEDIA_TYPE
    assert (said["type"], said["status"], bool(said["title"])) == ("about:blank", answer.status_code, True)
    assert answer["Cache-Control"] == "no-store"
    return answer.status_code, said["detail"]


@pytest.mark.parametrize("path", ["nothing", "statements/", "statements/a/b", "statements/%00", "comments/x/decision"])
def test_an_address_at_which_nothing_is(anybody, path):
    assert problem(anybody.read(path)) == (
        404,
        "There is nothing here. GET /api/openapi.json lists what there is, and /api/ explains it.",
    )


def test_a_method_that_does_nothing_there(anybody, program, statement):
    for method, path, allowed in [
        ("DELETE", "statements", "GET, HEAD, OPTIONS"),
        ("PUT", f"statements/{statement.slug}/signatures", "OPTIONS, POST"),
        ("POST", "statements", "GET, HEAD, OPTIONS"),
    ]:
        answer = program.send(path, {}, method=method)
        assert (answer.status_code, answer["Allow"]) == (405, allowed)
        assert problem(answer)[1] == f"{method} does nothing here. What does: {allowed}."
    assert problem(anybody.read(f"statements/{statement.slug}/signatures"))[0] == 405


def test_other_sites_may_read_and_not_send(anybody, statement):
    answer = anybody.options("/api/v1/statements")
    told = {name: answer[name] for name in ("Allow", "Access-Control-Allow-Origin", "Access-Control-Allow-Methods")}
    assert (answer.status_code, told) == (
        204,
        {
            "Allow": "GET, HEAD, OPTIONS",
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": "GET, HEAD",
        },
    )
    assert not answer.has_header("Access-Control-Allow-Headers")
    form = anybody.post(f"/api/v1/statements/{statement.slug}/signatures", {"name": "a"})
    assert problem(form) == (415, "Send JSON, and say so: `Content-Type: application/json`.")


def test_a_name_that_none_can_have(anybody):
    for slug in ("%00", "a'b", "%E2%80%8B", "x" * 300):
        assert problem(anybody.read(f"statements/{slug}"))[0] in {404, 422}


@pytest.mark.parametrize("body", ["{", "[" * 5000, "\x00", "[1]", '"x"', "null", '{"name": "\\u0000"}', "NaN"])
def test_a_body_that_cannot_be_read(program, statement, body):
    answer = program.send(f"statements/{statement.slug}/signatures", body)
    assert problem(answer)[0] in {400, 422}


def test_a_body_that_is_too_large(program, statement):
    answer = program.send(f"statements/{statement.slug}/signatures", {"name": "x" * 70_000})
    assert problem(answer) == (413, "That is too much at once: at most 64 KB.")


def test_half_a_letter_is_no_text(program, statement):
    body = '{"title": "\\ud800", "starts_at": "2027-03-01T18:00:00Z"}'
    assert problem(program.send(f"statements/{statement.slug}/events", body))[0] == 400


def test_tokens_that_do_not_work_say_why(owner, statement):
    address = f"/api/v1/statements/{statement.slug}/names"
    expired, revoked = (new_token(owner) for _ in range(2))
    Token.objects.filter(digest=tokens._digest(expired)).update(
        made_at=timezone.now() - timedelta(days=2), expires_at=timezone.now() - timedelta(days=1)
    )
    tokens.revoke(token=tokens.find(revoked), reason="lost")
    said = {
        name: problem(Program().get(address, headers={"Authorization": header} if header else {}))
        for name, header in {
            "none": "",
            "unknown": "Bearer us_wrong",
            "basic": "Basic YWRhOng=",
            "expired": f"Bearer {expired}",
            "revoked": f"Bearer {revoked}",
        }.items()
    }
    assert {name: (status, words.partition(".")[0]) for name, (status, words) in said.items()} == {
        "none": (401, "This needs a token: send it as `Authorization: Bearer us_…`"),
        "unknown": (401, "This token is unknown"),
        "basic": (401, "This token is unknown"),
        "expired": (401, "This token has expired"),
        "revoked": (401, "This token was revoked"),
    }
    assert Program("us_wrong").get(address)["WWW-Authenticate"] == "Bearer"


def test_a_cookie_says_nothing_here(admin_client, statement):
    answer = admin_client.get(f"/api/v1/statements/{statement.slug}/names")
    assert (answer.status_code, answer.cookies) == (401, {})


def test_too_many_are_told_when_to_come_back(anybody, program, settings):
    settings.API_NETWORK_PER_MINUTE, settings.API_TOKEN_PER_MINUTE = 2, 3
    statuses = [anybody.read("events").status_code for _ in range(3)]
    answer = anybody.read("events")
    assert statuses.count(429) >= 1 or answer.status_code == 429
    assert problem(answer)[1].startswith("That is more than 2 requests in a minute. Come back in ")
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert [program.read("events").status_code for _ in range(4)] == [200, 200, 200, 429]
    elsewhere = anybody.get("/api/v1/events", REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 200


def test_a_wrong_token_is_counted_with_its_network(settings):
    settings.API_NETWORK_PER_MINUTE = 2
    assert [Program(f"us_{n}").read("events").status_code for n in range(3)] == [401, 401, 429]


def test_use_is_noted_to_the_hour(program):
    assert Token.objects.get().last_used_at is None
    program.read("events")
    first = Token.objects.get().last_used_at
    program.read("events")
    assert (first is not None, Token.objects.get().last_used_at) == (True, first)
    Token.objects.update(last_used_at=first - timedelta(hours=2))
    program.read("events")
    assert Token.objects.get().last_used_at >= first


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_database_that_is_away_is_503(program, statement, monkeypatch, method):
    def away(*args, **kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr("django.db.models.query.QuerySet.filter", away)
    answer = program.send(f"statements/{statement.slug}/events", {"title": "a"}, method=method)
    assert (problem(answer)[0], answer["Retry-After"]) == (503, "10")


def test_a_mistake_of_ours_is_a_problem_too(anybody, monkeypatch, statement):
    def wrong(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("api.reading.said", wrong)
    anybody.raise_request_exception = False
    assert problem(anybody.read("statements")) == (
        500,
        "This is a mistake of ours, and it is logged. Nothing was done.",
    )
