"""The pages of docs/ load nothing from other hosts."""

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


def test_such_a_page_ends_the_build_and_is_named():
    page = SimpleNamespace(file=SimpleNamespace(src_uri="sysadmin/install.md"))
    assert docs.on_post_page(LINK, page=page, config=None) == LINK
    with pytest.raises(PluginError, match=r"sysadmin/install\.md would load //example\.org/a\.js"):
        docs.on_post_page('<script src="//example.org/a.js"></script>', page=page, config=None)
