"""The six pairs of typefaces that come along: one for headings and statements, one for everything else.

All are under the SIL Open Font License; `assets/fonts.py` cuts them to the scripts below and writes static/fonts/ with
their licences. A page asks for no more than the scripts that stand on it (`unicode-range`).
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Face:
    """A typeface: the name of its files, and how a system's own must be stretched so that nothing jumps as it comes.

    `adjust` is `size-adjust` in per cent of the fall-back, whose name is `local`.
    """

    file: str
    local: str
    adjust: float


@dataclass(frozen=True)
class Pair:
    """What the desk calls it, and its two faces."""

    name: Any
    serif: Face
    sans: Face


GEORGIA, ARIAL = "Georgia", "Arial"
NOTO = Face("noto-sans", ARIAL, 106.0)
INTER = Face("inter", ARIAL, 107.0)
PAIRS = {
    "literata": Pair(_("Literata and Noto Sans: a good book"), Face("literata", GEORGIA, 100.0), NOTO),
    "noto": Pair(_("Noto Serif and Noto Sans: plain and wide"), Face("noto-serif", GEORGIA, 105.0), NOTO),
    "letter": Pair(_("A text serif and Noto Sans: an old letter"), Face("source-serif-4", GEORGIA, 97.0), NOTO),
    "slab": Pair(
        _("Roboto Slab and Open Sans: a newspaper"), Face("roboto-slab", GEORGIA, 104.0),
        Face("open-sans", ARIAL, 105.0),
    ),
    "notice": Pair(_("Inter alone: a notice board"), INTER, INTER),
    "poster": Pair(_("Commissioner and Noto Sans: a poster"), Face("commissioner", ARIAL, 103.0), NOTO),
}  # fmt: skip
CHOICES = [("", _("What the reader’s device has: the fastest")), *((code, pair.name) for code, pair in PAIRS.items())]

# What each file of a typeface reaches; the same as `assets/fonts.py` cuts.
REACHES = {
    "latin": "U+20-7E,U+A0-FF,U+152-153,U+2010-2014,U+2018-201E,U+2022,U+2026,U+2039-203A,U+20AC,U+2212",
    "latin-ext": "U+100-151,U+154-17F,U+218-21B,U+1E9E",
    "greek": "U+384-3CE",
    "cyrillic": "U+400-45F,U+490-491,U+2116",
}
OTHER_REACHES = {
    "noto-naskh-arabic": "U+60C,U+61B,U+61F,U+621-652,U+660-66C,U+670,U+679,U+67E,U+686,U+688,U+691,U+695,U+698,"
    "U+6A9,U+6AF,U+6B5,U+6BA,U+6BE,U+6C1,U+6C3,U+6C6,U+6CC,U+6CE,U+6D2-6D5,U+6F0-6F9",
    "noto-serif-hebrew": "U+5B0-5C7,U+5D0-5EA,U+5F3-5F4",
    "noto-sans-devanagari": "U+900-97F",
}
FOLDER = Path(settings.BASE_DIR) / "static" / "fonts"


@cache
def files(face: str) -> list[tuple[str, str]]:
    """The files of a typeface below static/, each with the letters that it reaches."""
    found = ((f"{face}-{script}.woff2", reach) for script, reach in REACHES.items())
    return [(f"fonts/{name}", reach) for name, reach in found if (FOLDER / name).is_file()]


@cache
def other_files() -> list[tuple[str, str]]:
    """Those of scripts that one typeface writes for every pair."""
    found = ((f"{name}.woff2", reach) for name, reach in OTHER_REACHES.items())
    return [(f"fonts/{name}", reach) for name, reach in found if (FOLDER / name).is_file()]
