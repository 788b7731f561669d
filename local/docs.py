"""A hook of `make docs` (mkdocs.yml): the build fails when a page would load something from another host."""

import re
from typing import Any

from mkdocs.exceptions import PluginError

LOADED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\bsrc(?:set)?=["']?((?:https?:)?//[^"'>\s]+)"""
    r"""|<link\b[^>]*\bhref=["']?((?:https?:)?//[^"'>\s]+)""",
    re.IGNORECASE,
)


def foreign(html: str) -> list[str]:
    """Addresses on other hosts from which `html` has a browser load something; links to follow are none."""
    return [first or second for first, second in LOADED.findall(html)]


def on_post_page(output: str, page: Any, config: Any) -> str:
    """Called by MkDocs with each finished page. Raises PluginError when it loads something from elsewhere."""
    if found := foreign(output):
        raise PluginError(f"{page.file.src_uri} would load {', '.join(found)}: the pages must work offline.")
    return output
