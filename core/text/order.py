"""The order of lists from A to Z, as readers of a language expect it, in a column that any PostgreSQL can index.

A key is made of the weights of the Unicode Collation Algorithm (UTS 10, by `pyuca` and Unicode's own table), one
character for each weight, so that comparing keys by their code points (the collation "C") is comparing names. Letters
that stand elsewhere in a language, such as å after z in Swedish, are moved as CLDR has them (TAILORED).
docs/decisions/0032 tells why it is not left to the database.
"""

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

import regex
from django.conf import settings

if TYPE_CHECKING:
    from pyuca.collator import BaseCollator

LONGEST = 600  # characters of a key; 2,700 bytes fit into an index
PRIMARY, SECONDARY = 0, 1

# By language: after which letter others stand, each with its variants, which differ from it as an accent does. `i=İ`:
# the second is the first one's capital. Source: CLDR, common/collation, the standard order of each language.
TAILORED = {
    "az": "c ç; e ə; g ğ; h x; h ı; i=İ; k q; o ö; s ş; u ü",
    "bs": "c č ć; d dž đ; l lj; n nj; s š; z ž",
    "cs": "c č; h ch; r ř; s š; z ž",
    "cy": "c ch; d dd; f ff; g ng; l ll; p ph; r rh; t th",
    "da": "y/ü; z æ/ä ø/ö/ő å/aa",
    "eo": "c ĉ; g ĝ; h ĥ; j ĵ; s ŝ; u ŭ",
    "es": "n ñ",
    "et": "s š z ž; w õ ä ö ü",
    "fi": "d/đ; y/ü; z å ä/æ ö/ø",
    "gl": "n ñ",
    "hr": "c č ć; d dž đ; l lj; n nj; s š; z ž",
    "hu": "c cs; d dz dzs; g gy; l ly; n ny; o ö/ő; s sz; t ty; u ü/ű; z zs",
    "is": "a á; d/đ ð; e é; i í; o ó; u ú; y ý; z þ æ/ä ö/ø å",
    "lt": "c č; i/į/y; s š; z ž",
    "lv": "c č; g ģ; i/y; k ķ; l ļ; n ņ; r ŗ; s š; z ž",
    "nb": "y/ü; z æ/ä ø/ö/ő å/aa",
    "nn": "y/ü; z æ/ä ø/ö/ő å/aa",
    "no": "y/ü; z æ/ä ø/ö/ő å/aa",
    "pl": "a ą; c ć; e ę; l ł; n ń; o ó; s ś; z ź ż",
    "ro": "a ă â; i î; s ș/ş; t ț/ţ",
    "sk": "a ä; c č; h ch; o ô; s š; z ž",
    "sl": "c č ć; d đ; s š; z ž",
    "sq": "c ç; d dh; e ë; g gj; l ll; n nj; r rr; s sh; t th; x xh; z zh",
    "sv": "d/đ; y/ü; z å ä/æ ö/ø",
    "tr": "c ç; g ğ; h ı; i=İ; o ö; s ş; u ü",
    "vi": "a ă â; d đ; e ê; o ô ơ; u ư",
}

# What a list does not begin by, where its readers do not: the site's names are mixed of these two.
ARTICLES = {"en": "the|a|an|y|yr", "cy": "the|a|an|y|yr"}
_SIGNS = regex.compile(r"[\p{P}\p{S}]+")
_AFTER = 0xFFF0  # beyond the weight of every letter, so that it stands after all that begins with the one before it

Elements = list[list[int]]


def key(name: str, language: str = "") -> str:
    """What sorts `name` where readers of `language` (the site's, if none is given) look for it.

    Without an article that begins it and without signs, unless there is nothing else; 1 to LONGEST characters.
    """
    tag = (language or settings.LANGUAGE_CODE).partition("-")[0].lower()
    plain = " ".join(_SIGNS.sub("", name).split()) or name
    if articles := ARTICLES.get(tag):
        plain = regex.sub(rf"^({articles}) (?=\S)", "", plain, flags=regex.IGNORECASE)
    elements = _collator(tag).collation_elements(unicodedata.normalize("NFD", plain))
    levels = ([one[level] for one in elements if len(one) > level and one[level]] for level in (PRIMARY, SECONDARY))
    return "\x01".join("".join(map(_character, weights)) for weights in levels)[:LONGEST]


def _character(weight: int) -> str:
    """One for each weight, in their order, past controls and surrogates."""
    code = weight + 0x20
    return chr(code if code < 0xD800 else code + 0x800)


@lru_cache(maxsize=4)
def _collator(language: str) -> "BaseCollator":
    from pyuca import Collator  # noqa: PLC0415 - a third of a second and 13 MB, which few processes need

    collator = Collator()
    for rule in filter(None, TAILORED.get(language, "").split("; ")):
        _tailor(collator, rule)
    return collator


def _tailor(collator: "BaseCollator", rule: str) -> None:
    if "=" in rule:
        small, capital = rule.split("=")
        _put(collator, capital, _weights(collator, small))
        return
    first, *others = (letters.split("/") for letters in rule.split(" "))
    base = _weights(collator, first[0])
    for place, (letter, *variants) in enumerate([first, *others]):
        after = [[_AFTER + place, 0x20, 0x02]] if place else []
        if place:
            _put_both(collator, letter, base + after)
        for number, variant in enumerate(variants, 1):
            _put_both(collator, variant, [*base, *after, [0, 0x20 + number, 0x02]])


def _weights(collator: "BaseCollator", letter: str) -> Elements:
    return list(collator.collation_elements(unicodedata.normalize("NFD", letter)))


def _put_both(collator: "BaseCollator", letter: str, elements: Elements) -> None:
    for written in {letter, letter.upper(), letter.capitalize()}:
        _put(collator, written, elements)


def _put(collator: "BaseCollator", written: str, elements: Elements) -> None:
    collator.table.add([ord(one) for one in unicodedata.normalize("NFD", written)], elements)
