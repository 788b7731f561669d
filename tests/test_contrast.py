"""Every pair of colours that meets on a page, in both themes, worked out from the tokens (WCAG 2.2: 1.4.3, 1.4.11)."""

import re

import pytest

from local.environment import ROOT

TOKENS = (ROOT / "assets" / "scss" / "_tokens.scss").read_text()
CSS = (ROOT / "static" / "css" / "undersigned.css").read_text()

TEXT = [
    *((ink, ground) for ink in ("ink", "muted", "link", "err", "ok") for ground in ("paper", "surface")),
    ("ink", "track"),
    ("paper", "ink"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
]
# What is not text: edges of fields, rings, the bar, the button against what it stands on.
SHAPES = [
    *(
        (shape, ground)
        for shape in ("field", "focus", "accent", "err", "ok", "link")
        for ground in ("paper", "surface")
    ),
    ("accent", "track"),
]


def colours(source):
    """Every `--u-name: #rgb` of `source`, as name and six digits."""
    found = re.findall(r"--u-([a-z-]+):\s*#([0-9a-f]{3,6})\b", source)
    return {name: "#" + (digits if len(digits) == 6 else "".join(2 * x for x in digits)) for name, digits in found}


light_source, dark_source = TOKENS.split("@media (prefers-color-scheme: dark)")
LIGHT = colours(light_source)
DARK = {**LIGHT, **colours(dark_source)}


def luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in channels]
    return sum(weight * x for weight, x in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def too_close(theme, pairs, least):
    found = {pair: contrast(theme[pair[0]], theme[pair[1]]) for pair in pairs}
    return {pair: round(ratio, 2) for pair, ratio in found.items() if ratio < least}


def test_the_sum_is_right():
    """The two ends of the scale, and a value that the WCAG's own examples give."""
    assert [round(contrast(*pair), 2) for pair in (("#000000", "#ffffff"), ("#777777", "#ffffff"))] == [21.0, 4.48]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read(theme):
    assert too_close(theme, TEXT, 4.5) == {}


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_shapes_can_be_seen(theme):
    assert too_close(theme, SHAPES, 3.0) == {}


def test_each_colour_is_told_for_both_themes():
    assert colours(dark_source).keys() == LIGHT.keys()


def test_what_is_served_was_built_from_these_tokens():
    blocks = [colours(block) for block in re.findall(r"\{(--u-paper:[^}]*)\}", CSS)]
    assert blocks[:2] == [LIGHT, colours(dark_source)]


def test_the_sheet_points_nowhere():
    """No map beside it, nothing from elsewhere, and small enough for a slow line."""
    assert re.findall(r"sourceMappingURL|https?://(?!www\.w3\.org/)|@import|@font-face", CSS) == []
