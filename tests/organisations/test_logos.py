"""Logos: what honest people send is drawn anew; what others send is refused in plain words, and costs nothing."""

import io
import resource
import zipfile

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from organisations import logos
from tests.organisations.pictures import picture, png, png_header


def draw(data: bytes) -> logos.Drawing:
    return logos.draw(io.BytesIO(data))


def opened(drawing: logos.Drawing) -> Image.Image:
    return Image.open(io.BytesIO(drawing.data))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_three_formats_become_small_webp(kind):
    drawing = draw(picture(kind, 1600, 400))
    found = opened(drawing)
    assert (found.format, found.size, (drawing.width, drawing.height)) == ("WEBP", (400, 100), (400, 100))


@pytest.mark.parametrize(
    ("size", "fitted"), [((60, 30), (60, 30)), ((100, 1000), (20, 200)), ((4000, 4000), (200, 200))]
)
def test_it_fits_the_box_and_never_grows(size, fitted):
    assert opened(draw(png(*size))).size == fitted


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_see_through_stays_see_through(mode):
    image = Image.new("RGBA", (40, 20), (0, 0, 0, 0))
    out = io.BytesIO()
    image.convert(mode).save(out, "PNG", **({"transparency": 0} if mode == "P" else {}))
    assert opened(draw(out.getvalue())).mode == "RGBA"


@pytest.mark.parametrize("mode", ["1", "L", "I;16", "CMYK"])
def test_unusual_colours_are_drawn(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    out = io.BytesIO()
    Image.new(mode, (40, 20)).save(out, kind)
    assert opened(draw(out.getvalue())).size == (40, 20)


def test_nothing_hidden_comes_along_and_the_picture_is_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "CANARY camera"
    sent = picture("JPEG", 80, 40, exif=exif.tobytes(), comment=b"CANARY comment", icc_profile=b"CANARY profile")
    drawing = draw(sent)
    assert b"CANARY" in sent
    assert b"CANARY" not in drawing.data
    found = opened(drawing)
    assert (found.size, dict(found.getexif()), set(found.info) & {"exif", "icc_profile", "xmp"}) == (
        (40, 80),
        {},
        set(),
    )


def test_text_in_a_png_and_what_trails_behind_it_are_dropped():
    info = PngInfo()
    info.add_text("Comment", "<script>CANARY</script>")
    sent = picture("PNG", pnginfo=info) + b"<?php CANARY ?>"
    assert b"CANARY" not in draw(sent).data


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        # A fixed time, so that every process makes the same bytes.
        zipped.writestr(zipfile.ZipInfo("logo.png", (2026, 1, 1, 0, 0, 0)), png())
    return out.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
ONLY = "The logo must be a PNG, JPEG or WebP picture."
DAMAGED = "The picture is damaged. Save it again as a PNG, then choose it again."
TOO_HEAVY = "The logo must be smaller than 2 MB. Save it smaller, then choose it again."
NO_SVG = "We can't use SVG files. Save the logo as a PNG, then choose it again."


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (SVG, NO_SVG),
        (b'<?xml version="1.0"?><!DOCTYPE svg>' + SVG, NO_SVG),
        (b"<!doctype html><script>alert(1)</script>", ONLY),
        (b"GIF89a" + SVG, NO_SVG),
        (b"GIF89a" + b"\xff\x7f\xff\x7f" + b"\0" * 100, ONLY),
        (picture("GIF"), ONLY),
        (picture("BMP"), ONLY),
        (picture("TIFF"), ONLY),
        (picture("PDF"), ONLY),
        (archive(), ONLY),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", ONLY),
        (b"", ONLY),
        (b"\x89PNG\r\n\x1a\n", ONLY),
        (png(200, 200)[:-80], DAMAGED),
        (picture("JPEG", 200, 200)[:400], DAMAGED),
        (picture("WEBP", 200, 200)[:60], DAMAGED),
        (png_header(100, 100), DAMAGED),
        (png_header(30_000, 30_000), logos.TOO_BIG),
        (png_header(4001, 1), logos.TOO_BIG),
        (png_header(11_000, 9_000), logos.TOO_BIG),
        (png_header(2**31 - 1, 2**31 - 1), logos.TOO_BIG),
        (
            png() + b"\0" * logos.MOST_BYTES,
            "The logo must be smaller than 2 MB. Save it smaller, then choose it again.",
        ),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else "",
)
def test_anything_else_is_refused_in_plain_words(data, said):
    with pytest.raises(logos.BadLogo) as refusal:
        draw(data)
    assert str(refusal.value) == said


def test_a_bomb_costs_no_memory():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(20):
        with pytest.raises(logos.BadLogo):
            draw(png_header(30_000, 30_000))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kilobytes
