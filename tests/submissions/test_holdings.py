"""What a kind must have before pages and files know it."""

import pytest

from submissions import holdings
from submissions.holdings import Holding


class Bare(Holding):
    name = "bare"

    def rows(self, mailbox):
        raise AssertionError("never asked")

    def erase(self, row):
        raise AssertionError("never asked")


@pytest.mark.parametrize(
    ("more", "lacks"),
    [({}, "item"), ({"on_page": False, "searched": "name"}, "called")],
    ids=["shown and never drawn", "searched and never found"],
)
def test_a_kind_that_lacks_what_its_pages_ask_is_refused(more, lacks):
    kind = type("Kind", (Bare,), more)
    with pytest.raises(TypeError, match=f"needs `{lacks}`"):
        holdings.register(kind)
    assert holdings.named("bare") is None


def test_a_name_stands_for_one_kind():
    with pytest.raises(ValueError, match="already"):
        holdings.register(type("Twin", (Bare,), {"name": holdings.everything()[0].name}))
