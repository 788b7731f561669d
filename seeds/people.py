"""The people who sign in the demo: the same ones every time, drawn from lists of names of many origins."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.text import slugify

from petitions.signatures.importers import Row
from seeds.world import Clock, dice, read, shuffled

# Many sign in the first days, then fewer and fewer.
RUSH = 2.6
HALF_A_DAY = 0.5
MINUTES_BETWEEN_FIXED = 31
PERCENT_WITH_UPDATES = 78
PERCENT_WITH_ANSWER = 60
COUNTRIES = (*["GB"] * 7, "IE", "JO", "SE")
MAILBOXES = ("example.org", "example.net", "example.com")
SOURCES = ("", "", "", "whatsapp", "email", "poster", "bookshop", "trades-council")


@dataclass(frozen=True)
class Person:
    """One signer: what they typed, and what became of it (`public`, `private`, `held`, `removed`, `withdrawn`)."""

    row: Row
    fate: str
    channel: str


def names(*, salt: str, count: int, shares: dict[str, int] | None = None) -> list[str]:
    """`count` different names; each origin is drawn in proportion to its share, by `shares` or as names.toml says."""
    origins = {origin["name"]: origin for origin in read("names")["origins"]}
    shares = shares or {name: origin["share"] for name, origin in origins.items()}
    decks = {name: iter(_deck(origins[name], salt)) for name in shares}
    tickets = [name for name, share in shares.items() for _ in range(share)]
    drawn = (next(decks[tickets[dice(salt, "origin", draw) % len(tickets)]]) for draw in itertools.count())
    return list(itertools.islice(drawn, count))


def _deck(origin: dict[str, Any], salt: str) -> list[str]:
    """Every name that the lists of one origin can make, shuffled."""
    form = origin.get("form", "{given} {family}")
    pairs = itertools.product(origin["given"], origin["family"])
    return shuffled((form.format(given=given, family=family) for given, family in pairs), salt)


def crowd(statement: dict[str, Any], clock: Clock) -> list[Person]:
    """Everyone who has signed `statement` (as written in its TOML file), the earliest first."""
    return sorted([*_drawn(statement, clock), *_fixed(statement, clock)], key=lambda person: person.row.signed_at)


def _drawn(statement: dict[str, Any], clock: Clock) -> Iterator[Person]:
    numbers, salt = statement["crowd"], statement["slug"]
    fates = [fate for fate in ("public", "private", "held", "removed", "withdrawn") for _ in range(numbers[fate])]
    if numbers["fixed"]:
        del fates[: len(read("signers")["signers"])]
    drawn = names(salt=salt, count=len(fates), shares=numbers.get("shares"))
    paper = set(shuffled(range(len(fates)), salt, "paper")[: numbers["paper"]])
    for index, (name, fate) in enumerate(zip(drawn, shuffled(fates, salt, "fate"), strict=True)):
        signed_at = _signed_at(statement, clock, (index + 1) / (len(fates) + 1))
        row = _row(statement, index, name, signed_at, _affiliation(statement, index), show_name=fate == "public")
        yield Person(row=row, fate=fate, channel="paper" if index in paper else "import")


def _fixed(statement: dict[str, Any], clock: Clock) -> Iterator[Person]:
    """The hand-written signers, in the hours before the seeding."""
    if not statement["crowd"]["fixed"]:
        return
    for place, signer in enumerate(read("signers")["signers"], start=1):
        signed_at = clock.now - timedelta(minutes=MINUTES_BETWEEN_FIXED * place)
        typed = {"affiliation": signer["affiliation"], "personal_capacity": signer.get("personal", False)}
        row = _row(statement, f"fixed-{place}", signer["name"], signed_at, typed, show_name=True)
        yield Person(row=row, fate="public", channel="import")


def _signed_at(statement: dict[str, Any], clock: Clock, part: float) -> datetime:
    """When the signer at `part` (0 to 1) of the whole crowd signed."""
    first, last = statement["published_days_ago"], statement.get("closed_days_ago", HALF_A_DAY)
    return clock.ago(first - (first - last) * part**RUSH)


def mailbox(name: str) -> str:
    """The local part of an address: ASCII letters, digits and hyphens."""
    return slugify(name)[:40].strip("-") or "signer"


def _row(
    statement: dict[str, Any], key: int | str, name: str, signed_at: datetime, typed: dict[str, Any], *, show_name: bool
) -> Row:
    salt = (statement["slug"], key)
    made = {"postcode": _postcode, "country": _country}
    answers = {
        name: make(*salt)
        for name, make in made.items()
        if statement.get(f"ask_{name}") and dice(*salt, f"has {name}") % 100 < PERCENT_WITH_ANSWER
    }
    return Row(
        name=name,
        email=f"{mailbox(name)}.{key}@{MAILBOXES[dice(*salt, 'mailbox') % len(MAILBOXES)]}",
        signed_at=signed_at,
        email_updates=dice(*salt, "updates") % 100 < PERCENT_WITH_UPDATES,
        show_name=show_name,
        answers={**answers, **typed},
        via=SOURCES[dice(*salt, "via") % len(SOURCES)],
    )


def _affiliation(statement: dict[str, Any], index: int) -> dict[str, Any]:
    one_in, salt = statement["crowd"]["affiliated_in"], (statement["slug"], index, "affiliation")
    if not one_in or dice(*salt) % one_in:
        return {}
    options = read("affiliations")["affiliations"]
    chosen = options[dice(*salt, "which") % len(options)]
    return {"affiliation": chosen["text"], "personal_capacity": chosen["personal"]}


def _postcode(*salt: object) -> str:
    """A postcode of the right shape in an area that does not exist (ES)."""
    number = dice(*salt, "postcode")
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    return f"ES{1 + number % 9} {number // 9 % 10}{letters[number // 90 % 20]}{letters[number // 1800 % 20]}"


def _country(*salt: object) -> str:
    """Where supporters of a local campaign live: most of them near by."""
    return COUNTRIES[dice(*salt, "country") % len(COUNTRIES)]
