"""`make screenshots`: the pictures of README.md and docs/, of a demo with a database of its own.

People, statements and numbers of the demo world are the same each time; its dates count from the day of the seeding.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import psycopg
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from local import demo, world
from local.environment import ROOT
from local.postgres import Cluster

FOLDER = ROOT / "docs" / "screenshots"
LARGEST = 60 * 1024  # bytes of one picture
COLOURS = (128, 64, 32)  # as many as fit
READY_SECONDS = 300
LIBRARIES = "/statements/keep-our-libraries-open/"
DESKTOP, PHONE = (1280, 900), (390, 844)


class TooLargeError(Exception):
    """A picture is larger than LARGEST, however few its colours."""


@dataclass(frozen=True)
class Picture:
    """A file of FOLDER and what it shows: the page, for whom (a log-in of the demo, or nobody), size and theme."""

    name: str
    address: str
    staff: str = ""
    size: tuple[int, int] = DESKTOP
    dark: bool = False


PICTURES = (
    Picture("statement", LIBRARIES),
    Picture("phone", LIBRARIES, size=PHONE, dark=True),
    Picture("write", "/admin/petitions/statement/add/", "campaigner"),
    Picture("overview", "/admin/petitions/statement/3/", "campaigner"),
    Picture("correct", "/admin/petitions/statement/3/correct/", "campaigner"),
    Picture("news", "/admin/petitions/update/?of=3", "campaigner"),
    Picture("team", "/admin/petitions/statement/3/team/", "campaigner"),
    Picture("import", "/admin/exchange/import/add/", "campaigner"),
    Picture("publisher", "/admin/publishers/publisher/1/change/", "admin"),
    Picture("home", "/admin/", "moderator"),
    Picture("held", "/admin/petitions/signature/?state__exact=held", "moderator"),
    Picture("endorsements", "/admin/organisations/endorsement/", "moderator"),
    Picture("comments", "/admin/comments/comment/", "moderator"),
    Picture("set-up", "/admin/set-up/", "admin"),
)


def main() -> int:
    """Start a demo on an empty database, take every picture, stop it. Returns the exit status."""
    port = world.free_port()
    folder = Path(tempfile.mkdtemp(prefix="undersigned-"))
    cluster = Cluster(folder / "postgres")
    cluster.start()
    try:
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE screenshots")
        environment = {**os.environ, "PORT": str(port), "DATABASE_URL": cluster.url("screenshots")}
        process = subprocess.Popen([sys.executable, "-m", "local.demo"], env=environment, cwd=ROOT)
        try:
            _wait(f"http://127.0.0.1:{port}/healthz", process)
            _take(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait()
    finally:
        cluster.stop()
        shutil.rmtree(folder)
    return 0


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise world.DemoError("The demo did not start; the lines above say why.")
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise world.DemoError(f"The demo did not answer within {READY_SECONDS} seconds.")


def _take(origin: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for picture in PICTURES:
            context = _context(browser, origin, picture)
            page = context.new_page()
            page.goto(picture.address, wait_until="load")
            page.wait_for_timeout(500)
            data = smaller(page.screenshot())
            (FOLDER / f"{picture.name}.png").write_bytes(data)
            print(f"{picture.name}.png: {len(data) // 1024} KB")
            context.close()
        browser.close()


def _context(browser: Browser, origin: str, picture: Picture) -> BrowserContext:
    width, height = picture.size
    context = browser.new_context(
        base_url=origin,
        viewport={"width": width, "height": height},
        color_scheme="dark" if picture.dark else "light",
        locale="en-GB",
        timezone_id="Europe/London",
        reduced_motion="reduce",
    )
    if picture.staff:
        page = context.new_page()
        page.goto("/admin/login/")
        page.fill("[name=username]", picture.staff)
        page.fill("[name=password]", demo.PASSWORD)
        with page.expect_navigation():
            page.click("#login-form [type=submit]")
        page.close()
    return context


def smaller(data: bytes) -> bytes:
    """A PNG of the same picture with as many colours as make at most LARGEST bytes. Raises TooLargeError."""
    picture = Image.open(BytesIO(data)).convert("RGB")
    for colours in COLOURS:
        out = BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= LARGEST:
            return out.getvalue()
    raise TooLargeError(f"The picture takes {out.tell()} bytes with {colours} colours; {LARGEST} is the most.")


if __name__ == "__main__":
    sys.exit(main())
