"""Signers who asked for news, and its mail on its way to them."""

from petitions.models import Mailing, Signature, Statement, Update
from petitions.news import updates
from tests.factories import SignatureFactory


def signers(statement: Statement, number: int, **values: object) -> list[Signature]:
    """People who have confirmed and asked for news, unless `values` say otherwise."""
    return SignatureFactory.create_batch(
        number, statement=statement, **{"state": "confirmed", "email_updates": True, **values}
    )


def begin(update: Update) -> Mailing:
    """Tested by Carol, and started."""
    updates.send_test(update=update, to="carol@example.org")
    return updates.start(update=update)


def queue_all() -> list[int]:
    """How many signers each batch queued."""
    return list(iter(updates.queue_batch, 0))
