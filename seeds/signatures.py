"""The crowd under a statement: most in bulk and without mail, a handful through the website's own door."""

from typing import Any

from petitions.models import Signature, Statement
from petitions.signatures import importers, signing
from seeds.people import Person, crowd, mailbox, names
from seeds.world import Clock


def collect(statement: Statement, written: dict[str, Any], clock: Clock) -> None:
    """Let everybody of the statement's TOML file sign; some signatures are then held, removed or withdrawn."""
    people = crowd(written, clock)
    for channel in (Signature.Channel.IMPORT, Signature.Channel.PAPER):
        rows = [person.row for person in people if person.channel == channel]
        importers.load(statement=statement, rows=rows, channel=channel)
    _settle(statement, people, written["crowd"])
    if statement.is_open:
        _wait(statement, written)


def _settle(statement: Statement, people: list[Person], reasons: dict[str, Any]) -> None:
    """Give each signer who is not simply counted their fate."""
    ids = dict(statement.signatures.values_list("email", "pk"))
    for person in people:
        if person.fate == "held":
            signing.hold(signature_id=ids[person.row.email], reason=reasons["held_reason"])
        elif person.fate == "removed":
            signing.remove(signature_id=ids[person.row.email], reason=reasons["removed_reason"])
        elif person.fate == "withdrawn":
            signing.withdraw(signature_id=ids[person.row.email])


def _wait(statement: Statement, written: dict[str, Any]) -> None:
    """Sign as a visitor does, without confirming: these few get a mail, so the demo's mailbox is not empty."""
    waiting = names(salt=f"{statement.slug} waiting", count=written["crowd"]["pending"])
    for name in waiting:
        signing.sign(statement=statement, name=name, email=f"{mailbox(name)}@example.org")
