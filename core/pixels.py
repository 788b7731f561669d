"""Unpacks a stranger's picture, in a process of its own that may take little memory and little time.

Run as a script by core/pictures.py, which says why; it imports nothing of ours. Standard input is the file; arguments
are the largest side, the box to fit into and the formats; standard output is one line of JSON and the picture.
"""

import io
import json
import resource
import sys
from typing import Any

MOST_MEMORY = 400 * 1024 * 1024  # of addresses; Python and Pillow are a quarter of it before the first pixel
FLAT = 1 << 14  # colours of a drawing, at most
MOST_SECONDS = 15  # of the processor


def limit() -> None:
    """Let the kernel end this process before it costs others something."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))


def redraw(
    data: bytes, most_a_side: int, box: tuple[int, int], formats: tuple[str, ...]
) -> tuple[dict[str, Any], bytes]:
    """What became of the picture (`width`, `height`, or `refused`: size, format or damage), and its WebP bytes.

    Size is judged from the header, before a pixel is unpacked. It is made small before anything is made of it: turning
    it upright or giving it other colours first would cost the whole picture once more each time.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415 - after the limits

    Image.MAX_IMAGE_PIXELS = most_a_side * most_a_side
    try:
        with Image.open(io.BytesIO(data), formats=formats) as picture:
            if max(picture.size) > most_a_side or min(picture.size) < 1:
                return {"refused": "size"}, b""
            picture.draft("RGB", (box[0] * 2, box[1] * 2))  # JPEG unpacks at a fraction of its size
            picture.load()
            clear = "transparency" in picture.info or "A" in picture.getbands()
            wanted = "RGBA" if clear else "RGB"
            small = picture if picture.mode == wanted else picture.convert(wanted)
            # One that lies on its side is turned below, so it has room both ways until then.
            small.thumbnail((max(box) * 2, max(box) * 2), Image.Resampling.LANCZOS)
            upright = ImageOps.exif_transpose(small)
    except UnidentifiedImageError:
        return {"refused": "format"}, b""
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        return {"refused": "size"}, b""
    except (OSError, SyntaxError, ValueError, EOFError):
        return {"refused": "damage"}, b""
    upright.thumbnail(box, Image.Resampling.LANCZOS)
    # A canvas of our own carries nothing along: no EXIF, no ICC profile, no text chunks, no trailing bytes.
    fresh = Image.new(upright.mode, upright.size)
    fresh.paste(upright)
    # Flat drawings are smaller without loss, photographs with it; to try both with a photograph takes seconds.
    ways: list[dict[str, object]] = [{"quality": 80}]
    if fresh.getcolors(FLAT) is not None:
        ways.append({"lossless": True})
    webp = min((_webp(fresh, **way) for way in ways), key=len)
    return {"width": fresh.width, "height": fresh.height}, webp


def _webp(picture: Any, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", method=6, **options)
    return out.getvalue()


def main(arguments: list[str]) -> None:
    """What core/pictures.py runs."""
    limit()
    side, width, height, *formats = arguments
    said, webp = redraw(sys.stdin.buffer.read(), int(side), (int(width), int(height)), tuple(formats))
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + webp)


if __name__ == "__main__":
    main(sys.argv[1:])
