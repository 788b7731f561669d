"""A publisher's look as one small stylesheet: its accent, worked out for both themes, and its typefaces.

The address says all that the sheet is made of, `/look/<accent>-<pair>-<hash>.css`, so no node needs to have kept it: a
page that was kept with an old hash still finds its file, made of the same accent and pair. Contrast is the WCAG's
(2.2: 1.4.3, 1.4.11); a colour that can't be read is moved until it can, and the desk says so.
"""

import colorsys
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from core.identity import ACCENT
from core.speed import links
from publishers import typefaces
from publishers.typefaces import Face

LEAST = 4.5
# What the accent stands on in each theme, the one that is harder to read on first (assets/scss/_tokens.scss).
GROUNDS = {"light": ("#fbfaf7", "#ffffff"), "dark": ("#1f2125", "#16171a")}
ON_ACCENT = {"light": "#ffffff", "dark": "#16171a"}
# The rest of the dark theme, for a preview that doesn't wait for the evening.
DARK = {
    "paper": "#16171a", "surface": "#1f2125", "ink": "#ece7dd", "muted": "#b5aea2", "hair": "#3a3c42",
    "track": "#2c2e33", "mark": "#5a4512", "link": "#9cc3f5", "focus": "#9cc3f5", "field": "#8d877c",
    "ok": "#8fd3ac", "err": "#ffa8a0",
}  # fmt: skip
LIGHT = {
    "paper": "#fbfaf7", "surface": "#ffffff", "ink": "#1c1a17", "muted": "#5c564d", "hair": "#d9d3c7",
    "track": "#e8e2d6", "mark": "#fbe3ad", "link": "#1d4e89", "focus": "#1d4e89", "field": "#6b655c",
    "ok": "#1d5c3a", "err": "#b00020",
}  # fmt: skip
# The accent in the dark of a publisher that chose none: what the house's own sheet says.
HOUSE_DARK = "#ff9aa5"


@dataclass(frozen=True)
class Accent:
    """One accent in one theme: itself, a stronger one under the pointer, and what is written on it."""

    theme: str
    colour: str
    hover: str
    on: str

    @property
    def contrast(self) -> float:
        """As text where it is hardest to read, or as a ground for what is written on it."""
        return least_contrast(self.colour, self.theme)


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, 0 to 1 (WCAG 2.2)."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in channels]
    return sum(weight * x for weight, x in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def least_contrast(colour: str, theme: str) -> float:
    """Of the colour as text on each ground of the theme, and of what is written on it."""
    return min(contrast(colour, other) for other in (*GROUNDS[theme], ON_ACCENT[theme]))


def _moved(colour: str, theme: str, by: float) -> str:
    """Darker for the light theme and lighter for the dark one, in its own hue; `by` is a part of all lightness."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    lightness = max(0.0, min(1.0, lightness + (by if theme == "dark" else -by)))
    return "#" + "".join(f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue, lightness, saturation))


@lru_cache(maxsize=64)
def accent(colour: str, theme: str) -> Accent:
    """The accent `#rrggbb` in a theme, light or dark: as it is, or moved as little as makes it readable."""
    if colour == ACCENT and theme == "dark":
        colour = HOUSE_DARK
    steps = (_moved(colour, theme, step / 100) for step in range(101))
    found = next(shade for shade in steps if least_contrast(shade, theme) >= LEAST)
    return Accent(theme, found, _moved(found, theme, 0.08), ON_ACCENT[theme])


def _rules(said: Accent) -> str:
    return f"--u-accent:{said.colour};--u-accent-hover:{said.hover};--u-on-accent:{said.on}"


@lru_cache(maxsize=64)
def sheet(colour: str, pair: str, only: str = "") -> str:
    """The stylesheet; `only` is a theme, light or dark, that it shows whatever the reader's device says."""
    light, dark = accent(colour, "light"), accent(colour, "dark")
    faces, families = _typefaces(pair)
    if only:
        tokens = "".join(f";--u-{name}:{value}" for name, value in (DARK if only == "dark" else LIGHT).items())
        said = dark if only == "dark" else light
        return f"{faces}:root:root{{{_rules(said)}{tokens}{families};color-scheme:{only}}}"
    return (
        f"{faces}:root{{{_rules(light)}{families}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{_rules(dark)}}}}}"
        "@media print{:root{--u-accent:#000}}"
    )


def _typefaces(pair: str) -> tuple[str, str]:
    """The @font-face rules of a pair, and the tokens that name its families."""
    found = typefaces.PAIRS.get(pair)
    if found is None:
        return "", ""
    faces = {face.file: face for face in (found.serif, found.sans)}
    rules = "".join(_face(face) for face in faces.values()) + _other_scripts()
    families = f";--u-serif:{_family(found.serif)},serif;--u-sans:{_family(found.sans)},sans-serif"
    return rules, families


def _family(face: Face) -> str:
    return f'"U {face.file}","U other","U {face.file} local"'


def _face(face: Face) -> str:
    rules = [
        f'@font-face{{font-family:"U {face.file}";font-weight:400 700;font-display:swap;'
        f'src:url({links.file(path)}) format("woff2");unicode-range:{reach}}}'
        for path, reach in typefaces.files(face.file)
    ]
    local = f'@font-face{{font-family:"U {face.file} local";src:local("{face.local}");size-adjust:{face.adjust:g}%}}'
    return "".join(rules) + local


def _other_scripts() -> str:
    return "".join(
        f'@font-face{{font-family:"U other";font-weight:400 700;font-display:swap;'
        f'src:url({links.file(path)}) format("woff2");unicode-range:{reach}}}'
        for path, reach in typefaces.other_files()
    )


def digest(colour: str, pair: str) -> str:
    """Eight hexadecimal digits of what the sheet says."""
    return hashlib.sha256(sheet(colour, pair).encode()).hexdigest()[:8]


def path(colour: str, pair: str) -> str:
    """Where the sheet stands; nowhere for who keeps the house's own look, whose sheet says it all."""
    if colour == ACCENT and not pair:
        return ""
    return links.path("look", f"{colour[1:]}-{pair or 'own'}-{digest(colour, pair)}")


def path_in(colour: str, pair: str, theme: str) -> str:
    """Where the sheet for previews stands, which shows one theme whatever the reader's device says."""
    return links.path("look", f"{colour[1:]}-{pair or 'own'}-{digest(colour, pair)}-{theme}")


def read_colour(typed: str) -> str:
    """The colour that somebody typed, as `#rrggbb`: `#9b1c2e`, `9b1`, `teal`, `rgb(0, 128, 128)`. Raises ValueError."""
    from PIL import ImageColor  # noqa: PLC0415 - 5 MB that only the desk needs

    text = typed.strip().lower()
    if re.fullmatch(r"[0-9a-f]{3}|[0-9a-f]{6}", text):
        text = f"#{text}"
    red, green, blue = ImageColor.getrgb(text)[:3]
    return f"#{red:02x}{green:02x}{blue:02x}"
