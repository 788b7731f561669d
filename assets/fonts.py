"""Cuts the bundled typefaces to what a page needs and writes static/fonts/: `make -C assets fonts` (needs npm).

Of each typeface one file a script, with weights from 400 to 700 in it, and the OFL text beside it. What the files reach
must be what publishers/typefaces.py says; a test compares.
"""

import shutil
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

HERE = Path(__file__).resolve().parent
MODULES = HERE / "node_modules" / "@fontsource-variable"
OUT = HERE.parent / "static" / "fonts"
FACES = ["literata", "inter", "noto-serif", "noto-sans", "source-serif-4", "commissioner", "roboto-slab", "open-sans"]
OTHERS = {
    "noto-naskh-arabic": "arabic",
    "noto-serif-hebrew": "hebrew",
    "noto-sans-devanagari": "devanagari",
}
# Pinyin and Vietnamese would be half as much again: what is left out here is drawn with the reader's own typeface.
KEEP = {
    "latin": [*range(0x20, 0x7F), *range(0xA0, 0x100), 0x152, 0x153, *range(0x2010, 0x2015), *range(0x2018, 0x201F),
              0x2022, 0x2026, 0x2039, 0x203A, 0x20AC, 0x2212],
    "latin-ext": [*range(0x100, 0x180), 0x218, 0x219, 0x21A, 0x21B, 0x1E9E],
    "greek": [*range(0x384, 0x3CF)],
    "cyrillic": [*range(0x400, 0x460), 0x490, 0x491, 0x2116],
}  # fmt: skip
# Arabic, Persian, Urdu and Sorani; joined forms come by shaping.
LETTERS = {
    "arabic": [0x60C, 0x61B, 0x61F, *range(0x621, 0x653), *range(0x660, 0x66D), 0x670, 0x679, 0x67E, 0x686, 0x688,
               0x691, 0x695, 0x698, 0x6A9, 0x6AF, 0x6B5, 0x6BA, 0x6BE, 0x6C1, 0x6C3, 0x6C6, 0x6CC, 0x6CE,
               *range(0x6D2, 0x6D6), *range(0x6F0, 0x6FA)],
    "hebrew": [*range(0x5B0, 0x5C8), *range(0x5D0, 0x5EB), 0x5F3, 0x5F4],
    "devanagari": list(range(0x900, 0x980)),
}  # fmt: skip
# What letters of Europe can't do without, and what the others are nothing without.
KERNING = ["kern"]
SHAPING = ["kern", "liga", "mark", "mkmk", "ccmp", "locl", "calt", "init", "medi", "fina", "isol", "rlig", "akhn",
           "rphf", "blwf", "half", "pstf", "vatu", "cjct", "pres", "abvs", "blws", "psts", "haln", "abvm", "blwm",
           "dist", "nukt", "rkrf"]  # fmt: skip


def cut(font: TTFont, letters: list[int], name: str, *, shaped: bool = False, one_weight: bool = False) -> TTFont:
    """Only the weights and letters that a page needs, under a name of ours: the OFL keeps some names for the whole."""
    options = subset.Options()
    options.layout_features = SHAPING if shaped else KERNING
    options.hinting = False
    options.desubroutinize = True
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 4, 6, 13, 14]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(font)
    axes = {axis.axisTag: axis for axis in font["fvar"].axes} if "fvar" in font else {}
    limits = {tag: axis.defaultValue for tag, axis in axes.items() if tag != "wght"}
    if "wght" in axes:
        limits["wght"] = 400 if one_weight else (400, 400, min(700, axes["wght"].maxValue))
    if limits:
        font = instancer.instantiateVariableFont(font, limits)
    for record in list(font["name"].names):
        if record.nameID in {1, 4, 6}:
            font["name"].setName(f"U-{name}", record.nameID, record.platformID, record.platEncID, record.langID)
    return font


def write(font: TTFont, name: str) -> int:
    """As WOFF2; returns its bytes."""
    font.flavor = "woff2"
    font.save(OUT / f"{name}.woff2")
    return (OUT / f"{name}.woff2").stat().st_size


def main() -> None:
    """All of them, and what they weigh."""
    OUT.mkdir(parents=True, exist_ok=True)
    for face in FACES:
        folder = MODULES / face
        shutil.copy(folder / "LICENSE", OUT / f"{face}.OFL.txt")
        for script, letters in KEEP.items():
            path = folder / "files" / f"{face}-{script}-wght-normal.woff2"
            if path.is_file():
                size = write(cut(TTFont(path), letters, face), f"{face}-{script}")
                sys.stdout.write(f"{face} {script} {size}\n")
    for face, script in OTHERS.items():
        folder = MODULES / face
        shutil.copy(folder / "LICENSE", OUT / f"{face}.OFL.txt")
        path = folder / "files" / f"{face}-{script}-wght-normal.woff2"
        font = cut(TTFont(path), LETTERS[script], face, shaped=True, one_weight=script == "devanagari")
        sys.stdout.write(f"{face} {script} {write(font, face)}\n")


if __name__ == "__main__":
    main()
