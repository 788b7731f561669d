"""Typst itself, for core/paper.py: in this process, or in one of its own.

Typst keeps what it has set, up to some 600 MB of it. A long paper is set in a process that ends with it: this file as a
script, which imports nothing of ours. Standard input is JSON; standard output is the PDF.
"""

import base64
import json
import sys
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    import typst

READABLE: Literal["ua-1"] = "ua-1"  # ISO 14289-1: Typst refuses to write a file that would break it


@cache
def _fonts(folder: str, of_the_machine: bool) -> "typst.Fonts":
    import typst  # noqa: PLC0415 - 6 MB that few processes need

    return typst.Fonts(include_system_fonts=of_the_machine, include_embedded_fonts=False, font_paths=[folder])


def pdf(template: str, *, root: str, fonts: str, inputs: dict[str, str]) -> bytes:
    """The tagged PDF of the file `template` below `root`; as core/paper.py says. Raises typst.TypstError."""
    import typst  # noqa: PLC0415 - as above

    for of_the_machine in (False, True):
        try:
            return _compiled(template, root, inputs, _fonts(fonts, of_the_machine), READABLE)
        except typst.TypstError as error:
            if not error.message.startswith("PDF/UA-1 error"):
                raise
    return _compiled(template, root, inputs, _fonts(fonts, True), None)


def _compiled(
    template: str, root: str, inputs: dict[str, str], fonts: "typst.Fonts", standard: Literal["ua-1"] | None
) -> bytes:
    import typst  # noqa: PLC0415 - as above

    # A compiler each: they are no thing to share between threads, and cost a millisecond.
    compiler = typst.Compiler(template, root=root, font_paths=fonts)
    # A list of pages is what pictures are.
    made = cast(bytes, compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=standard))
    # The order of facing pages; Chromium takes it for the way of every line and copies English backwards.
    return made.replace(b"/Direction/R2L", b"/Direction/L2R")


def main() -> None:
    """Set what standard input asks for."""
    asked: dict[str, Any] = json.load(sys.stdin)
    sys.stdout.write(base64.b64encode(pdf(**asked)).decode())


if __name__ == "__main__":
    main()
