"""A publisher's colours can be read in both themes, and its sheet stands where its address says."""

import colorsys
import re

import pytest
from django.test import Client

from core.identity import ACCENT
from local.environment import ROOT
from publishers import look, typefaces
from tests.test_contrast import DARK, LIGHT, contrast

EVERY_COLOUR = [
    "#" + "".join(f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue / 12, light / 4, full))
    for hue in range(12)
    for light in range(5)
    for full in (0.0, 0.5, 1.0)
]
MOST_BYTES = 45 * 1024
MOST_OF_OTHERS = 100 * 1024


def test_the_tokens_are_those_of_the_sheet():
    for theme, tokens, grounds in (("light", LIGHT, look.LIGHT), ("dark", DARK, look.DARK)):
        assert grounds == {name: tokens[name] for name in grounds}
        assert set(look.GROUNDS[theme]) == {tokens["paper"], tokens["surface"]}
    assert (LIGHT["accent"], DARK["accent"]) == (ACCENT, look.HOUSE_DARK)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_any_accent_ends_readable(theme):
    tokens = {"light": LIGHT, "dark": DARK}[theme]
    for colour in EVERY_COLOUR:
        said = look.accent(colour, theme)
        pairs = [(said.colour, tokens["paper"]), (said.colour, tokens["surface"]), (said.on, said.colour)]
        assert min(contrast(*pair) for pair in pairs) >= 4.5, colour
        assert contrast(said.on, said.hover) >= 4.5, colour


def test_what_can_be_read_stays_as_it_is():
    assert [look.accent(ACCENT, theme).colour for theme in ("light", "dark")] == [ACCENT, look.HOUSE_DARK]
    assert look.accent("#8fd3ac", "dark").colour == "#8fd3ac"
    assert look.accent("#8fd3ac", "light").colour != "#8fd3ac"


@pytest.mark.parametrize(
    ("typed", "read"),
    [("#9B1C2E", "#9b1c2e"), ("9b1", "#99bb11"), (" teal ", "#008080"), ("rgb(0, 128, 128)", "#008080")],
)
def test_colours_are_read_as_people_write_them(typed, read):
    assert look.read_colour(typed) == read


def test_what_is_no_colour_is_refused():
    for typed in ("blurple", "#12", "", "url(x)"):
        with pytest.raises(ValueError, match=r"."):
            look.read_colour(typed)


def test_the_houses_own_look_needs_no_sheet():
    assert look.path(ACCENT, "") == ""


def test_a_sheet_is_kept_for_ever_and_an_old_hash_still_finds_it():
    path = look.path("#005f73", "noto")
    answer = Client().get(path)
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer.content.decode() == look.sheet("#005f73", "noto")
    assert "Set-Cookie" not in answer
    old = Client().get(re.sub(r"-[0-9a-f]{8}\.css", "-00000000.css", path))
    assert (old.status_code, old.content) == (200, answer.content)
    assert "immutable" not in old["Cache-Control"]


@pytest.mark.django_db
def test_what_is_no_sheet_is_404():
    for name in ("005f73-comic-00000000", "005f73-noto-0", "x", "005f7-own-00000000"):
        assert Client().get(f"/look/{name}.css").status_code == 404, name


def test_each_pair_is_light_and_its_files_and_licences_are_there():
    folder = ROOT / "static" / "fonts"
    for code, pair in typefaces.PAIRS.items():
        faces = {pair.serif.file, pair.sans.file}
        for face in faces:
            assert (folder / f"{face}.OFL.txt").is_file()
            assert [path for path, _ in typefaces.files(face)] == [
                f"fonts/{face}-{script}.woff2" for script in typefaces.REACHES
            ]
        weight = sum((folder / f"{face}-latin.woff2").stat().st_size for face in faces)
        assert weight <= MOST_BYTES, code
    for name in typefaces.OTHER_REACHES:
        assert (folder / f"{name}.OFL.txt").is_file()
        assert (folder / f"{name}.woff2").stat().st_size <= MOST_OF_OTHERS


def test_the_files_reach_what_the_sheet_says():
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - only here

    for face in sorted({face.file for pair in typefaces.PAIRS.values() for face in (pair.serif, pair.sans)}):
        for script, reach in typefaces.REACHES.items():
            with TTFont(ROOT / "static" / "fonts" / f"{face}-{script}.woff2", lazy=True) as font:
                letters = set(font.getBestCmap()) - {0xA0, 0xAD}
            assert [hex(one) for one in sorted(letters) if not reached(one, reach)] == [], (face, script)


def reached(letter, reach):
    spans = [part.removeprefix("U+").split("-") for part in reach.split(",")]
    return any(int(span[0], 16) <= letter <= int(span[-1], 16) for span in spans)
