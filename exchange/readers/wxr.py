"""WordPress's own export (WXR 1.2): one post, and its comments in whatever order and over however many files."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from django.utils.translation import gettext_lazy as _

from exchange.files import Unreadable

_CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
_EXCERPT = "excerpt/}encoded"

NOT_WXR = _("This XML file is no WordPress export. In WordPress, choose Tools, Export, Posts.")
BROKEN_XML = _("This export breaks off or is damaged at line %(line)s. Export it from WordPress once more.")
ENTITIES = _("This XML file defines entities, which no WordPress export does. It was not read.")
NO_POST = _("There is no post or page in this file that could become a statement.")
WHICH_POST = _(
    "There are %(number)s posts in it. Give the title or the address of the one to bring in, such as: %(titles)s."
)
NO_SUCH_POST = _("No post in this file has that title or address. There are: %(titles)s.")


@dataclass
class Note:
    """One comment; `parent` is another one's id, or 0. `kind` is empty for a comment, else pingback or the like."""

    id: int
    author: str
    email: str
    written_at: datetime | None
    html: str
    approved: str
    kind: str
    parent: int


@dataclass
class Post:
    """A post or page."""

    id: int
    title: str
    address: str  # of the old site
    written_at: datetime | None
    html: str
    excerpt: str
    status: str
    is_closed: bool  # for comments
    notes: dict[int, Note] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Its address without the host, or nothing if it had none of its own (`/?p=7`)."""
        return urlsplit(self.address).path.rstrip("/")


def posts(files: Iterable[IO[bytes]]) -> list[Post]:
    """The posts and pages of one export, whose files may each have a part of a post's comments. Raises Unreadable."""
    found: dict[int, Post] = {}
    for file in files:
        for post in _of_one(file):
            known = found.setdefault(post.id, post)
            known.notes.update(post.notes)
    if not found:
        raise Unreadable(NO_POST)
    return list(found.values())


def choose(known: list[Post], wanted: str = "") -> Post:
    """The post with this title or address; without one, the only post that is published. Raises Unreadable."""
    shown = [post for post in known if post.status == "publish"] or known
    asked = wanted.strip()
    if not asked:
        if len(shown) == 1:
            return shown[0]
        raise Unreadable(WHICH_POST, number=len(shown), titles=_titles(shown))
    path = urlsplit(asked).path.strip("/").casefold()
    for post in known:
        if post.title.casefold() == asked.casefold() or (path and post.path.strip("/").casefold() == path):
            return post
    raise Unreadable(NO_SUCH_POST, titles=_titles(shown))


def _titles(shown: list[Post]) -> str:
    return "; ".join(f"“{post.title}”" for post in sorted(shown, key=lambda post: -len(post.notes))[:8])


def _of_one(file: IO[bytes]) -> Iterator[Post]:
    is_known = False
    try:
        for _event, element in iterparse(file, forbid_dtd=True):
            name = _name(element)
            is_known = is_known or name == "wxr_version"
            if name != "item":
                continue
            if is_known and _text(element, "post_type") in {"post", "page"}:
                yield _post(element)
            element.clear()
    except ParseError as error:
        raise Unreadable(BROKEN_XML, line=error.position[0]) from error
    except DefusedXmlException as error:
        raise Unreadable(ENTITIES) from error
    if not is_known:
        raise Unreadable(NOT_WXR)


def _post(item: Any) -> Post:
    notes = (_note(one) for one in item if _name(one) == "comment")
    return Post(
        id=_number(_text(item, "post_id")),
        title=_text(item, "title"),
        address=_text(item, "link"),
        written_at=_time(item, "post_date"),
        html=next((one.text or "" for one in item if one.tag == f"{_CONTENT}encoded"), ""),
        excerpt=next((one.text or "" for one in item if str(one.tag).endswith(_EXCERPT)), ""),
        status=_text(item, "status"),
        is_closed=_text(item, "comment_status") == "closed",
        notes={note.id: note for note in notes},
    )


def _note(comment: Any) -> Note:
    """Neither the network's address nor the web address of who wrote it is kept."""
    return Note(
        id=_number(_text(comment, "comment_id")),
        author=_text(comment, "comment_author"),
        email=_text(comment, "comment_author_email"),
        written_at=_time(comment, "comment_date"),
        html=_text(comment, "comment_content"),
        approved=_text(comment, "comment_approved"),
        kind=_text(comment, "comment_type"),
        parent=_number(_text(comment, "comment_parent")),
    )


def _time(element: Any, name: str) -> datetime | None:
    """In UTC where WordPress says so, which it leaves at zeros for drafts; then the site's own clock, taken for UTC."""
    for written in (_text(element, f"{name}_gmt"), _text(element, name)):
        try:
            return datetime.strptime(written, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: Any, name: str) -> str:
    return next(((one.text or "").strip() for one in element if _name(one) == name), "")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def in_order(notes: Iterable[Note]) -> list[Note]:
    """Each one after the one it answers, otherwise by time; an answer to a missing comment becomes a top-level one."""
    by_time = sorted(notes, key=lambda note: (note.written_at or datetime.min.replace(tzinfo=UTC), note.id))
    known = {note.id for note in by_time}
    answers: dict[int, list[Note]] = {}
    for note in by_time:
        answers.setdefault(note.parent if note.parent in known and note.parent != note.id else 0, []).append(note)
    ordered: list[Note] = []
    waiting = list(reversed(answers.pop(0, [])))
    while waiting:
        note = waiting.pop()
        ordered.append(note)
        waiting += reversed(answers.pop(note.id, []))
    return [*ordered, *(note for circle in answers.values() for note in circle)]
