"""Whether an answer of the API is one that its description promises; conftest.py asks it of every one, in any test."""

import json
import re
from functools import lru_cache
from typing import Any

from django.http import HttpResponse
from jsonschema_rs import Draft202012Validator  # Python's own builds forty grammars as it is imported

from api.interface import description
from api.problems import MEDIA_TYPE

OF_EVERY_ADDRESS = {404, 405, 429, 401, 503, 500}


def operation(method: str, path: str) -> dict[str, Any] | None:
    """What the description says of this method there; None where it says nothing."""
    for template, methods in description()["paths"].items():
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
            found: dict[str, Any] | None = methods.get("get" if method == "HEAD" else method.lower())
            if found:
                return found
    return None


def check(method: str, path: str, answer: HttpResponse) -> None:
    """Fail unless status, type and body are as described."""
    said = operation(method, path)
    status, media = answer.status_code, answer.headers.get("Content-Type", "").partition(";")[0]
    if method == "OPTIONS":
        assert status in {204, 404}
        return
    if said is None:
        assert (status in OF_EVERY_ADDRESS, media) == (True, MEDIA_TYPE), (method, path, status)
        promised = {"$ref": "#/components/schemas/Problem"}
    else:
        assert str(status) in said["responses"], (method, path, status)
        content = said["responses"][str(status)].get("content")
        if content is None:
            assert answer.content == b""
            return
        assert media in content, (method, path, status, media)
        promised = content[media]["schema"]
    if method != "HEAD":
        body = json.loads(answer.content)
        _validator(json.dumps(promised)).validate(body)


@lru_cache
def _validator(promised: str) -> Draft202012Validator:
    whole = {**json.loads(promised), "components": description()["components"]}
    return Draft202012Validator(whole, validate_formats=True)
