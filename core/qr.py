"""QR codes (ISO/IEC 18004): error correction M, and by default a quiet zone of four modules."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segno import QRCode


def svg(words: str) -> str:
    """The code for `words` as an SVG file, four units a module."""
    out = io.BytesIO()
    _code(words).save(out, kind="svg", border=4, scale=4)
    return out.getvalue().decode()


def png(words: str, scale: int) -> bytes:
    """The code for `words` as a PNG file, `scale` pixels a module."""
    out = io.BytesIO()
    _code(words).save(out, kind="png", border=4, scale=scale)
    return out.getvalue()


def data_uri(words: str, *, scale: int, border: int = 4) -> str:
    """The code for `words` as an address that holds the SVG itself, on white."""
    return _code(words).svg_data_uri(scale=scale, border=border, light="white")


def _code(words: str) -> "QRCode":
    import segno  # noqa: PLC0415 - 3 MB that few processes need

    return segno.make(words, error="m", micro=False)
