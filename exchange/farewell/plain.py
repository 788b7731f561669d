"""A page as plain HTML that needs no server: without scripts and forms, its links relative to where it lies.

What leads to a page of the site that is not in the folder is only words afterwards; what leads elsewhere still does.
"""

import re
from collections.abc import Callable
from html import escape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

GONE = {"script", "form", "template", "iframe", "noscript", "dialog", "button"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
LOADS = {
    ("img", "src"),
    ("source", "src"),
    ("source", "srcset"),
    ("img", "srcset"),
    ("link", "href"),
    ("video", "poster"),
}
SHOWN = {"stylesheet", "icon"}  # what a <link> may load
_URL = re.compile(r"""url\((["']?)([^"')]+)\1\)""")

# What becomes of an address: another one, or nothing if it leads nowhere any more.
Leads = Callable[[str], str | None]


class _Page(HTMLParser):
    def __init__(self, leads: Leads, *, page: str, notice: str) -> None:
        super().__init__(convert_charrefs=False)
        self.leads, self.page, self.notice = leads, page, notice
        self.out: list[str] = []
        self.inside: list[str] = []  # of what is left out
        self.words: list[bool] = []  # for each <a>: whether it is only words

    def handle_decl(self, decl: str) -> None:
        self.out.append(f"<!{decl}>")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.inside or tag in GONE:
            if tag not in VOID:
                self.inside.append(tag)
            return
        kept = self._kept(tag, attrs)
        if tag == "a":
            self.words.append(kept is None)
        if kept is not None:
            said = "".join(f" {name}" if value is None else f' {name}="{escape(value)}"' for name, value in kept)
            self.out.append(f"<{tag}{said}>")
        if tag == "main":
            self.out.append(self.notice)

    def _kept(self, tag: str, attrs: list[tuple[str, str | None]]) -> list[tuple[str, str | None]] | None:
        given = dict(attrs)
        if tag == "link" and not SHOWN & set((given.get("rel") or "").split()):
            return None
        if tag == "input" or (
            tag == "meta" and ("http-equiv" in given or (given.get("property") or "").startswith("og:"))
        ):
            return None
        found: list[tuple[str, str | None]] = []
        for name, value in attrs:
            if tag == "a" and name == "href":
                led = self.leads(value or "")
                if led is None:
                    return None
                found.append((name, led))
            elif (tag, name) in LOADS:
                found.append((name, self._loaded(name, value or "")))
            elif not name.startswith(("on", "data-", "itemid")) and name not in {"ping", "integrity", "nonce"}:
                found.append((name, value))
        return found

    def _loaded(self, name: str, value: str) -> str:
        if name != "srcset":
            return self.leads(value) or ""
        sizes = [one.split() for one in value.split(",") if one.strip()]
        return ", ".join(" ".join([self.leads(address) or "", *size]) for address, *size in sizes)

    def handle_endtag(self, tag: str) -> None:
        if self.inside:
            if tag == self.inside[-1]:
                self.inside.pop()
        elif tag not in GONE and not (tag == "a" and self.words and self.words.pop()):
            self.out.append(f"</{tag}>")

    def _said(self, text: str) -> None:
        if not self.inside:
            self.out.append(text)

    def handle_data(self, data: str) -> None:
        self._said(data)

    def handle_entityref(self, name: str) -> None:
        self._said(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._said(f"&#{name};")


def page(html: str, *, at: str, leads: Leads, notice: str) -> str:
    """The HTML of the page at the address `at`, with `notice` (HTML) at the beginning of its main part."""
    parser = _Page(lambda address: _led(address, at, leads), page=at, notice=notice)
    parser.feed(html)
    parser.close()
    return "".join(parser.out)


def sheet(css: str, *, at: str, leads: Leads) -> str:
    """A style sheet, which names pictures and typefaces."""
    return _URL.sub(lambda found: f'url("{_led(found[2], at, leads) or ""}")', css)


def _led(address: str, at: str, leads: Leads) -> str | None:
    if address.startswith(("#", "data:", "mailto:", "tel:")):
        return address
    whole = urlsplit(urljoin(at, address))
    if whole.scheme not in {"http", "https"}:
        return None
    return leads(whole.geturl())
