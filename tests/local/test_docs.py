"""The pages of docs/ lead to one another, list one another, and load nothing from other hosts."""

from types import SimpleNamespace

import pytest
from mkdocs.exceptions import PluginError

from local import docs

LINK = '<a href="https://example.org/">out</a><img src="../screenshots/desk.png"><link rel="icon" href="assets/x.png">'


@pytest.mark.parametrize(
    ("html", "found"),
    [
        (LINK, []),
        ('<script src="https://example.org/a.js"></script>', ["https://example.org/a.js"]),
        ("<img alt='' src=//example.org/a.png>", ["//example.org/a.png"]),
        ('<link rel="stylesheet" href="http://example.org/a.css">', ["http://example.org/a.css"]),
    ],
)
def test_what_a_page_loads_from_elsewhere_is_found_and_links_are_none(html, found):
    assert docs.foreign(html) == found


def page(uri, text="# A page\n"):
    return SimpleNamespace(src_uri=uri, name=uri, content_string=text)


def test_such_a_page_ends_the_build_and_is_named():
    here = SimpleNamespace(file=page("sysadmin/install.md"))
    assert docs.on_post_page(LINK, page=here, config=None) == LINK
    with pytest.raises(PluginError, match=r"sysadmin/install\.md would load //example\.org/a\.js"):
        docs.on_post_page('<script src="//example.org/a.js"></script>', page=here, config=None)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("`docs/glossary.md` has words.", "[`docs/glossary.md`](../glossary.md) has words."),
        ("`add-a-field.md`", "[`add-a-field.md`](../how-to/add-a-field.md)"),
        ("[`docs/glossary.md`](x.md), ``docs/glossary.md``, `README.md`", None),
        ("<!-- pages: decisions -->", "- [0001 · Links](../decisions/0001-links.md)"),
        ("<!-- pages: others -->", "- [A page](../new.md)"),
    ],
)
def test_pages_are_linked_and_listed_by_name(written, read):
    known = ["glossary.md", "how-to/add-a-field.md", "decisions/index.md", "new.md"]
    pages = [*map(page, known), page("decisions/0001-links.md", "# 0001 · Links\n\nWhy.")]
    files = SimpleNamespace(documentation_pages=lambda: pages)
    menu = SimpleNamespace(nav=[{"Words": "glossary.md"}, {"Field": "how-to/add-a-field.md"}])
    here = SimpleNamespace(file=page("how-to/add-a-kind.md"))
    assert docs.on_page_markdown(written, page=here, config=menu, files=files) == (read or written)
