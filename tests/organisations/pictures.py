"""Pictures that people send, and files that only say they are pictures."""

import io
import struct
import zlib
from typing import Any

from PIL import Image


def picture(kind: str, width: int = 60, height: int = 30, mode: str = "RGB", **options: Any) -> bytes:
    """A plain picture in the format `kind`."""
    out = io.BytesIO()
    Image.new(mode, (width, height), "red" if mode != "RGBA" else (255, 0, 0, 128)).save(out, kind, **options)
    return out.getvalue()


def png(width: int = 60, height: int = 30) -> bytes:
    """A PNG."""
    return picture("PNG", width, height)


def png_header(width: int, height: int) -> bytes:
    """The first bytes of a PNG that claims to be that large; a bomb of a few bytes."""
    body = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + body
    data = zlib.compress(b"\0" * 100)
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", len(body)) + chunk + struct.pack(">I", zlib.crc32(chunk))
        + struct.pack(">I", len(data)) + b"IDAT" + data + struct.pack(">I", zlib.crc32(b"IDAT" + data))
        + struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    )  # fmt: skip
