"""From the HTML of another site to the plain text of our comments: quotations and lists stay what they are.

comments/text.py draws such text: `>` begins a quotation, a number with a full stop an item of a list.
"""

import re
from html.parser import HTMLParser

_BLOCKS = {"p", "div", "section", "article", "h1", "h2", "h3", "h4", "h5", "h6", "table", "tr", "pre", "address",
           "figure", "figcaption", "dl", "dt", "dd", "header", "footer"}  # fmt: skip
_SILENT = {"script", "style", "head", "title", "noscript", "template", "iframe", "object", "svg"}
_BLANK = re.compile(r"\n{3,}")


class _Reader(HTMLParser):
    """Writes lines as it reads; each open quotation and list adds what stands before them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.quotes = 0
        self.lists: list[int | None] = []  # the next number, or None for dots
        self.silent = 0
        self.link = ""
        self.linked = 0

    def _break(self, *, blank: bool = False) -> None:
        if self.lines[-1].strip("> "):
            self.lines.append("> " * self.quotes)
        if blank and len(self.lines) > 1 and self.lines[-2].strip("> "):
            self.lines.insert(-1, ("> " * self.quotes).rstrip())

    def _begin(self) -> None:
        self.lines[-1] = "> " * self.quotes

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        elif tag == "br":
            self.lines.append("> " * self.quotes)
        elif tag == "blockquote":
            self._break(blank=True)
            self.quotes += 1
            self._begin()
        elif tag in {"ol", "ul"}:
            self._break()
            self.lists.append(1 if tag == "ol" else None)
        elif tag == "li":
            self._item()
        elif tag in _BLOCKS:
            self._break(blank=not self.lists)
        elif tag == "a":
            self.link, self.linked = dict(attrs).get("href") or "", len(self.lines[-1])

    def _item(self) -> None:
        self._break()
        number = self.lists[-1] if self.lists else None
        self.lines[-1] = "> " * self.quotes + ("- " if number is None else f"{number}. ")
        if number is not None:
            self.lists[-1] = number + 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag == "blockquote":
            self._break()
            self.quotes = max(0, self.quotes - 1)
            self._begin()
            while len(self.lines) > 1 and not self.lines[-2].strip("> "):
                del self.lines[-2]  # blank lines of the quotation that ends
            self._break(blank=True)
        elif tag in {"ol", "ul"} and self.lists:
            self.lists.pop()
            self._break(blank=not self.lists)
        elif tag in _BLOCKS:
            self._break(blank=not self.lists)
        elif tag == "a" and self.link.startswith(("http://", "https://")):
            if self.link not in self.lines[-1][self.linked :]:
                self.lines[-1] += f" ({self.link})"
            self.link = ""

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        first, *others = data.replace("\r\n", "\n").split("\n")
        self._write(first)
        for line in others:
            self.lines.append("> " * self.quotes)
            self._write(line)

    def _write(self, text: str) -> None:
        # A sign of ours at the beginning of a line that the writer meant as words stays what they wrote.
        self.lines[-1] += text if self.lines[-1].strip("> ") else text.lstrip()


def text(html: str) -> str:
    """The plain text of `html`: paragraphs with blank lines between, `> ` before what is quoted, `1. ` and `- ` before
    items, the address of a link behind its words. What is not shown on a page (scripts, styles) goes."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return _BLANK.sub("\n\n", "\n".join(line.rstrip() for line in reader.lines)).strip("\n")


def paragraphs(html: str) -> str:
    """The HTML of a post with its paragraphs marked, which WordPress does only as it shows it (`wpautop`)."""
    without = re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)
    if re.search(r"<p[\s>]", without, re.IGNORECASE):
        return without
    parts = re.split(r"\n\s*\n", without.replace("\r\n", "\n").strip())
    return "".join(_paragraph(part.strip()) for part in parts if part.strip())


def _paragraph(part: str) -> str:
    if re.match(r"<(?:ul|ol|blockquote|h[1-6]|table|pre|div|hr)\b", part, re.IGNORECASE):
        return part
    return f"<p>{part.replace(chr(10), '<br>')}</p>"
