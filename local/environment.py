"""Environments for processes started here: no setting of a real site on the same machine may leak into them."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def setting_names() -> list[str]:
    """Every setting that .env.example knows, in its order."""
    return re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def sealed(**values: str) -> dict[str, str]:
    """Every setting that a site has: those of `values`, and the rest empty, so that .env cannot fill them."""
    names = setting_names()
    empty = dict.fromkeys([*names, *(f"{name}_FILE" for name in names)], "")
    return {**empty, "UNDERSIGNED_HOME": "", "DJANGO_SETTINGS_MODULE": "undersigned.settings", **values}
