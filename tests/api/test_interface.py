"""The description of the API: whatever fits it, and much that does not, gets an answer that it promises."""

import json
import re

import pytest
import schemathesis
from django.db import connection
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.interface import description
from tests.api.conftest import Program, new_token
from tests.factories import (
    CommentFactory,
    EndorsementFactory,
    EventFactory,
    SignatureFactory,
    StatementFactory,
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
PER_OPERATION = 4
pytestmark = pytest.mark.django_db


def test_every_operation_says_what_it_is_for_and_may_be_refused():
    said = description()
    assert (said["openapi"], len(said["paths"])) == ("3.1.0", 20)
    for path, methods in said["paths"].items():
        for method, operation in methods.items():
            assert {"401", "404", "405", "422", "429", "500", "503"} <= set(operation["responses"]), (path, method)
            assert bool(operation["summary"] and operation["description"] and operation["tags"]), (path, method)
            assert ("security" in operation) == ("403" in operation["responses"])
            has_key = any(one["name"] == "Idempotency-Key" for one in operation["parameters"])
            assert has_key == ("requestBody" in operation)


def test_it_is_served_to_everybody_with_a_tag(client):
    answer = client.get("/api/openapi.json")
    assert (answer.status_code, answer.json()) == (200, description())
    again = client.get("/api/openapi.json", headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, answer["Access-Control-Allow-Origin"]) == (304, "*")


def test_the_page_for_people_names_all_of_it_and_needs_nobody_else(client):
    page = client.get("/api/").text
    named = set(re.findall(r"<code>(?:GET|POST|PATCH) (/api/v1/[^<]*)</code>", page))
    assert named == set(description()["paths"])
    assert [value for value in ("names:read", "Idempotency-Key", "email_updates", "429") if value not in page] == []
    assert (re.findall(r"<script|\sstyle=|\son\w+=", page), "limit" in page) == ([], True)
    assert ("`" in page, "follow <code>next</code>" in page) == (False, True)


@pytest.fixture
def known(owner):
    """A program with a token for everything, and what stands for names and numbers in addresses."""
    statement = StatementFactory(slug="known")
    event = EventFactory(statement=statement, slug="known")
    numbers = {
        "comments": CommentFactory(statement=statement, state="waiting").pk,
        "endorsements": EndorsementFactory(statement=statement).pk,
        "signatures": SignatureFactory(statement=statement, state="held").pk,
    }
    return {"program": Program(new_token(owner)), "slug": event.slug, "numbers": numbers}


@pytest.mark.whole
def test_whatever_is_sent_gets_an_answer_that_was_promised(settings_of_limits, known):
    """Fuzzed by Schemathesis: half of the calls fit the description, half do not; seeded, so that each run is alike."""
    schema = schemathesis.openapi.from_dict(description())
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == sum(map(len, description()["paths"].values()))
    seen: dict[str, set[int]] = {}
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        for operation in operations:
            _try(operation, mode, known, seen.setdefault(operation.label, set()))
    unread = [label for label, statuses in seen.items() if label.startswith("GET") and 200 not in statuses]
    assert unread == []


def _try(operation, mode, known, statuses) -> None:
    @seed(20261201)
    @settings(
        max_examples=PER_OPERATION,
        phases=[Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        statuses.add(_ask(case, mode, known))

    ask()


def _ask(case, mode, known) -> int:
    """Send one call through Django, and hold its answer against what was promised."""
    if mode is GenerationMode.POSITIVE:
        place = case.operation.path.split("/")[3]
        right = {"slug": known["slug"], "news": "known", "pk": known["numbers"].get(place, 1)}
        case.path_parameters = {name: right[name] for name in case.path_parameters or {}}
    sent = case.as_transport_kwargs(base_url="http://testserver")
    answer = known["program"].generic(
        case.method,
        sent["url"].removeprefix("http://testserver"),
        json.dumps(sent["json"]) if "json" in sent else sent.get("data") or b"",
        content_type="application/json" if case.method in {"POST", "PATCH"} else "",
        headers={name: value for name, value in sent["headers"].items() if name == "Idempotency-Key"},
        query_params=sent.get("params"),
    )
    assert answer.status_code < 500 or answer.status_code == 503
    return answer.status_code


@pytest.fixture
def settings_of_limits(settings):
    """Nobody fuzzes that slowly; and on a busy machine thinking takes longer than a visitor may idle."""
    settings.API_TOKEN_PER_MINUTE = 100_000
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
