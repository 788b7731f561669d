"""The text on the picture of a shared link (UX 2.3); `petitions/travel/picture.py` draws it.

It names milestones, never the number itself, because networks keep it for days. What it says is in its file name, so a
new milestone or title has a new name, and each name can be kept for ever.
"""

import zlib
from dataclasses import astuple, dataclass, replace

from core import identity
from petitions.actions.models import Event
from petitions.news.models import Update
from petitions.statements.models import Statement
from publishers.models import Picture

SIZE = (1200, 630)  # pixels
LEAST = 100
DRAWING = 3  # raise it when the drawing changes


def milestone(people: int) -> int:
    """The last of 100, 200, 500, 1,000, 2,000 … that `people` have reached; 0 before the first."""
    reached, step = 0, LEAST
    while step <= people:
        reached = max(number for number in (step, step * 2, step * 5) if number <= people)
        step *= 10
    return reached


@dataclass(frozen=True)
class Shown:
    """The text of the picture of the page at `path`: a line above, a title, a line at the foot beside the publisher."""

    path: str
    above: str
    title: str
    foot: str
    mirrored: bool
    by: str = ""
    accent: str = identity.ACCENT
    picture: str = ""
    focus: str = "middle"


def of_statement(statement: Statement, people: int | None) -> Shown:
    """The card of a statement that `people` have signed; None while the number is not public."""
    reached = milestone(people or 0)
    foot = f"{reached:,}+ have signed" if reached else ""
    shown = _shown(statement, statement.get_absolute_url(), _kind(statement), statement.title, foot)
    return replace(shown, picture=statement.image_small_id or "", focus=statement.image_focus)


def of_event(event: Event) -> Shown:
    """An event: when, what, where; called off in words."""
    status = "" if event.status == Event.Status.SCHEDULED else f"{event.get_status_display().capitalize()}: "
    when = str(event.period)
    place = "Online" if event.place == event.online_url else event.place
    return _shown(event.statement, event.get_absolute_url(), status + when, event.title, place if event.place else "")


def of_update(update: Update) -> Shown:
    """A piece of news: of what, and its heading."""
    return _shown(update.statement, update.get_absolute_url(), f"News: {update.statement.title}", update.title, "")


def _shown(statement: Statement, path: str, above: str, title: str, foot: str) -> Shown:
    who = statement.who
    return Shown(path, above, title, foot, mirrored=statement.direction == "rtl", by=who.name, accent=who.accent)


def _kind(statement: Statement) -> str:
    name = statement.get_kind_display()
    if statement.kind == Statement.Kind.STATEMENT:
        name = "open statement" if statement.is_open else name
    return name[0].upper() + name[1:]


def number(shown: Shown) -> int:
    """The number in the file's name: it differs whenever the picture does."""
    return zlib.crc32(repr([DRAWING, *astuple(shown)]).encode())


def address(shown: Shown) -> str:
    """The whole address of the picture as it is now."""
    return f"{identity.origin()}{shown.path}card-v{number(shown)}.png"


def tags(shown: Shown) -> dict[str, str]:
    """The picture for the head of its page: `url`, and `words` as its description."""
    foot = f" {shown.foot}." if shown.foot else ""
    return {"url": address(shown), "words": f"{shown.above}: {shown.title}. {shown.by}.{foot}"}


def draw(shown: Shown) -> bytes:
    """The picture as PNG, 1200×630, beside the statement's own where it has one."""
    from petitions.travel import picture  # noqa: PLC0415 - 20 MB that few processes need

    own = Picture.objects.values_list("data", flat=True).filter(pk=shown.picture).first() if shown.picture else None
    return picture.draw(shown, bytes(own) if own else b"")
