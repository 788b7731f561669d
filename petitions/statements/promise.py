"""The promise: title, addressee and text, signed as one and covered by one hash."""

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from petitions.statements.models import Version

# The fields of a version that are promised, in the order in which they are hashed.
PARTS = ("title", "addressed_to", "body")


def words(version: "Version") -> dict[str, str]:
    """The three parts of what people sign, by the names of their fields."""
    return {part: getattr(version, part) for part in PARTS}


def fingerprint(*, title: str, addressed_to: str, body: str) -> str:
    """The SHA-256 of a promise as it is stored, 64 hexadecimal digits.

    What is hashed is the JSON array `[title, addressed_to, body]` in UTF-8: three strings, no spaces between them, and
    only those characters escaped that must be (RFC 8259 7), as `JSON.stringify` of ECMA-262 does it. No two promises
    are written alike, for the quotes say where each part ends. docs/verifying.md tells everybody how to check it.
    """
    written = json.dumps([title, addressed_to, body], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()
