"""What the statement's public page shows."""

from typing import Any, NamedTuple

from django.db.models.functions import Now

from core.http import site_facts
from core.speed.prepared import Prepared
from petitions.actions import calls, events
from petitions.news.models import Update
from petitions.signatures import listing, notable, public_numbers
from petitions.signatures.forms import SignForm
from petitions.statements import copublishing
from petitions.statements.models import Statement, Version
from petitions.travel import card, structured_data

LATEST_NAMES = 20


def statement_context(statement: Statement, version: Version | None) -> dict[str, Any]:
    """Everything on the statement's page but what other apps put there themselves; a draft may have no version."""
    tally = public_numbers.tally_of(statement)
    coming, gone = events.coming_and_gone(statement)
    headline, preface = copublishing.words_of(statement)
    return {
        "preview": "",
        "headline": headline,
        "preface": preface,
        "together": statement.publishers if statement.joint_with else [],
        "site": {**site_facts(statement.shown_by), "off": tally["off"]},
        "statement": statement,
        **_head(statement, version, tally),
        "version": version,
        "tally": tally,
        "form": SignForm(statement=statement, initial={"version": version.number if version else None}),
        "names": [Name(*row) for row in _first_names(statement)],
        "calls": calls.shown(statement, coming),
        "gone": gone,
        "notable": [Name(*row) for row in notable.of(statement.pk)],
        "updates": _latest_updates(statement.pk),
    }


class Name(NamedTuple):
    """What everybody reads of a signature."""

    name: str
    affiliation: str
    personal_capacity: bool


_first_names = listing.First(Name._fields, LATEST_NAMES)
_latest_updates = Prepared(
    lambda statement: Update.objects.filter(statement=statement, published_at__lte=Now()).defer("body")[:2], int
)


def _head(statement: Statement, version: Version | None, tally: dict[str, Any]) -> dict[str, Any]:
    """What networks and search engines are told; a draft has nothing to tell."""
    if version is None or statement.published_at is None:
        return {"card": None, "article": None}
    number = public_numbers.public_number(tally)
    picture = card.tags(card.of_statement(statement, number))
    return {"card": picture, "article": structured_data.statement(statement, version, number, picture["url"])}
