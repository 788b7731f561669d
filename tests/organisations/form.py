"""What the tests of organisations type, and how they do things at once."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

from django.db import connection
from django.utils import timezone

from organisations import endorsing, importers, logos
from organisations.models import Endorsement, EndorsementSubmission
from petitions.models import Statement
from submissions import agreeing
from tests.organisations.pictures import png


def typed(**more: Any) -> dict[str, Any]:
    """The arguments of `endorsing.endorse` for a union branch."""
    return {
        "organisation": "Lantern Union, Eastside branch",
        "kind": "union_branch",
        "town": "Eastside",
        "contact_name": "Winsome Nembhard",
        "contact_role": "Branch secretary",
        "contact_email": "branch@lantern.example.org",
        "agreed_how": "members_meeting",
        "agreed_on": timezone.localdate() - timedelta(days=3),
        **more,
    }


def posted(**more: Any) -> dict[str, Any]:
    """The same as a browser posts it."""
    return {**typed(), "agreed_on": (timezone.localdate() - timedelta(days=3)).isoformat(), **more}


def row(name: str, **more: Any) -> importers.Row:
    """A supporter that the campaign had already."""
    values = {
        "kind": "community_group",
        "town": "Eastside",
        "contact_name": "Colm Devaney",
        "contact_role": "Secretary",
        "contact_email": "secretary@example.org",
        "agreed_how": "committee",
        "agreed_on": timezone.localdate() - timedelta(days=9),
        "listed_at": timezone.now() - timedelta(days=8),
    }
    return importers.Row(name=name, **{**values, **more})


def ask(statement: Statement, **more: Any) -> EndorsementSubmission:
    """Send the form, and return what was written down; nobody has agreed to it."""
    asked = endorsing.endorse(statement=statement, **typed(**more))
    return EndorsementSubmission.objects.get(pk=asked.submission_id)


def endorse(statement: Statement, **more: Any) -> Endorsement:
    """One that its representative has agreed to, and that waits for a moderator."""
    return agree(ask(statement, **more))


def agree(submission: EndorsementSubmission) -> Endorsement:
    """Agree to a submission, as its mailbox's owner does."""
    return Endorsement.objects.get(pk=agreeing.agree(endorsing.NUMBER, submission.pk).result_id)


def endorse_with_logo(statement: Statement, **more: Any) -> Endorsement:
    """One with a logo that waits for a moderator."""
    return endorse(statement, logo=logos.draw(io.BytesIO(png())), **more)


def in_threads(work: Callable[[int], Any], threads: int) -> list[Any]:
    """What `work(0)`, `work(1)` … return, each in a thread with a connection of its own; all start together."""
    barrier = Barrier(threads)

    def run(number: int) -> Any:
        try:
            barrier.wait(timeout=20)
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))
