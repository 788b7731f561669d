"""What ought to happen, in plain Python: the promise of the house, written down without a line of the house's code.

Times are seconds of the walk's own clock; mailboxes and spellings are those of MAILBOXES, whose folding is written out
by hand. Nothing here may import the app.
"""

from dataclasses import dataclass, field
from typing import Protocol

MINUTE, HOUR, DAY = 60, 3600, 86400
WITHDRAWN_STAYS = 10 * MINUTE
VALID, LONGEST, GRACE = 14 * DAY, 28 * DAY, 24 * HOUR
CROWD, CROWD_WITHIN = 2, 10 * MINUTE
CODE_TRIES, WRONG_A_DAY = 5, 20
MAILS_FIRST_DAY = 5

# As people type them: the mailbox that it is for counting, and the address that it is for seeing and renewing.
MAILBOXES = {
    "amina@example.org": ("amina@example.org", "amina@example.org"),
    "amina+x@example.org": ("amina@example.org", "amina+x@example.org"),
    "b.o@gmail.com": ("bo@gmail.com", "b.o@gmail.com"),
    "bo@googlemail.com": ("bo@gmail.com", "bo@googlemail.com"),
    "cy@mill.example": ("cy@mill.example", "cy@mill.example"),
    "dee@mill.example": ("dee@mill.example", "dee@mill.example"),
}
SPELLINGS = [*MAILBOXES, "Amina@Example.org"]  # capitals make no other address


def mailbox_of(typed: str) -> str:
    """The mailbox that counts once."""
    return MAILBOXES[typed.lower()][0]


def address_of(typed: str) -> str:
    """The address that sees and renews."""
    return MAILBOXES[typed.lower()][1]


@dataclass
class Place:
    """A statement: what its form asks, and where it stands."""

    id: int
    asks: bool
    version: int = 1
    hidden: bool = False
    closed: float | None = None
    forgotten: int = 0  # counted people whose names are gone


class Typed(Protocol):
    """A submission of any kind, by where it stands."""

    place: int
    created: float
    mailed: float | None
    agreed: float | None
    ended: float | None


@dataclass
class Asked:
    """A submission."""

    id: int
    place: int
    typed: str
    words: dict[str, object]
    version: int
    created: float
    unless_signed: bool = False
    signals: str = ""
    network: str = ""
    mailed: float | None = None
    tries: int = 0
    agreed: float | None = None
    ended: float | None = None
    result: tuple[int, str, int] | None = None
    code: str = ""
    waits_at: str = ""  # its waiting page

    @property
    def mailbox(self) -> str:
        return mailbox_of(self.typed)

    @property
    def address(self) -> str:
        return address_of(self.typed)

    @property
    def said(self) -> tuple:
        """What makes two posts the same one, pressed twice."""
        return self.place, self.address, self.version, self.unless_signed, tuple(sorted(self.words.items()))


@dataclass
class Signed:
    """A signature."""

    address: str
    words: dict[str, object]
    version: int
    state: str
    agreed: float
    submission: int | None = None  # none: imported
    withdrawn: float | None = None
    created: float = float("-inf")  # when it was first asked for
    network: str = ""


@dataclass
class Bar:
    """A hold or a removal against somebody, and who made it."""

    id: int
    makes: str
    who: tuple[int, str, int]
    rule: int | None = None
    live: bool = True


Who = tuple[int, str, int]  # statement, mailbox, first or second person


@dataclass
class World:
    """Everything, and what the verbs do to it."""

    now: float = 0.0
    places: dict[int, Place] = field(default_factory=dict)
    asked: dict[int, Asked] = field(default_factory=dict)
    signed: dict[Who, Signed] = field(default_factory=dict)
    bars: list[Bar] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)
    letters: dict[str, list[float]] = field(default_factory=dict)  # mailbox: confirmation mails since the last answer
    bars_made: int = 0
    left: set[Who] = field(default_factory=set)  # whose signature was deleted: no import brings it back

    def stands(self, one: Asked) -> str:
        """Where a submission stands."""
        if one.agreed is None and one.ended is None and self._is_superseded(one):
            return "superseded"
        return self.stands_alone(one)

    def stands_alone(self, one: "Typed") -> str:
        """The same, for any kind, with nobody's newer answer looked at."""
        place = self.places[one.place]
        if one.agreed is not None:
            return "agreed"
        if one.ended is not None:
            return "ended"
        first = one.mailed + VALID if one.mailed is not None else float("inf")
        if min(first, one.created + LONGEST) <= self.now:
            return "expired"
        if place.hidden:
            return "hidden"
        if place.closed is not None and one.mailed is not None and max(place.closed, one.mailed) <= self.now - GRACE:
            return "closed"
        return "waiting"

    def _is_superseded(self, one: Asked) -> bool:
        mine = [s for s in self.people(one.place, one.mailbox).values() if s.state != "withdrawn"]
        return any(s.agreed >= one.created or one.unless_signed for s in mine)

    def people(self, place: int, mailbox: str) -> dict[int, Signed]:
        """Who has signed with a mailbox, by position."""
        found = {who[2]: s for who, s in self.signed.items() if who[:2] == (place, mailbox)}
        return dict(sorted(found.items()))

    def choices(self, one: Asked) -> dict[int, str]:
        """Whose signature each button would write: the position, and `new`, `renew` or `back`."""
        people = self.people(one.place, one.mailbox)
        if not people:
            return {1: "new"}
        if any(s.address != one.address for s in people.values()):
            return {}
        there = {position: s for position, s in people.items() if s.state != "withdrawn"}
        if not there:
            return {next(iter(people)): "back"}
        position, first = next(iter(there.items()))
        found, other = {position: "renew"}, 3 - position
        if first.state == "removed":
            return {**found, **({other: "renew"} if other in there else {})}
        if str(one.words["name"]).casefold() == str(first.words["name"]).casefold():
            return found
        return {**found, other: "renew" if other in there else "back" if other in people else "new"}

    def may_agree(self, one: Asked, position: int) -> bool:
        """Whether a button may do it, also one that is not on the page any more, or never was."""
        people = self.people(one.place, one.mailbox)
        if self.stands(one) != "waiting" or any(s.address != one.address for s in people.values()):
            return False
        if position in people:
            return True
        return all(s.state != "removed" for s in people.values()) if people else position == 1

    def suspicion(self, one: Asked, position: int) -> str:
        """Why a submission is looked at before it counts: of itself, of how many signed with it, and beside whom."""
        near = {
            who[1]
            for who, s in self.signed.items()
            if s.network == one.network != "" and who[1] != one.mailbox and abs(s.created - one.created) < CROWD_WITHIN
        }
        own = self.signed.get((one.place, one.mailbox, position))
        beside = self.live_bars((one.place, one.mailbox, 3 - position), "hold")
        is_shared = beside and (own is None or own.state == "withdrawn")
        return " ".join(
            filter(None, [one.signals, "crowd" if len(near) >= CROWD else "", "shared" if is_shared else ""])
        )

    def live_bars(self, who: Who, makes: str = "") -> list[Bar]:
        return [bar for bar in self.bars if bar.live and bar.who == who and makes in ("", bar.makes)]

    def by_decisions(self, who: Who) -> str:
        """The state that follows from what is decided, and from nothing else."""
        if self.live_bars(who, "remove"):
            return "removed"
        return "held" if self.live_bars(who, "hold") else "confirmed"

    def bar(self, who: Who, makes: str, rule: int | None = None) -> Bar:
        self.bars_made += 1
        self.bars.append(Bar(self.bars_made, makes, who, rule))
        return self.bars[-1]

    def agree(self, one: Asked, position: int) -> str | None:
        """Agree to a submission; the state of what it wrote, or None where nothing may happen."""
        if not self.may_agree(one, position):
            return None
        who = one.place, one.mailbox, position
        before, suspicion = self.signed.get(who), self.suspicion(one, position)
        state = self.by_decisions(who)
        if before is not None and before.state in {"held", "removed"}:
            state = before.state
        elif state == "confirmed" and suspicion:
            state = "held"
            self.bar(who, "hold")
        words = dict(one.words)
        if before is not None and not self.places[one.place].asks:
            words |= {name: before.words[name] for name in ("affiliation", "postcode")}
        self.signed[who] = Signed(
            one.address, words, one.version, state, self.now, one.id,
            created=before.created if before else one.created, network=one.network,
        )  # fmt: skip
        one.agreed, one.result = self.now, who
        self.letters[one.mailbox] = []
        return state

    def look(self, who: Who) -> None:
        """Let one stand as is decided."""
        if who in self.signed and self.signed[who].state in {"confirmed", "held", "removed"}:
            self.signed[who].state = self.by_decisions(who)

    def decide(self, who: Who, verb: str) -> bool:
        """Hold, release, remove or restore; whether it could be done."""
        may = {"hold": {"confirmed"}, "release": {"held"}, "remove": {"confirmed", "held"}, "restore": {"removed"}}
        if self.signed[who].state not in may[verb]:
            return False
        if verb in {"hold", "remove"}:
            self.bar(who, verb)
        else:
            for bar in self.live_bars(who, {"release": "hold", "restore": "remove"}[verb]):
                bar.live = False
        self.look(who)
        return True

    def forget(self) -> None:
        """What the hourly and daily chores may and must have done by now."""
        gone = [
            w for w, s in self.signed.items() if s.withdrawn is not None and s.withdrawn < self.now - WITHDRAWN_STAYS
        ]
        for who in gone:
            del self.signed[who]
            self.left.add(who)

    def numbers(self, place: int) -> tuple[int, int, int]:
        """Counted, shown and removed."""
        mine = [s for who, s in self.signed.items() if who[0] == place]
        counted = [s for s in mine if s.state == "confirmed"]
        return (
            len(counted) + self.places[place].forgotten,
            sum(bool(s.words["show_name"]) for s in counted),
            sum(s.state == "removed" for s in mine),
        )
