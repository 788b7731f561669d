"""What is said and sent, as the schema describes it. Times are RFC 3339; texts with HTML in them have been cleaned."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema
from pydantic import ConfigDict

from petitions.signatures import optional

ACCESS = "Who can come and how: step-free ways, signing, a loop."
NEXT = "The address of the next page; null at the end."


class Sent(Schema):
    """What programs send: nothing that nobody knows, so that a slip of a name is not lost."""

    model_config = ConfigDict(extra="forbid")


class Who(Schema):
    """Who publishes."""

    name: str
    url: str | None = Field(description="Its page here.")


class Numbers(Schema):
    """The numbers now. Where the count is switched off or not told, `signatures` and `goal` are null."""

    signatures: int | None
    organisations: int
    goal: int | None
    open: bool


class Statement(Schema):
    """A statement in a list."""

    slug: str = Field(description="What it is called in addresses; it may change, and the old one leads to the new.")
    url: str = Field(description="Its page, for people.")
    kind: Literal["petition", "open_letter", "statement"]
    title: str
    headline: str = Field(description="The publisher's own words over the page; nobody signs them.")
    summary: str
    addressed_to: str
    language: str
    publisher: Who
    published_at: datetime
    closes_at: datetime | None
    open: bool
    signed_by: Literal["both", "people", "organisations"]
    asks: list[str] = Field(description="What signers may answer besides name and address.")
    numbers: Numbers


class Version(Schema):
    """What people sign; it never changes."""

    number: int
    title: str
    addressed_to: str
    body: str = Field(description="HTML.")
    note: str = Field(description="What changed, and why.")
    published_at: datetime
    sha256: str = Field(description="Of title, addressee and text as a JSON array, without spaces and in UTF-8.")


class StatementInFull(Statement):
    """A statement with all its versions, oldest first; the last is what is signed now."""

    outcome: str = Field(description="What came of it, in HTML.")
    versions: list[Version]


class Organisation(Schema):
    """An organisation that stands behind a statement, in words that a moderator has approved."""

    name: str
    kind: str
    town: str
    website: str
    message: str
    contact: str = Field(description="Its representative, where they want to be read.")
    url: str = Field(description="Its page here.")
    initial: bool = Field(description="Whether it is one of the first supporters.")
    listed_at: datetime


class Comment(Schema):
    """A comment that everybody reads."""

    id: int
    parent: int | None = Field(description="What it answers.")
    author: str
    organiser: bool
    text: str
    published_at: datetime
    edited: bool
    url: str


class Event(Schema):
    """Something dated that readers can come to."""

    slug: str
    url: str
    statement: str = Field(description="The statement's slug.")
    uid: str = Field(description="The same for ever, in calendars too.")
    sequence: int = Field(description="How often its plans have changed.")
    title: str
    summary: str
    starts_at: datetime
    ends_at: datetime | None
    timezone: str
    whole_days: bool
    venue: str
    address: str
    online_url: str
    details_url: str
    accessibility: str = Field(description=ACCESS)
    status: Literal["scheduled", "postponed", "cancelled"]
    takes_names: bool = Field(description="Whether people can say on its page that they are coming.")
    capacity: int | None = Field(description="How many places; whoever comes after that waits for one.")
    coming: int | None = Field(description="How many come, where the campaigner tells everybody.")


class News(Schema):
    """News on a statement."""

    slug: str
    url: str
    statement: str = Field(description="The statement's slug.")
    title: str
    body: str = Field(description="HTML.")
    published_at: datetime | None = Field(description="null: a draft. A time to come: planned.")


class Name(Schema):
    """A signer who shows their name."""

    name: str
    affiliation: str
    personal_capacity: bool
    signed_at: datetime


class Statements(Schema):
    """A page of statements, the newest first."""

    data: list[Statement]
    next: str | None = Field(description=NEXT)


class Organisations(Schema):
    """A page of organisations, those listed last first."""

    data: list[Organisation]
    next: str | None = Field(description=NEXT)


class Comments(Schema):
    """A page of comments, the newest first."""

    data: list[Comment]
    next: str | None = Field(description=NEXT)


class Events(Schema):
    """A page of events by their start, the first first."""

    data: list[Event]
    next: str | None = Field(description=NEXT)


class NewsPage(Schema):
    """A page of news, the newest first."""

    data: list[News]
    next: str | None = Field(description=NEXT)


class Attendance(Schema):
    """Somebody who comes to an event, or waits for a place there."""

    name: str
    state: Literal["coming", "waiting"]


class Attendances(Schema):
    """A page of the list for the door, who said so first first."""

    data: list[Attendance]
    next: str | None = Field(description=NEXT)


class Names(Schema):
    """A page of names, those who signed last first."""

    data: list[Name]
    next: str | None = Field(description=NEXT)


class Consent(Schema):
    """What somebody must have read before their signature is sent."""

    sha256: str = Field(description="Send it back as `consent`.")
    text: str = Field(description="What is agreed to by signing.")
    choices: list[str] = Field(description="Beside the boxes `show_name` and `email_updates`, neither ticked before.")
    notice: str = Field(description="The privacy notice in full.")
    version: int = Field(description="Which version of the statement is signed now; send it back as `version`.")


class NewSignature(Sent):
    """Somebody who wants to sign, and has read both the statement and the words of consent."""

    name: str = Field(max_length=255, description="Their name as they want it to appear.")
    email: str = Field(max_length=320, description="Where the mail goes in which they confirm.")
    consent: str = Field(pattern="^[0-9a-f]{64}$", description="The sha256 of the words that they were shown.")
    version: int = Field(ge=1, le=32767, description="The number of the version that they were shown.")
    show_name: bool = Field(False, description="That everybody may read their name. Only if they ticked it.")
    email_updates: bool = Field(False, description="That they want news by mail. Only if they ticked it.")
    affiliation: str = Field("", max_length=120)
    personal_capacity: bool = False
    postcode: str = Field("", max_length=16)
    country: str = Field("", max_length=2, description="ISO 3166-1, such as FR.")
    keep_name: bool = False
    via: str = Field("", pattern="^[A-Za-z0-9_-]{0,32}$", description="Where they came from, in a code of yours.")
    email_is_right: bool = Field(False, description="That an address which looks mistyped is meant.")

    @property
    def typed(self) -> dict[str, Any]:
        """As the form on the page would have it."""
        names = ("name", "email", "via", "version", "show_name", "email_updates", *optional.NAMES)
        said = {name: getattr(self, name) for name in names}
        return {**{name: value for name, value in said.items() if value is not False}, **self.choice}

    @property
    def choice(self) -> dict[str, str]:
        """What the page asks about an address that looks mistyped."""
        return {"email_choice": "keep"} if self.email_is_right else {}


class Asked(Schema):
    """It was written down, and counts once they confirm it by mail. Whoever has signed before gets the same answer."""

    reference: str = Field(description="Three letters and digits that the mail shows, too.")
    state: Literal["waiting"] = "waiting"


class EventChange(Sent):
    """What is to change of an event; what is left out stays."""

    title: str | None = Field(None, max_length=120, min_length=1)
    slug: str | None = Field(None, max_length=80, pattern="^[a-z0-9-]+$")
    summary: str | None = Field(None, max_length=600)
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    timezone: str | None = Field(None, max_length=40, description="Such as Europe/London; the site's own if left out.")
    whole_days: bool | None = None
    venue: str | None = Field(None, max_length=120)
    address: str | None = Field(None, max_length=200)
    online_url: str | None = Field(None, max_length=200)
    details_url: str | None = Field(None, max_length=200)
    accessibility: str | None = Field(None, max_length=600, description=ACCESS)
    status: Literal["scheduled", "postponed", "cancelled"] | None = None
    takes_names: bool | None = None
    capacity: int | None = Field(None, ge=1, le=1_000_000, description="`null`: no end of places.")


class NewEvent(EventChange):
    """An event to come."""

    title: str = Field(max_length=120, min_length=1)
    starts_at: datetime


class NewsChange(Sent):
    """What is to change of news; what is left out stays."""

    title: str | None = Field(None, max_length=100, min_length=1)
    slug: str | None = Field(None, max_length=80, pattern="^[a-z0-9-]+$")
    body: str | None = Field(None, description="HTML; all but simple formatting is left out.", max_length=60_000)
    published_at: datetime | None = Field(None, description="From when everybody can read it; left out: a draft.")


class NewNews(NewsChange):
    """News to write."""

    title: str = Field(max_length=100, min_length=1)
    body: str = Field(description="HTML; all but simple formatting is left out.", max_length=60_000, min_length=1)


class Waiting(Schema):
    """Something that waits for a decision."""

    id: int
    statement: str = Field(description="The statement's slug.")
    seen: str = Field(description="Which words these are; send it back with the decision.")
    since: datetime
    words: dict[str, str] = Field(description="What is to be judged, by what it is called.")


class Queue(Schema):
    """What waits longest."""

    data: list[Waiting]
    next: str | None = Field(description=NEXT)


class CommentDecision(Sent):
    """What is to become of a comment."""

    decision: Literal["approve", "decline", "bin"]
    reason: str = Field("", max_length=200, description="With `decline` its writer reads it: “… because …”.")
    tell: bool = Field(True, description="Whether who wrote a declined comment gets a mail with the reason.")


class EndorsementDecision(Sent):
    """What is to become of an endorsement."""

    decision: Literal["list", "decline"]
    seen: str = Field(max_length=80, description="The `seen` of what was read.")
    reason: str = Field("", max_length=200, description="Needed with `decline`; the representative reads it.")


class SignatureDecision(Sent):
    """What is to become of a signature."""

    decision: Literal["release", "remove"]
    seen: str = Field(max_length=80, description="The `seen` of what was read.")
    reason: str = Field("", max_length=200, description="Needed with `remove`.")


class Decided(Schema):
    """How it stands now."""

    id: int
    state: str
