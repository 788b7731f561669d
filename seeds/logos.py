"""Draws the logos of the demo's organisations: a shape, a colour and a letter or two, the same ones every time."""

import io

from PIL import Image, ImageDraw, ImageFont

from core.paper import FONTS
from organisations import logos
from seeds.world import dice

SIDE = 192
COLOURS = (
    "#9b1c2e", "#1d4e89", "#1d5c3a", "#7a4b00", "#5b2a86", "#0f6b6b", "#a83f12", "#3c3c3c", "#8a2061", "#2f5d10",
)  # fmt: skip
SMALL = {"the", "of", "and", "for", "in", "a"}


def logo(name: str) -> logos.Drawing:
    """The logo of the organisation `name`, as if it had been uploaded."""
    out = io.BytesIO()
    _draw(name).save(out, "PNG")
    out.seek(0)
    return logos.draw(out)


def _draw(name: str) -> Image.Image:
    colour, other = (COLOURS[dice(name, which) % len(COLOURS)] for which in ("colour", "other"))
    picture = Image.new("RGB", (SIDE, SIDE), "white")
    pen = ImageDraw.Draw(picture)
    SHAPES[dice(name, "shape") % len(SHAPES)](pen, colour, other if other != colour else "#d9d3c7")
    letters = _letters(name)
    font = ImageFont.truetype(FONTS / "DejaVuSerif-Bold.ttf", 84 if len(letters) > 1 else 108)
    pen.text((SIDE / 2, SIDE / 2), letters, font=font, fill="white", anchor="mm")
    return picture


def _letters(name: str) -> str:
    words = [word for word in name.replace("’", "").split() if word[0].isalpha() and word.casefold() not in SMALL]
    return "".join(word[0] for word in words[:2]).upper()


def _disc(pen: ImageDraw.ImageDraw, colour: str, other: str) -> None:
    pen.ellipse((2, 2, SIDE - 3, SIDE - 3), fill=other)
    pen.ellipse((12, 12, SIDE - 13, SIDE - 13), fill=colour)


def _shield(pen: ImageDraw.ImageDraw, colour: str, other: str) -> None:
    pen.polygon([(8, 6), (184, 6), (184, 110), (96, 188), (8, 110)], fill=colour)
    pen.line([(8, 30), (184, 30)], fill=other, width=8)


def _banner(pen: ImageDraw.ImageDraw, colour: str, other: str) -> None:
    pen.rectangle((6, 20, 186, 160), fill=colour)
    pen.polygon([(6, 160), (50, 160), (6, 188)], fill=other)
    pen.polygon([(186, 160), (142, 160), (186, 188)], fill=other)


def _book(pen: ImageDraw.ImageDraw, colour: str, other: str) -> None:
    pen.polygon([(96, 34), (6, 14), (6, 160), (96, 182)], fill=colour)
    pen.polygon([(96, 34), (186, 14), (186, 160), (96, 182)], fill=colour)
    pen.line([(6, 176), (96, 188), (186, 176)], fill=other, width=6)


def _diamond(pen: ImageDraw.ImageDraw, colour: str, other: str) -> None:
    pen.polygon([(96, 0), (191, 96), (96, 191), (0, 96)], fill=other)
    pen.polygon([(96, 10), (181, 96), (96, 181), (10, 96)], fill=colour)


SHAPES = (_disc, _shield, _banner, _book, _diamond)
