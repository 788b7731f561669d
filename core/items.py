"""Lists that are built item by item, so that one that cannot be drawn never takes its neighbours away.

What is left out is logged by its id, without a word of what it says, and counted for /metrics.
"""

import logging
from collections.abc import Callable, Iterable
from io import StringIO
from typing import Any, TypeVar
from xml.sax.xmlreader import AttributesImpl

from django.db.models import Model
from django.utils.feedgenerator import Atom1Feed
from django.utils.xmlutils import SimplerXMLGenerator

from core.health import gauge
from core.mistakes import MISTAKES

logger = logging.getLogger(__name__)

Row = TypeVar("Row", bound=Model)
Drawn = TypeVar("Drawn")
_left_out = 0


def each(rows: Iterable[Row], draw: Callable[[Row], Drawn]) -> list[Drawn]:
    """What `draw` makes of each row; rows of which it makes a mistake (core/mistakes.py) are left out."""
    made = []
    for row in rows:
        try:
            made.append(draw(row))
        except MISTAKES as error:
            leave_out(f"{row._meta.label} {row.pk}", error)
    return made


def leave_out(item: str, error: BaseException) -> None:
    """Write down that an item, named by its id, is missing from a list."""
    global _left_out  # noqa: PLW0603 - a number of this process
    _left_out += 1
    logger.error("%s cannot be drawn and is left out: %s", item, type(error).__name__)


@gauge("undersigned_items_left_out", "Items that this process left out of lists because they cannot be drawn.")
def left_out() -> float:
    """How many since the process began."""
    return _left_out


class Feed(Atom1Feed):
    """An Atom feed (RFC 4287) whose entries are written one by one."""

    def write_items(self, handler: SimplerXMLGenerator) -> None:
        """Each entry first by itself; one that XML cannot hold is left out."""
        for item in self.items:
            out = StringIO()
            try:
                self._write_entry(SimplerXMLGenerator(out, "utf-8", short_empty_elements=True), item)
            except MISTAKES as error:
                leave_out(str(item["unique_id"]), error)
            else:
                handler.ignorableWhitespace(out.getvalue())  # which is written as it is

    def _write_entry(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        handler.startElement("entry", AttributesImpl(self.item_attributes(item)))
        self.add_item_elements(handler, item)
        handler.endElement("entry")
