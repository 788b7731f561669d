"""Pictures of strangers: one at a time, in a process that the kernel bounds, whatever eight of them send at once."""

import io
import itertools
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from core import pictures

pytestmark = pytest.mark.whole

SIDE, BOX, FORMATS = 4000, (400, 200), ("PNG", "JPEG", "WEBP")
MB = 1024 * 1024


def redraw(data: bytes) -> pictures.Redrawn:
    return pictures.redraw(data, most_a_side=SIDE, box=BOX, formats=FORMATS)


def flat(kind: str, mode: str = "RGBA", size: tuple[int, int] = (SIDE, SIDE), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "L"), ("PNG", "I;16"), ("JPEG", "RGB"), ("JPEG", "CMYK"), ("WEBP", "RGBA")],
)
def test_the_largest_picture_of_every_kind_fits_into_the_memory_it_may_take(kind, mode):
    drawn = redraw(flat(kind, mode))
    assert (drawn.width, drawn.height) == (200, 200)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (lambda: flat("PNG", "1", (SIDE + 1, 8)), "size"),
        (lambda: flat("PNG", "1", (30_000, 30_000)), "size"),
        (lambda: flat("PNG", "L", (40, 40))[:-30], "damage"),
        (lambda: flat("GIF", "L", (40, 40)), "format"),
        (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "format"),
        (lambda: b"", "format"),
    ],
    ids=["wide", "bomb", "cut", "gif", "svg", "nothing"],
)
def test_what_is_no_picture_for_us_is_refused_with_the_reason(data, why):
    with pytest.raises(pictures.Refused) as refused:
        redraw(data())
    assert refused.value.why == why


def test_what_takes_more_than_it_may_is_ended_by_the_kernel(monkeypatch, tmp_path):
    greedy = tmp_path / "pixels.py"
    written = pictures.SCRIPT.read_text().replace("MOST_MEMORY = 400", "MOST_MEMORY = 90")
    greedy.write_text(written)
    monkeypatch.setattr(pictures, "SCRIPT", greedy)
    with pytest.raises(pictures.Refused) as refused:
        redraw(flat("PNG"))
    assert refused.value.why == "size"


def test_whoever_waits_too_long_is_told_so(monkeypatch):
    monkeypatch.setattr(pictures, "WAIT_SECONDS", 0.2)
    with pictures._alone(), pytest.raises(pictures.Refused) as refused:
        redraw(flat("PNG", "L", (40, 40)))
    assert refused.value.why == "busy"
    assert redraw(flat("PNG", "L", (40, 40))).width == 40


# A process of its own, so that what it takes is what eight pictures take: it prints the most that it and its children
# held together, in bytes.
EIGHT_AT_ONCE = """
import sys, threading, time
sys.path.insert(0, {root!r})
from core import pictures
pictures.WAIT_SECONDS = 120
data = sys.stdin.buffer.read()
drawn, most = [], 0
def send():
    drawn.append(pictures.redraw(data, most_a_side=4000, box=(400, 200), formats=("PNG",)))
def held():
    import os
    from pathlib import Path
    total = 0
    children = Path(f"/proc/{{os.getpid()}}/task")
    pids = [str(os.getpid())]
    for task in children.iterdir():
        try:
            pids += (task / "children").read_text().split()
        except OSError:  # a thread that has just ended
            continue
    for pid in pids:
        try:
            status = Path(f"/proc/{{pid}}/status").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))
    return total
threads = [threading.Thread(target=send) for _ in range(8)]
[thread.start() for thread in threads]
while any(thread.is_alive() for thread in threads):
    most = max(most, held())
    time.sleep(0.005)
print(len(drawn), most)
"""


def test_eight_of_the_largest_at_once_stay_below_300_mb():
    root = str(Path(pictures.__file__).parent.parent)
    script = EIGHT_AT_ONCE.format(root=root)
    done = subprocess.run([sys.executable, "-c", script], input=flat("PNG"), capture_output=True, check=True)
    number, most = map(int, done.stdout.split())
    assert number == 8
    assert 60 * MB < most < 300 * MB, f"{most / MB:.0f} MB"


def test_two_are_never_unpacked_at_the_same_time():
    spans, data = [], flat("PNG", "L", (200, 200))

    def send() -> None:
        with pictures._alone():
            begun = time.monotonic()
            time.sleep(0.02)
            spans.append((begun, time.monotonic()))
        redraw(data)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spans.sort()
    assert [later[0] >= earlier[1] for earlier, later in itertools.pairwise(spans)] == [True] * 3
