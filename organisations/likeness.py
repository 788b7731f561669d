"""When two names are the same to a reader's eye: case, look-alike letters, small words, a letter more or less."""

import re
import unicodedata
from difflib import SequenceMatcher

# Letters of other alphabets, and digits, that pass for Latin ones; `i` stands for the upright stroke, so for `l` too.
# Source: Unicode TR39 confusables, the common part.
_LOOK_ALIKE = str.maketrans(
    dict(zip("аеорсухіѕјԁԛԝһвкмнтг", "aeopcyxisjdqwhbkmhtr", strict=True))
    | dict(zip("αορτικυχβηεγν", "aoptikuxbneyv", strict=True))
    | dict(zip("01|ıɑɡ", "oiiiag", strict=True))
)
_PLAIN = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "l": "i"})
_SMALL = {"the", "of", "and", "in", "for", "a", "an", "uk", "itd", "iimited"}
_ALIKE = 0.84


def fold(text: str) -> str:
    """`text` in small letters without accents, in compatibility form (NFKC, Unicode TR15)."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


def key(name: str) -> str:
    """What two spellings of one name share: look-alike letters made one, no punctuation, no small words."""
    words = re.findall(r"\w+", fold(name).replace("’", "").replace("'", "").replace("&", " ").translate(_LOOK_ALIKE))
    plain = [word.translate(_PLAIN) for word in words]
    return " ".join([word for word in plain if word not in _SMALL] or plain)[:240]


def alike(one: str, other: str) -> bool:
    """Whether two keys are so near that a reader may take them for one another."""
    if one == other or sorted(one.split()) == sorted(other.split()):
        return True
    near = SequenceMatcher(None, one.replace(" ", ""), other.replace(" ", ""))
    return near.real_quick_ratio() >= _ALIKE and near.quick_ratio() >= _ALIKE and near.ratio() >= _ALIKE
