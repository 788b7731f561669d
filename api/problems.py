"""What a program reads when something can't be done: problem details (RFC 9457), with how to mend it."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from ninja import Field, Schema

from core.http import no_store

MEDIA_TYPE = "application/problem+json"


class FieldError(Schema):
    """What is wrong with one value."""

    field: str = Field(description="Which value: `email`, or `limit` of the address.")
    code: str = Field(description="The same in one word, for programs.")
    detail: str = Field(description="How to mend it.")


class Problem(Schema):
    """Why it was not done, and how to mend that (RFC 9457)."""

    type: str = Field(description="`about:blank`: the status says it.")
    title: str = Field(description="What the status means.")
    status: int
    detail: str = Field(description="What to do, in a sentence.")
    errors: list[FieldError] = Field(default=[], description="With 422: each value that can't be taken.")


class Refused(Exception):
    """What was asked for is not done."""

    def __init__(
        self, status: int, detail: str, *, errors: Iterable[FieldError] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail = status, str(detail)
        self.errors, self.headers = list(errors), dict(headers or {})

    @property
    def response(self) -> HttpResponse:
        """As a program reads it."""
        said = Problem(
            type="about:blank",
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            detail=self.detail,
            errors=self.errors,
        )
        leaves = set() if self.errors else {"errors"}
        body = said.model_dump_json(exclude=leaves)
        return no_store(HttpResponse(body, status=self.status, content_type=MEDIA_TYPE, headers=self.headers))


CHECK_THEM = "Some values can't be taken: `errors` says which, and how to mend them."


def invalid(errors: Iterable[FieldError]) -> Refused:
    """422 for values that can't be taken."""
    return Refused(422, CHECK_THEM, errors=errors)


def of_model(error: ValidationError) -> Refused:
    """422 for what Django's own validation refused."""
    told = error.error_dict if hasattr(error, "error_dict") else {"__all__": error.error_list}
    return of_fields(told)


def of_fields(told: Mapping[str, Iterable[ValidationError]]) -> Refused:
    """422 for errors as forms and models have them, by field."""
    return invalid(
        FieldError(field="" if name == "__all__" else name, code=one.code or "invalid", detail=" ".join(one.messages))
        for name, errors in told.items()
        for one in errors
    )


_SENTENCES = {
    "less_than_equal": "At most {le}. Ask for the rest with the address in `next`.",
    "greater_than_equal": "At least {ge}.",
    "missing": "This is needed.",
    "int_parsing": "Write a whole number.",
    "extra_forbidden": "Nobody knows this. The schema lists what can be sent.",
}


def of_pydantic(errors: Iterable[Mapping[str, Any]]) -> Refused:
    """422 for values that do not have the shape which the schema says."""
    return invalid(map(_field_error, errors))


def _field_error(error: Mapping[str, Any]) -> FieldError:
    sentence = _SENTENCES.get(error["type"], str(error["msg"]))
    path = [str(part) for part in error["loc"][1:]]
    # Ninja names the argument of the function first, where one model is the whole body.
    name = ".".join(path[1:] if error["loc"][0] == "body" and len(path) > 1 else path)
    return FieldError(field=name, code=str(error["type"]), detail=sentence.format(**error.get("ctx", {})))
