"""Tidying text for storage: separators become spaces, marks that scripts need stay, invisible characters go.

Which letters are which is Unicode's own data: general category, Default_Ignorable_Code_Point, Line_Break, scripts
(UAX 44), and the syntax of emoji (UTS 51). Nothing that a reader sees is deleted but marks piled higher than any script
piles them; nothing is ever refused here. Tidying again changes nothing.
"""

import unicodedata
from collections.abc import Callable

import regex

REPLACEMENT = "\ufffd"  # stands for what is no character: half a surrogate pair, a noncharacter (Unicode 23.8)
MOST_ACCENTS = 4  # Hebrew has the most: dagesh, vowel, meteg and cantillation on one letter
LONGEST_STACK = 8  # Tibetan piles letters upon letters

# One emoji (UTS 51, 1.4.9); flags of regions are spelt with invisible tags, of which no others are let through.
_ONE = r"""(?:\p{RI}\p{RI}
    |\U0001F3F4[\U000E0030-\U000E0039\U000E0061-\U000E007A]{3,6}\U000E007F
    |[\p{Extended_Pictographic}\p{EMod}](?:\p{EMod}|\uFE0F\u20E3?|\uFE0E)?
    |[0-9\#*]\uFE0F?\u20E3)"""
_EMOJI = rf"{_ONE}(?:\u200D{_ONE})*"
# What may need mending: what is no letter, mark, number, sign or plain space, what is not shown, and blanks that do not
# say so (Braille's, and where an object stood).
_ODD = r"[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800\uFFFC--[\ ]]"
_PILE = r"\p{M}{3,}"

_NEEDS_A_LOOK = regex.compile(rf"(?V1){_ODD}|{_PILE}")
_PIECES = regex.compile(rf"(?V1x)(?<emoji>{_EMOJI})|(?<odd>{_ODD})")
_PILED = regex.compile(rf"(?V1){_PILE}")
_BREAKS = regex.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")
_MANY_SPACES = regex.compile(r" +([\u00a0\u202f]) *|([\u00a0\u202f]) +|  +")
_BLANK_LINES = regex.compile(r"\n{3,}")
_SPACES = " \u00a0\u202f"

# By what stands before (and after) it an invisible letter is told to be needed or not.
_RIGHT_TO_LEFT = regex.compile(r"[\p{bc=R}\p{bc=AL}]")
_JOINING = regex.compile(
    r"(?V1)[\p{L}\p{M}--[\p{Lu}\p{Ll}\p{Lt}\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Hebrew}\p{Common}\p{Inherited}]]"
)
_WITHOUT_SPACES = regex.compile(r"\p{LB=SA}")  # Thai, Lao, Khmer, Burmese: words are parted by what nobody sees
_MONGOLIAN, _KHMER, _HANGUL, _OGHAM, _BRAILLE, _HAN, _SHORTHAND = (
    regex.compile(rf"(?V1)[\p{{{script}}}--\p{{Default_Ignorable_Code_Point}}]")
    for script in ("Mongolian", "Khmer", "Hangul", "Ogham", "Braille", "Han", "Duployan")
)
_MARK = regex.compile(r"\p{M}")
_VARIED = regex.compile(r"(?V1)[\p{L}\p{N}\p{S}\p{P}--\p{Default_Ignorable_Code_Point}]")
_SEEN_FORMAT = regex.compile(r"(?V1)[\p{Cf}--[\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]]")
_NO_CHARACTER = regex.compile(r"[\p{Cs}\p{Noncharacter_Code_Point}]")
_OBJECTS = {"\ufffc": " ", "\u2800": " ", "\u3164": " ", "\uffa0": " ", "\u115f": " ", "\u1160": " ", "\uf0b7": "•"}


def line(text: str) -> str:
    """One line in normal form C, with single spaces; no-break spaces stay, as French and Mongolian need them."""
    return _in_one_line(text, keep="\u00a0\u202f")


def name(text: str) -> str:
    """The name of a person or organisation, which has plain spaces only."""
    return _in_one_line(text, keep="")


def prose(text: str) -> str:
    """Several lines, each tidied as a `line`, with at most one blank line between two others."""
    lines = _BREAKS.sub("\n", text).split("\n") if not text.isascii() or not text.isprintable() else [text]
    return _BLANK_LINES.sub("\n\n", "\n".join(map(line, lines))).strip("\n")


def marked_up(html: str) -> str:
    """HTML in normal form C without characters that no page, feed or document may hold. Spaces are left alone."""
    if html.isascii() and html.isprintable():
        return html
    lines = _BREAKS.sub("\n", html).split("\n")
    return "\n".join(each if _is_plain(each) else _stable(each, keep="\u00a0\u202f") for each in lines)


def link(text: str) -> str:
    """A web address as people paste it: without a scheme, or in angle brackets."""
    shown = name(text).removeprefix("<").removesuffix(">").strip()
    if not shown or "://" in shown[:12] or shown.lower().startswith(("mailto:", "javascript:", "data:")):
        scheme, colon, rest = shown.partition("://")
        return f"{scheme.lower()}{colon}{rest}" if colon else shown
    return f"https://{shown.removeprefix('//')}"


def slug(text: str) -> str:
    """The last part of a page's address, in small letters."""
    return name(text).lower()


def _in_one_line(text: str, keep: str) -> str:
    if not _is_plain(text):
        text = _stable(text, keep)
    elif "  " not in text and text[:1] != " " and text[-1:] != " ":
        return text
    return _MANY_SPACES.sub(_one_space, text).strip(_SPACES)


def _is_plain(text: str) -> bool:
    """Whether nothing needs a look. This is asked of every name, and most answers come from CPython's own tables."""
    if text.isascii():
        return text.isprintable()
    return text.isprintable() and unicodedata.is_normalized("NFC", text) and not _NEEDS_A_LOOK.search(text)


def _one_space(found: "regex.Match[str]") -> str:
    return found[1] or found[2] or " "


def _stable(text: str, keep: str) -> str:
    """What was between two letters may have kept them from being joined: mended until nothing changes."""
    while (mended := _mended(text, keep)) != text:
        text = mended
    return text


def _mended(text: str, keep: str) -> str:
    composed = unicodedata.normalize("NFC", _NO_CHARACTER.sub(REPLACEMENT, text))
    is_right_to_left = _RIGHT_TO_LEFT.search(composed) is not None

    def mend(found: "regex.Match[str]") -> str:
        if found["emoji"]:
            return found[0]
        before = found.string[found.start() - 1 : found.start()]
        return _instead(found[0], before, found.string[found.end() : found.end() + 1], keep, is_right_to_left)

    return unicodedata.normalize("NFC", _PILED.sub(_unpiled, _PIECES.sub(mend, composed)))


def _instead(odd: str, before: str, after: str, keep: str, is_right_to_left: bool) -> str:
    """What an unusual character between its neighbours becomes: itself where a script needs it, a space, or ""."""
    if odd in "\u200e\u200f\u061c":
        return odd if is_right_to_left else ""
    if odd in _NEEDED:
        return odd if _NEEDED[odd](before, after) else _OBJECTS.get(odd, "")
    if odd in _OBJECTS:
        return _OBJECTS[odd]
    category = unicodedata.category(odd)
    if category in {"Zs", "Zl", "Zp", "Cc"}:
        return odd if odd in keep or (odd == "\u202f" and _MONGOLIAN.match(before)) else " "
    if _is_variation(odd):
        return odd if _varies(odd, before) else ""
    is_shown = category in {"Co", "Cn"} and not regex.match(r"\p{Default_Ignorable_Code_Point}", odd)
    return odd if is_shown or _SEEN_FORMAT.match(odd) else ""


def _is_variation(odd: str) -> bool:
    return "\ufe00" <= odd <= "\ufe0f" or "\U000e0100" <= odd <= "\U000e01ef"


def _varies(selector: str, before: str) -> bool:
    """Whether a variation selector follows what can be varied; the picture of an emoji has been looked at before."""
    if selector >= "\U000e0100":
        return _HAN.match(before) is not None
    return selector < "\ufe0e" and _VARIED.match(before) is not None


def _follows(*before: "regex.Pattern[str]") -> Callable[[str, str], bool]:
    return lambda one, _: any(pattern.match(one) for pattern in before)


def _between(pattern: "regex.Pattern[str]") -> Callable[[str, str], bool]:
    return lambda one, other: bool(pattern.match(one) and pattern.match(other))


def _beside(pattern: "regex.Pattern[str]") -> Callable[[str, str], bool]:
    return lambda one, other: bool(pattern.match(one) or pattern.match(other))


_NEEDED: dict[str, Callable[[str, str], bool]] = {
    "\u200c": _follows(_JOINING),  # zero-width non-joiner: Persian, Indic scripts
    "\u200d": _follows(_JOINING),  # zero-width joiner: the same; in emoji it has been looked at before
    "\u200b": _between(_WITHOUT_SPACES),
    "\u034f": _between(_MARK),  # combining grapheme joiner: Hebrew with vowels
    "\u1680": _between(_OGHAM),
    "\u2800": _beside(_BRAILLE),
    "\u115f": _beside(_HANGUL),
    "\u1160": _beside(_HANGUL),
    "\u180e": _follows(_MONGOLIAN),
    **dict.fromkeys("\u180b\u180c\u180d\u180f", _follows(_MONGOLIAN)),
    **dict.fromkeys("\u17b4\u17b5", _follows(_KHMER)),
    **dict.fromkeys("\U0001bca0\U0001bca1\U0001bca2\U0001bca3", _follows(_SHORTHAND)),
}


def _unpiled(found: "regex.Match[str]") -> str:
    kept: list[str] = []
    accents = 0
    for mark in found[0]:
        accents += bool(unicodedata.combining(mark)) or unicodedata.category(mark) == "Me"
        if len(kept) < LONGEST_STACK and accents <= MOST_ACCENTS:
            kept.append(mark)
    return "".join(kept)
