"""A farewell opened from the disk, on a machine that reaches nobody."""

import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from exchange import keeping
from exchange.farewell import writing
from exchange.models import Farewell
from tests.exchange.test_farewell import closed_statement
from tests.journeys.conftest import DESKTOP, PHONE, accessible, fits, follow

pytestmark = pytest.mark.journey


@pytest.fixture
def folder(transactional_db: None, tmp_path: Path) -> Path:
    """The farewell to a statement, unpacked."""
    farewell = writing.start(statement=closed_statement(), why="It is over")
    while keeping.work(Farewell):
        pass
    path = tmp_path / "farewell.zip"
    with path.open("wb") as file:
        file.writelines(keeping.zipped(farewell))
    with zipfile.ZipFile(path) as packed:
        packed.extractall(tmp_path / "pages")
    return tmp_path / "pages"


@pytest.mark.parametrize("device", [DESKTOP, PHONE])
def test_it_opens_from_the_disk_and_asks_nobody(browser: Browser, folder: Path, device: dict[str, Any]) -> None:
    context = browser.new_context(offline=True, **device)
    asked, complaints = [], []
    context.on("request", lambda request: asked.append(request.url))
    context.on(
        "requestfailed", lambda request: complaints.append((request.failure, request.url, request.resource_type))
    )
    page = context.new_page()
    page.goto((folder / "index.html").as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep the libraries open")
    assert page.evaluate("document.styleSheets.length") >= 1
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px"  # the style sheet is there
    logo = page.locator("img").first
    assert logo.evaluate("picture => picture.naturalWidth") > 0
    accessible(page)
    fits(page)
    expect(page.get_by_role("button")).to_have_count(0)
    follow(page.locator('a[href^="signatures"]').first)
    expect(page.get_by_text("Shown Signer 119", exact=True)).to_be_visible()
    follow(page.locator('a[href^="signatures-"]').first)
    expect(page.get_by_text("Shown Signer 3", exact=True)).to_be_visible()
    assert [url for url in asked if not url.startswith(("file://", "data:"))] == []
    # The pages have no scripts: what asks by XMLHttpRequest is axe, which a browser refuses to read files.
    failed = [one for one in complaints if one[2] != "xhr"]
    assert [one for one in failed if one[0] != "net::ERR_ABORTED"] == []  # which is leaving a page
    context.close()
