"""Whoever is thanked is on disk: no verb lets its transaction end before PostgreSQL has written it down (SAFETY 2.2).

`synchronous_commit` may be switched off inside a statement, where no check of the server's settings sees it. A test is
one transaction, so whatever a verb has set for its own shows afterwards.
"""

import pytest
from django.db import connection

from comments import moderation
from mail import claiming, suppression
from mail.models import OutgoingEmail
from petitions.signatures import signing
from submissions import agreeing
from submissions.kinds import named
from tests import asking
from tests.comments.making import agreed
from tests.factories import OutgoingEmailFactory

pytestmark = pytest.mark.django_db


def durability() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return cursor.fetchone()[0]


def test_what_a_signer_does_is_on_disk(statement):
    found = {"before": durability()}
    submission, other = asking.ask(statement), asking.ask(statement, email="bo@example.org")
    found["ask"] = durability()
    result = asking.agree(submission)
    found["agree"] = durability()
    agreeing.disown(named("signature").number, other.pk)
    found["disown"] = durability()
    signing.choose(signature_id=result.result_id, show_name=True)
    found["choose"] = durability()
    signing.withdraw(signature_id=result.result_id)
    found["withdraw"] = durability()
    assert found == dict.fromkeys(found, "on")


def test_what_a_writer_and_a_moderator_do_is_on_disk(statement):
    comment = agreed(statement.thread)
    found = {"agree": durability()}
    moderation.approve(comment=comment)
    found["approve"] = durability()
    assert found == {"agree": "on", "approve": "on"}


def test_what_becomes_of_a_mail_is_on_disk():
    OutgoingEmailFactory()
    (row,) = claiming.claim(1).rows
    found = {"claim": durability()}
    claiming.finish(row, claiming.Verdict(OutgoingEmail.State.SKIPPED, "no longer wanted"))
    found["finish"] = durability()
    suppression.suppress("amina@example.org")
    found["silence"] = durability()
    assert found == {"claim": "on", "finish": "on", "silence": "on"}
