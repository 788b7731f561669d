"""Paper: PDF files that a screen reader can read, made from templates/*.typ with Typst (docs/decisions/0012).

What people wrote reaches a template as JSON, never as markup, so `#`, `$` and `*` are letters like any others.
"""

import base64
import json
import re
import subprocess
import sys
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from django.conf import settings

from core import identity, richtext, typesetting
from core.making import made_once

FONTS = settings.BASE_DIR / "core" / "fonts"
TEMPLATES = settings.BASE_DIR / "templates"
SCRIPT = Path(typesetting.__file__)
LONGEST_SECONDS = 120
# A word in these scripts that is longer than any line has places where it may be broken.
_LONG_WORD = re.compile(r"[0-9A-Za-z_\u00c0-\u052f]{25,}")
_HASH = re.compile(r"[0-9a-f]{64}")  # is copied as it stands
_SOFT_HYPHEN = "\u00ad"


def pdf(template: str, data: dict[str, Any]) -> bytes:
    """The tagged PDF that `templates/<template>` makes of `data`, which has a `title` and a `language` at least.

    Letters that our fonts lack are drawn with the machine's. The file meets PDF/UA-1, unless no font at all has one
    of its letters: then it has the same tags and does not claim to.
    Made once of the same words (core/making.py). Raises Busy, and typst.TypstError if the template is wrong.
    """
    asked = _asked(template, data)
    of = ((TEMPLATES / template).read_bytes(), asked["inputs"])
    return made_once("pdf", of=of, make=lambda: typesetting.pdf(**asked))


def pdf_apart(template: str, data: dict[str, Any]) -> bytes:
    """The same for a long paper that is kept nowhere else: set in a process of its own, which ends with it.

    Raises RuntimeError with what Typst says.
    """
    command = [sys.executable, "-I", str(SCRIPT)]
    asked = json.dumps(_asked(template, data)).encode()
    done = subprocess.run(command, input=asked, capture_output=True, timeout=LONGEST_SECONDS, check=False)  # noqa: S603  all of it is ours
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace")[-500:])
    return base64.b64decode(done.stdout)


def _asked(template: str, data: dict[str, Any]) -> dict[str, Any]:
    who = identity.publisher()
    said = {"author": who.name, "accent": who.accent, "dir": "ltr", **data}
    inputs = {"data": json.dumps(said, ensure_ascii=False)}
    return {"template": str(TEMPLATES / template), "root": str(TEMPLATES), "fonts": str(FONTS), "inputs": inputs}


def breakable(text: str) -> str:
    """`text` with soft hyphens in words of 25 letters or more, which would run over the edge; none in a SHA-256."""
    return _LONG_WORD.sub(_broken, text)


def _broken(word: re.Match[str]) -> str:
    return word[0] if _HASH.fullmatch(word[0]) else _SOFT_HYPHEN.join(re.findall(".{1,10}", word[0]))


def direction(text: str) -> str:
    """`rtl` or `ltr`, as the first letter that has a direction goes (UAX 9, P2 and P3); like HTML's dir=auto."""
    ways = (unicodedata.bidirectional(letter) for letter in text)
    return "rtl" if next((way for way in ways if way in {"L", "R", "AL"}), "L") != "L" else "ltr"


class _Tree(HTMLParser):
    """Collects clean HTML as nodes `{"tag": …, "inside": […]}`; text is a node's string."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[dict[str, Any]] = [{"tag": "", "inside": []}]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = {"tag": tag, "inside": []}
        self.open[-1]["inside"].append(node)
        if tag != "br":
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1]["tag"] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1]["inside"].append(breakable(data))


def tree(html: str) -> list[dict[str, Any] | str]:
    """Rich text as nodes for a template: tags of the allow-list and the text between them."""
    parser = _Tree()
    parser.feed(richtext.clean_html(html))
    parser.close()
    nodes = parser.open[0]["inside"]
    _lift_headings(nodes)
    return nodes


def _lift_headings(nodes: list[dict[str, Any] | str]) -> None:
    """An h3 that follows no h2 becomes one: PDF/UA-1 allows no level to be left out."""
    for node in nodes:
        if isinstance(node, str) or node["tag"] not in {"h2", "h3"}:
            continue
        if node["tag"] == "h2":
            return
        node["tag"] = "h2"
