"""The pictures of the pages are small, and each is shown."""

import random
import re
from io import BytesIO

import pytest
from PIL import Image

from local import screenshots
from local.environment import ROOT

SHOWN = re.compile(r"screenshots/([\w-]+\.png)")


def png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def test_every_picture_is_small_and_on_a_page_and_no_page_shows_another():
    kept = {path.name: path.stat().st_size for path in screenshots.FOLDER.iterdir()}
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    shown = {name for page in pages for name in SHOWN.findall(page.read_text())}
    assert (set(kept), shown) == ({f"{one.name}.png" for one in screenshots.PICTURES},) * 2
    assert [name for name, size in kept.items() if size > screenshots.LARGEST] == []


def test_a_picture_keeps_its_size_and_loses_colours():
    made = Image.open(BytesIO(screenshots.smaller(png(Image.linear_gradient("L").convert("RGB")))))
    assert (made.size, len(made.getcolors())) == ((256, 256), 128)


def test_one_that_stays_too_large_is_refused():
    noise = Image.frombytes("RGB", (600, 600), random.Random(1).randbytes(600 * 600 * 3))
    with pytest.raises(screenshots.TooLargeError, match="with 32 colours; 61440 is the most"):
        screenshots.smaller(png(noise))
