"""Oddities in names. None is refused: an odd name is held for a look, with the actual reason."""

from functools import lru_cache

import regex

from core.text.tidying import name as tidy

__all__ = [
    "LINK",
    "MIXED",
    "NO_LETTER",
    "PILED",
    "looks_like_a_link",
    "mixes_alphabets",
    "oddities",
    "tidy",
]

# Codes that a form's flags and the column `signals` hold; submissions/traps.py has their words.
LINK, NO_LETTER, MIXED, PILED = "link", "no_letter", "mixed", "piled"

_LETTER = regex.compile(r"[\p{L}\p{N}]")
_WORD = regex.compile(r"(?V1)[\p{L}\p{M}]{2,}")
# Alphabets with whole letters that pass for one another's (UTS 39, 4: confusables between Latin, Greek and Cyrillic and
# those derived from them). Words of other scripts stand beside Latin letters in honest names: シャツXL, ร้านABC.
_OTHERS = ("Greek", "Cyrillic", "Armenian", "Cherokee", "Coptic", "Lisu")
_ALIKE = [regex.compile(rf"\p{{{script}}}") for script in ("Latin", *_OTHERS)]
_LIKE_LATIN = regex.compile("[" + "".join(rf"\p{{{script}}}" for script in _OTHERS) + "]")
# Three and more of the accents that go on any letter: no language writes so.
_PILED = regex.compile(r"(?V1)[\p{Inherited}&&[\p{Mn}\p{Me}]--\p{Default_Ignorable_Code_Point}]{3,}")
_SURELY_A_LINK = regex.compile(r"//|\bwww\.|[\w-]+\.\p{L}{2,}/|[\w.+-]@[\w-]+\.\p{L}{2,}", regex.IGNORECASE)
# `M.Sc` and `St.Pierre` are none: three letters before the dot at least, and a top-level domain behind it.
_MAYBE_A_LINK = regex.compile(r"[\w-]{3,}\.(\p{L}{2,})(?![\w.])", regex.IGNORECASE)


def oddities(name: str, *, of_a_person: bool = True) -> set[str]:
    """Codes of the oddities in a stored name; organisations may be called 350.org."""
    found = set()
    if not (name[:1].isalpha() or _LETTER.search(name)):
        found.add(NO_LETTER)
    if looks_like_a_link(name, of_a_person=of_a_person):
        found.add(LINK)
    if not name.isascii():
        found |= {code for code, is_so in ((MIXED, mixes_alphabets(name)), (PILED, bool(_PILED.search(name)))) if is_so}
    return found


def looks_like_a_link(text: str, *, of_a_person: bool = True) -> bool:
    """Whether a reader would take it for a web address; a bare domain counts in the name of a person only."""
    if "." not in text and "/" not in text:
        return False
    if _SURELY_A_LINK.search(text):
        return True
    return of_a_person and any(found[1].lower() in _top_level_domains() for found in _MAYBE_A_LINK.finditer(text))


def mixes_alphabets(text: str) -> bool:
    """Whether one word has letters of two alphabets that look alike, such as a Cyrillic а in a Latin name (UTS 39)."""
    words = _WORD.findall(text) if not text.isascii() and _LIKE_LATIN.search(text) else []
    return any(sum(alphabet.search(word) is not None for alphabet in _ALIKE) > 1 for word in words)


@lru_cache(maxsize=1)
def _top_level_domains() -> frozenset[str]:
    """All there are, by the Public Suffix List that the package ships; it is large, and few names need it."""
    import tldextract  # noqa: PLC0415

    return frozenset(tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None).tlds)
