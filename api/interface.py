"""The API as a whole: its operations, what their errors become, and its description (OpenAPI 3.1)."""

import json
from functools import lru_cache
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.parser import Parser
from ninja.types import DictStrAny

from api import moderating, reading, writing  # noqa: F401 - which add their operations to the router
from api.callers import Bearer
from api.door import AWAY
from api.models import Scope
from api.problems import MEDIA_TYPE, Problem, Refused, of_pydantic
from core import identity
from core.making import Busy

VERSION = "1"
PREFIX = "api/v1/"
ABOUT = """Read what everybody may read here, without a token. With a token that an administrator of the site makes on
the desk: read names that signers show, ask people to confirm signatures, keep events and news, decide about what waits.

Every list is read page by page: follow `next`. Every error is a problem (RFC 9457) with a sentence that says how to
mend it. Times are RFC 3339."""
# Which problems may come of what; a token may always be wrong.
ALWAYS = (401, 404, 405, 422, 429, 500, 503)
WITH_TOKEN = (403,)
WITH_BODY = (400, 409, 410, 413, 415)
REPLAY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "What makes a repeat known: within a day the same key with the same body gets the same answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


class StrictParser(Parser):
    """Refuses what no database can hold: NUL, and halves of letters (RFC 8259, 8.2)."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        """The JSON of the body. Raises BadRequest."""
        found = super().parse_body(request)
        try:
            said = json.dumps(found, ensure_ascii=False, allow_nan=False)
            said.encode()
        except ValueError as error:
            raise BadRequest("The body has what no text or number can be.") from error
        if "\\u0000" in said:
            raise BadRequest("The body has what no text can be.")
        return found


api = NinjaAPI(
    title="Undersigned",
    version=VERSION,
    description=ABOUT,
    urls_namespace="api",
    docs_url=None,
    openapi_url=None,
    parser=StrictParser(),
)
api.add_router("", reading.router)


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """In its own words."""
    return error.response


@api.exception_handler(ValidationError)
def not_of_its_shape(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Each value with how to mend it."""
    return of_pydantic(error.errors).response


@api.exception_handler(HttpError)
def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What ninja itself refuses: a body that is no JSON."""
    return Refused(error.status_code, "The body is no JSON that can be read. Check it, and send it again.").response


@api.exception_handler(Http404)
def missing(request: HttpRequest, error: Exception) -> HttpResponse:
    """An address at which nothing is."""
    return Refused(
        404, "There is nothing here. GET /api/openapi.json lists what there is, and /api/ explains it."
    ).response


def _to_the_door(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    raise error


for _kind in (*AWAY, Busy):
    api.add_exception_handler(_kind, _to_the_door)  # which answers 503, and undoes what was begun


class Described(OpenAPISchema):
    """Says of each operation which scope it needs, too."""

    def operation_details(self, operation: Operation) -> DictStrAny:
        """As ninja has it."""
        said = super().operation_details(operation)
        for one in operation.auth_callbacks:
            if isinstance(one, Bearer):
                said["x-scope"] = str(one.scope)
        return said


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """What there is, as OpenAPI 3.1 has it."""
    found: dict[str, Any] = json.loads(json.dumps(Described(api, PREFIX)))
    found["servers"] = [{"url": identity.origin()}]
    found["components"]["schemas"]["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    found["components"]["schemas"] |= found["components"]["schemas"]["Problem"].pop("$defs", {})
    for methods in found["paths"].values():
        for operation in methods.values():
            _complete(operation)
    return found


def _complete(operation: dict[str, Any]) -> None:
    """Add the problems that may come, and the key for repeats."""
    scope, has_body = operation.get("x-scope", ""), "requestBody" in operation
    statuses = {*ALWAYS, *(WITH_TOKEN if scope else (410,)), *(WITH_BODY if has_body else ())}
    if scope:
        operation["security"] = [{"Bearer": [scope]}]
    if not scope or scope == Scope.NAMES_READ:
        operation["responses"]["304"] = {"description": "As you have it: the ETag is the same."}
    if has_body:
        operation["parameters"].append(REPLAY_KEY)
    for status in sorted(statuses):
        operation["responses"][str(status)] = {
            "description": _PROBLEMS[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }


_PROBLEMS = {
    400: "The body is no JSON, or the Idempotency-Key is none.",
    401: "No token, or one that does not work (any more).",
    403: "The token, or its owner, may not do this.",
    404: "There is none of this name or number.",
    405: "This method does nothing here.",
    409: "It can't be done as things stand, or the same request is under way.",
    410: "The statement was taken off the site.",
    413: "The body is too large.",
    415: "The body is not sent as JSON.",
    422: "Values that can't be taken, each with how to mend it; or a key that came with another request.",
    429: "Too many in this minute; Retry-After says when to come back.",
    500: "A mistake of ours, which is logged. Nothing was done.",
    503: "Our database is away or very many ask; Retry-After says when to come back.",
}
