"""What people are called: kept as they write it, less what would spoil the page for others. Source: SAFETY T15."""

import re
import unicodedata

_JOINERS = {"\u200c", "\u200d"}
_LONGEST_STACK = 4
_MOST_ACCENTS = 2
_WEB_ADDRESS = re.compile(
    r"://|\bwww\.|[\w-]\.[a-z]{2,}/|[\w-]\.(?:com|net|org|info|biz|xyz|online|site|shop|top|click|ru|cn|co\.uk)\b",
    re.IGNORECASE,
)


def has_control_characters(text: str) -> bool:
    """Whether `text` holds line breaks, tabs, NUL or the like (Unicode category Cc)."""
    return any(unicodedata.category(character) == "Cc" for character in text)


def has_web_address(text: str) -> bool:
    """Whether `text` holds something that people would take for a link."""
    return _WEB_ADDRESS.search(text) is not None


def has_letter(text: str) -> bool:
    """Whether `text` holds at least one letter of any script."""
    return any(character.isalpha() for character in text)


def tidy(text: str) -> str:
    """`text` in normal form C, single-spaced, without invisible characters that turn or hide others.

    Zero-width joiners stay, because Persian and Indic names need them. Accents piled on one letter are cut to two,
    and signs that build a syllable (Tibetan, Burmese, Thai) to four.
    """
    shown = "".join(
        character
        for character in unicodedata.normalize("NFC", text)
        if character in _JOINERS or unicodedata.category(character) != "Cf"
    )
    return " ".join(_unpile(shown).split())


def _unpile(text: str) -> str:
    kept: list[str] = []
    stack = accents = 0
    for character in text:
        if unicodedata.category(character) not in {"Mn", "Me"}:
            stack = accents = 0
        else:
            stack += 1
            accents += bool(unicodedata.combining(character)) or unicodedata.category(character) == "Me"
            if stack > _LONGEST_STACK or accents > _MOST_ACCENTS:
                continue
        kept.append(character)
    return "".join(kept)
