"""Hooks of `make docs` (mkdocs.yml): pages lead to one another, list one another, and load nothing from other hosts."""

import re
from pathlib import PurePosixPath
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

LOADED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\bsrc(?:set)?=["']?((?:https?:)?//[^"'>\s]+)"""
    r"""|<link\b[^>]*\bhref=["']?((?:https?:)?//[^"'>\s]+)""",
    re.IGNORECASE,
)
LIST = re.compile(r"^<!-- pages: (\w+) -->$", re.MULTILINE)
NAMED = re.compile(r"(?<![\[`])`(?:docs/)?([\w./-]+\.md)`(?![\]`])")
HEADING = re.compile(r"^# (.+)$", re.MULTILINE)
OTHERS = "others"


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Called by MkDocs with the Markdown of each page; returns what it shall read instead.

    `docs/x.md` becomes a link to that page, and `<!-- pages: FOLDER -->` a list of the pages in that folder of docs/;
    `others` are those that neither the menu nor such a folder has.
    """
    here = PurePosixPath(page.file.src_uri).parent
    pages = {file.src_uri: file for file in files.documentation_pages()}
    linked = NAMED.sub(lambda found: _link(found, here, pages), markdown)
    return LIST.sub(lambda found: "\n".join(_listed(found[1], here, pages, str(config.nav))), linked)


def _link(found: re.Match[str], here: PurePosixPath, pages: dict[str, File]) -> str:
    wanted = next((uri for uri in (found[1], str(here / found[1])) if uri in pages), None)
    return f"[{found[0]}]({relative(wanted, here)})" if wanted else found[0]


def _listed(folder: str, here: PurePosixPath, pages: dict[str, File], menu: str) -> list[str]:
    if folder == OTHERS:
        chosen = [uri for uri in pages if f"'{uri}'" not in menu and not uri.startswith("decisions/")]
    else:
        chosen = [uri for uri in pages if uri.startswith(f"{folder}/") and not uri.endswith("index.md")]
    return [f"- [{_title(pages[uri])}]({relative(uri, here)})" for uri in sorted(chosen)] or ["The menu has them all."]


def _title(file: File) -> str:
    found = HEADING.search(file.content_string)
    return found[1] if found else file.name


def relative(uri: str, here: PurePosixPath) -> str:
    """The address of the page `uri`, such as "decisions/index.md", as a page in the folder `here` writes it."""
    return "../" * len(here.parts) + uri


def foreign(html: str) -> list[str]:
    """Addresses on other hosts from which `html` has a browser load something; links to follow are none."""
    return [first or second for first, second in LOADED.findall(html)]


def on_post_page(output: str, page: Any, config: Any) -> str:
    """Called by MkDocs with each finished page. Raises PluginError when it loads something from elsewhere."""
    if found := foreign(output):
        raise PluginError(f"{page.file.src_uri} would load {', '.join(found)}: the pages must work offline.")
    return output
