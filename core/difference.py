"""What changed between two texts, word by word, for eyes and for screen readers."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from html.parser import HTMLParser
from itertools import groupby, takewhile
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from core.richtext import clean_html

CONTAINERS = {"ul", "ol", "li", "blockquote"}
LEAVES = {"p", "h2", "h3"}
MARKS = {"strong", "em", "a"}
# Two blocks are versions of one another when they share this part of their words.
ALIKE = 0.4
# … and stand no further apart than this many blocks.
LOOK_AHEAD = 40

_PUNCTUATION = '.,;:!?()[]"“”‘«»،؛؟…'
_CHUNK = re.compile(rf"([{re.escape(_PUNCTUATION)}]*)(.*?)([{re.escape(_PUNCTUATION)}]*)\Z", re.DOTALL)
_SPACE = re.compile(r"(\s+)")

Mark = tuple[str, str]


@dataclass(frozen=True)
class Word:
    """A word or a run of punctuation, and how it is set. Two are the same whatever space stands before them."""

    text: str
    marks: tuple[Mark, ...]
    spaced: bool = field(compare=False)


@dataclass
class Block:
    """A paragraph, heading or list item's text, and the lists and quotations it stands in, outermost first."""

    path: tuple[tuple[str, Any], ...]
    leaf: str
    words: list[Word] = field(default_factory=list)

    @property
    def shape(self) -> tuple[str, ...]:
        """The kinds of everything around the words."""
        return (*(tag for tag, _ in self.path), self.leaf)


class _Reader(HTMLParser):
    """Turns cleaned rich text into blocks of words."""

    def __init__(self, side: str) -> None:
        super().__init__(convert_charrefs=True)
        self.side = side
        self.blocks: list[Block] = []
        self.path: list[tuple[str, Any]] = []
        self.marks: list[Mark] = []
        self.current: Block | None = None
        self.opened = 0
        self.spaced = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in CONTAINERS:
            self.opened += 1
            self.path.append((tag, (self.side, self.opened)))
            self.current = None
        elif tag in LEAVES:
            self._start(tag)
        elif tag == "br":
            self._block().words.append(Word("\n", (), False))
        elif tag in MARKS:
            self.marks.append((tag, dict(attrs).get("href") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in CONTAINERS:
            self.path.pop()
        elif tag in MARKS:
            self.marks.pop()
        if tag in CONTAINERS | LEAVES:
            self.current = None

    def handle_data(self, data: str) -> None:
        if self.current is None and not data.strip():
            return
        for chunk in filter(None, _SPACE.split(data)):
            if chunk.isspace():
                self.spaced = True
            else:
                self._say(chunk)

    def _say(self, chunk: str) -> None:
        block = self._block()
        for part in filter(None, _CHUNK.findall(chunk)[0]):
            block.words.append(Word(part, tuple(self.marks), self.spaced))
            self.spaced = False

    def _start(self, leaf: str) -> Block:
        self.current, self.spaced = Block(tuple(self.path), leaf), False
        self.blocks.append(self.current)
        return self.current

    def _block(self) -> Block:
        return self.current or self._start("" if self.path else "p")


def _read(html: str, side: str) -> list[Block]:
    reader = _Reader(side)
    reader.feed(clean_html(html))
    reader.close()
    return [block for block in reader.blocks if block.words]


def difference(old: str, new: str) -> SafeString:
    """`new` with what was taken from `old` in <del> and what was put in in <ins>; both are rich text.

    Every tag in the result is written here and every text escaped, whatever the arguments hold. Paragraphs, headings,
    lists and quotations stay what they are. Blocks are paired first, then words within a pair, so that a text of
    5,000 words takes well under a second.
    """
    pairs = list(_pair(_read(old, "old"), _read(new, "new")))
    same = _same_containers(pairs)
    return mark_safe("".join(_nest((_path(pair, same), _render(*pair)) for pair in pairs)))


def difference_of_lines(old: str, new: str) -> SafeString:
    """As `difference`, for plain text of one line, such as a title; no paragraph is put around it."""
    words = [[word for block in _read(f"<p>{escape(text)}</p>", "") for word in block.words] for text in (old, new)]
    return mark_safe(_words(*words))


Pair = tuple[Block | None, Block | None]


def _pair(old: list[Block], new: list[Block]) -> Iterator[Pair]:
    left, right = ([(block.shape, tuple(block.words)) for block in side] for side in (old, new))
    for kind, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        yield from zip(old[a:b], new[c:d], strict=True) if kind == "equal" else _pair_alike(old[a:b], new[c:d])


def _pair_alike(old: list[Block], new: list[Block]) -> Iterator[Pair]:
    """Pair each new block, in order, with the next old one that is much the same; the others are gone or new."""
    left, right = [Counter(block.words) for block in old], [Counter(block.words) for block in new]
    a = b = 0
    for d, block in enumerate(new):
        near = range(a, min(a + LOOK_AHEAD, len(old)))
        c = next((at for at in near if old[at].shape == block.shape and _alike(left[at], right[d])), None)
        if c is not None:
            yield from _unpaired(old[a:c], new[b:d])
            yield old[c], block
            a, b = c + 1, d + 1
    yield from _unpaired(old[a:], new[b:])


def _unpaired(gone: list[Block], come: list[Block]) -> Iterator[Pair]:
    yield from ((block, None) for block in gone)
    yield from ((None, block) for block in come)


def _alike(one: Counter[Word], two: Counter[Word]) -> bool:
    return 2 * (one & two).total() >= ALIKE * (one.total() + two.total())


def _same_containers(pairs: list[Pair]) -> dict[Any, Any]:
    """Which list of the old text is which list of the new one: those in which paired blocks stand."""
    return {
        was: now for old, new in pairs if old and new for (_, was), (_, now) in zip(old.path, new.path, strict=True)
    }


def _path(pair: Pair, same: dict[Any, Any]) -> tuple[tuple[str, Any], ...]:
    old, new = pair
    if new:
        return new.path
    return tuple((tag, same.get(key, key)) for tag, key in (old.path if old else ()))


def _nest(blocks: Iterator[tuple[tuple[tuple[str, Any], ...], str]]) -> Iterator[str]:
    """Open and close the lists and quotations around the blocks."""
    opened: tuple[tuple[str, Any], ...] = ()
    for path, html in blocks:
        shared = len(list(takewhile(lambda two: two[0] == two[1], zip(opened, path, strict=False))))
        yield "".join(f"</{tag}>" for tag, _ in reversed(opened[shared:]))
        yield "".join(f"<{tag}>" for tag, _ in path[shared:])
        yield html
        opened = path
    yield "".join(f"</{tag}>" for tag, _ in reversed(opened))


def _render(old: Block | None, new: Block | None) -> str:
    block = new or old
    leaf = block.leaf if block else ""
    html = _words(old.words if old else [], new.words if new else [])
    return f"<{leaf}>{html}</{leaf}>" if leaf else html


def _words(old: list[Word], new: list[Word]) -> str:
    parts: list[str] = []
    for kind, a, b, c, d in _changes(old, new):
        gone, come = old[a:b], new[c:d]
        if (gone and come and gone[0].spaced) or (kind == "replace" and come[0].text.isalnum()):
            # Words that stood apart in either text stand apart here.
            come = [replace(come[0], spaced=True), *come[1:]]
        parts += [_set(come)] if kind == "equal" else [_changed("del", "removed", gone), _changed("ins", "added", come)]
    return "".join(parts).strip()


def _changes(old: list[Word], new: list[Word]) -> list[list[Any]]:
    """The differences of two lists of words; one lonely word that stayed does not break a change in two."""
    merged: list[list[Any]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        lonely = len(merged) > 1 and merged[-1][0] == "equal" and merged[-1][2] - merged[-1][1] == 1
        if kind != "equal" and lonely:
            merged.pop()
            merged[-1] = ["replace", merged[-1][1], b, merged[-1][3], d]
        else:
            merged.append([kind, a, b, c, d])
    return merged


def _changed(tag: str, says: str, words: list[Word]) -> str:
    if not words:
        return ""
    space = " " if words[0].spaced else ""
    return f'{space}<{tag}><span class="visually-hidden"> {says}: </span>{_set(words).strip()}</{tag}>'


def _set(words: list[Word]) -> str:
    """The words as HTML, in the marks they are set in; the space before the first one stands outside of them."""
    return "".join(_run(marks, list(run)) for marks, run in groupby(words, key=lambda word: word.marks))


def _run(marks: tuple[Mark, ...], words: list[Word]) -> str:
    first, *rest = words
    html = _text(first) + "".join((" " if word.spaced else "") + _text(word) for word in rest)
    for tag, href in reversed(marks):
        link = f' href="{escape(href)}" rel="noopener nofollow"' if tag == "a" and href else ""
        html = f"<{tag}{link}>{html}</{tag}>"
    return (" " if first.spaced else "") + html


def _text(word: Word) -> str:
    return "<br>" if word.text == "\n" else escape(word.text)
