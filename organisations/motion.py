"""The model motion: what a branch can vote on, built from the statement or in the campaigner's own words."""

from dataclasses import dataclass
from html.parser import HTMLParser
from string import ascii_lowercase

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from core import richtext
from organisations.models import Motion
from petitions.models import Statement
from petitions.statements import sharing

VIA = "motion"
LONGEST_DEMAND = 300


@dataclass(frozen=True)
class Part:
    """One part of a motion: how it begins ("This branch notes"), and its points."""

    heading: str
    points: list[str]


@dataclass(frozen=True)
class Text:
    """A whole motion: its title, its parts, the statement's address, and the language of the statement's title."""

    title: str
    parts: list[Part]
    address: str
    language: str = "en"

    @property
    def plain(self) -> str:
        """The motion to copy: one paragraph a point, numbered within its part."""
        blocks = [self.title]
        for part in self.parts:
            points = "\n".join(f"{number}. {point}" for number, point in enumerate(part.points, start=1))
            blocks.append(f"{part.heading}:\n{points}")
        return "\n\n".join([*blocks, _("The statement: %(address)s") % {"address": self.address}]) + "\n"


def text(statement: Statement) -> Text:
    """The motion on `statement`: written parts as the campaigner wrote them, the others built from the statement."""
    own = Motion.objects.filter(statement=statement).first() or Motion(statement=statement)
    address = sharing.address(statement, VIA)
    built = {
        "notes": (_("This branch notes"), _notes(statement)),
        "believes": (_("This branch believes"), _believes(statement)),
        "resolves": (_("This branch resolves"), _resolves(statement)),
    }
    parts = [Part(heading, _lines(getattr(own, verb)) or points) for verb, (heading, points) in built.items()]
    return Text(_("Motion: %(title)s") % {"title": statement.title}, parts, address, statement.language)


def _lines(written: str) -> list[str]:
    return [line.strip() for line in written.splitlines() if line.strip()]


def _notes(statement: Statement) -> list[str]:
    signing = (
        _("that people and organisations are signing the %(kind)s “%(title)s”, addressed to %(whom)s;")
        if statement.addressed_to
        else _("that people and organisations are signing the %(kind)s “%(title)s”;")
    )
    points = [
        signing % {"kind": statement.get_kind_display(), "title": statement.title, "whom": statement.addressed_to}
    ]
    if statement.summary:
        points.append(_("that it says in short: “%(summary)s”") % {"summary": statement.summary.strip()})
    return points


def _believes(statement: Statement) -> list[str]:
    asked = demands(statement.version.body if statement.version else "")
    points = [_("that this matters to our members, at work and where they live;")]
    if not asked:
        return [
            *points,
            _("that the case which the statement makes is right, and should be made by as many as possible."),
        ]
    whom = statement.addressed_to or _("those it is addressed to")
    lettered = [f"({letter}) {point.rstrip('.;, ')}" for letter, point in zip(ascii_lowercase, asked, strict=False)]
    point = _("that %(whom)s should do what the statement asks for: %(demands)s.")
    return [*points, point % {"whom": whom, "demands": "; ".join(lettered)}]


def _resolves(statement: Statement) -> list[str]:
    points = [
        _("to support the %(kind)s and to put this branch’s name to it;") % {"kind": statement.get_kind_display()},
        _("to ask the secretary to do so on the website within a week, giving the date of this meeting;"),
        _("to send the link to every member and ask each to sign in their own name;"),
    ]
    event = statement.events.filter(starts_at__gt=Now(), status="scheduled").order_by("starts_at").first()
    if event is not None:
        point = _("to come with our banner to “%(event)s” on %(day)s;")
        points.append(point % {"event": event.title, "day": event.period.day})
    return [*points, _("to send this motion to our regional body and our trades council, and ask them to do the same.")]


class _Demands(HTMLParser):
    """Collects the points of the last list in a text; a document ends with what it asks for."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.points: list[str] = []
        self.inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"ol", "ul"} and not self.inside:
            self.points = []
        if tag == "li":
            self.inside += 1
            self.points.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside -= tag == "li"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.points[-1] += data


def demands(html: str) -> list[str]:
    """The demands of a statement: the points of its last list, as plain text of at most 300 characters each."""
    parser = _Demands()
    parser.feed(richtext.clean_html(html))
    points = [" ".join(point.split()) for point in parser.points]
    return [point[:LONGEST_DEMAND] for point in points if point]


@transaction.atomic
def write(*, statement: Statement, notes: str = "", believes: str = "", resolves: str = "") -> Motion:
    """Keep the campaigner's own words, one point a line; an empty part is built from the statement."""
    words = {"notes": notes, "believes": believes, "resolves": resolves}
    motion, _is_new = Motion.objects.update_or_create(statement=statement, defaults=words)
    return motion
