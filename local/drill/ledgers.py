"""What people were told, what the mail server took, what the database holds: and whether the promises were kept.

Sets are compared, as Jepsen does: every submission has an address of its own. Source: SAFETY 2.3.
"""

from dataclasses import dataclass, field

BACK_SECONDS = 5.0
SHOWN = 3


@dataclass
class Ledgers:
    """All three. Addresses are written as they were sent.

    `acknowledged` got “check your email” and `unknown` no answer; `pressed` got “thank you” and `unsure` no answer.
    `mails` has the Message-IDs of confirmation mails by recipient, `rows` the state of each signature; `agrees` is what
    `manage.py recount` says, `claimed` how many mails a lease still holds, `odd` the answers that nobody was promised,
    `back` the seconds from a database that answers again to the next acknowledgement.
    """

    acknowledged: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    pressed: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
    mails: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)
    agrees: bool = True
    claimed: int = 0
    odd: list[str] = field(default_factory=list)
    back: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Promise:
    """One line of the table: what was promised, the figure, and what breaks it."""

    words: str
    figure: str
    broken: list[str]

    def __str__(self) -> str:
        kept = "kept" if not self.broken else f"BROKEN: {', '.join(self.broken[:SHOWN])}"
        return f"{self.words:<58} {self.figure:<34} {kept}"


def promises(found: Ledgers) -> list[Promise]:
    """The table of SAFETY 2.1, as far as this drill proves it."""
    return [*_signing(found), *_counting(found), *_mail(found), *_answers(found)]


def _signing(found: Ledgers) -> list[Promise]:
    rows = set(found.rows)
    phantoms = rows - found.acknowledged - found.unknown
    return [
        Promise(
            "P1 What was answered “check your email” is there",
            f"{len(found.acknowledged):,} acknowledged, {len(found.unknown):,} unknown",
            sorted(found.acknowledged - rows),
        ),
        Promise("P1 Nothing is there that nobody sent", f"{len(rows):,} rows", sorted(phantoms)),
    ]


def _counting(found: Ledgers) -> list[Promise]:
    confirmed = {address for address, state in found.rows.items() if state == "confirmed"}
    wrong = (found.pressed - confirmed) | (confirmed - found.pressed - found.unsure)
    off = [] if found.agrees else ["manage.py recount"]
    return [
        Promise("P2 Pressed is confirmed, and nothing else is", f"{len(found.pressed):,} pressed", sorted(wrong)),
        Promise("P2 The public number is that of the rows", f"{len(confirmed):,} confirmed", off),
    ]


def _mail(found: Ledgers) -> list[Promise]:
    twice = {address for address, ids in found.mails.items() if len(ids) > 1}
    differ = {address for address in twice if len(set(found.mails[address])) > 1}
    held = [f"{found.claimed} rows"] if found.claimed else []
    return [
        Promise(
            "P3 Whoever was acknowledged got the mail",
            f"{len(found.mails):,} people wrote to",
            sorted(found.acknowledged - set(found.mails)),
        ),
        Promise("P3 No mail without a row", "", sorted(set(found.mails) - set(found.rows))),
        Promise("P3 A mail that came twice is the same mail", f"{len(twice):,} came twice", sorted(differ)),
        Promise("P3 No mail is left claimed", "", held),
    ]


def _answers(found: Ledgers) -> list[Promise]:
    slow = [f"{seconds:.1f} s" for seconds in found.back if seconds > BACK_SECONDS]
    longest = f"{max(found.back, default=0):.1f} s at the longest"
    return [
        Promise("P4 No error but 503 with Retry-After", "", found.odd),
        Promise(f"P4 Back {BACK_SECONDS:.0f} s after the database", longest, slow),
    ]
