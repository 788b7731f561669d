"""The plugin in PHP, with a harness that plays WordPress and the answers that this very site gives."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PLUGIN = HERE.parents[2] / "integrations" / "wordpress" / "undersigned"
SITE = "https://sign.example"
PHP = shutil.which("php") or "php"  # where it can't be had, conftest.py has put these tests to sleep
SAVED = {"site": SITE, "click": True, "minutes": 5}


def play(*show: tuple[str, Any], answers: dict[str, Any] | None = None, saved: Any = SAVED, **more: Any) -> Any:
    """What the plugin shows for each of `show`: a shortcode, a block, a link, a form that is saved."""
    options = {"undersigned": saved} if saved is not None else {}
    told = {"plugin": str(PLUGIN), "options": options, "answers": answers or {}, "show": show, **more}
    asked = json.dumps(told)
    done = subprocess.run(
        [PHP, str(HERE / "harness.php")], input=asked, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return json.loads(done.stdout)


def record(client: Any, *paths: str, site: str = SITE) -> dict[str, Any]:
    """What the site answers to these paths, as the plugin will be told it."""
    found = {}
    for path in paths:
        response = client.get(path)
        found[f"{site}{path}"] = {"status": response.status_code, "body": response.text}
    return found
