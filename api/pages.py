"""The description of the API, for programs and for people."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from api.interface import description
from api.models import Scope
from api.problems import Refused
from core.http import public
from core.speed import kept


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """What there is (OpenAPI 3.1)."""
    text = json.dumps(description(), ensure_ascii=False, indent=1)
    response = public(kept.give(request, text, content_type="application/json"))
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@dataclass(frozen=True)
class Value:
    """One thing that is sent or said: what it is called, what it may be, what it means."""

    name: str
    kind: str
    words: SafeString
    is_needed: bool


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked."""

    key: str
    method: str
    path: str
    title: str
    words: SafeString
    scope: str
    parameters: list[Value]
    body: list[Value]
    answer: list[Value]
    statuses: list[tuple[str, SafeString]]


@dataclass(frozen=True)
class Group:
    """What belongs together."""

    name: str
    operations: list[Operation]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The same for people, drawn from the description."""
    found = description()
    about = [drawn(words) for words in found["info"]["description"].split("\n\n")]
    context = {"about": about, "groups": groups(found), "scopes": Scope.choices}
    return public(render(request, "api/index.jinja", context))


def drawn(words: str) -> SafeString:
    """Words of the description, which may be CommonMark (OpenAPI 3.1, 4.8); ours mark nothing but code."""
    plain, *rest = words.split("`")
    pairs = zip(rest[::2], rest[1::2], strict=False)
    return format_html("{}{}", plain, format_html_join("", "<code>{}</code>{}", pairs))


def groups(found: dict[str, Any]) -> list[Group]:
    """All operations, in groups as they are tagged."""
    schemas = found["components"]["schemas"]
    grouped: dict[str, list[Operation]] = {}
    for path, methods in found["paths"].items():
        for method, said in methods.items():
            grouped.setdefault(said["tags"][0], []).append(_operation(path, method, said, schemas))
    return [Group(name, operations) for name, operations in grouped.items()]


def _operation(path: str, method: str, said: dict[str, Any], schemas: dict[str, Any]) -> Operation:
    done = next(answer for status, answer in said["responses"].items() if status.startswith("2"))
    return Operation(
        key=said["operationId"],
        method=method.upper(),
        path=path,
        title=said["summary"],
        words=drawn(said.get("description", "")),
        scope=said.get("x-scope", ""),
        parameters=[
            Value(one["name"], _kind(one["schema"]), drawn(one.get("description", "")), one["required"])
            for one in said["parameters"]
        ],
        body=_values(said.get("requestBody", {}), schemas),
        answer=_values(done, schemas),
        statuses=[(status, drawn(answer["description"])) for status, answer in sorted(said["responses"].items())],
    )


def _values(carrier: dict[str, Any], schemas: dict[str, Any]) -> list[Value]:
    """What a body or an answer is made of; of a page, what one item is made of."""
    for media in carrier.get("content", {}).values():
        shape = _resolved(media["schema"], schemas)
        data = shape["properties"].get("data")
        if data:
            shape = _resolved(data["items"], schemas)
        needed = shape.get("required", [])
        return [
            Value(name, _kind(one), drawn(one.get("description", "")), name in needed)
            for name, one in shape["properties"].items()
        ]
    return []


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return found


def _kind(schema: dict[str, Any]) -> str:
    """What a value may be, in a few words."""
    if "anyOf" in schema:
        return " or ".join(map(_kind, schema["anyOf"]))
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2].lower()
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    return str(schema.get("format") or schema.get("type", "any"))


def nothing(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """404 for an address at which nothing is."""
    words = "There is nothing here. GET /api/openapi.json lists what there is, and /api/ explains it."
    raise Refused(404, words)
