"""A link that is pressed while the worker forgets what it is for: held open at the worst moment."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mail.models import OutgoingEmail
from organisations import chores, endorsing
from organisations.models import Endorsement
from tests.factories import EndorsementFactory
from tests.meeting import meet

pytestmark = pytest.mark.django_db(transaction=True)


def expired(**values) -> Endorsement:
    endorsement = EndorsementFactory(state="unconfirmed", **values)
    Endorsement.objects.update(created_at=timezone.now() - timedelta(days=99))
    return endorsement


def pressed(verb, endorsement: Endorsement) -> str:
    try:
        verb(endorsement_id=endorsement.pk)
    except endorsing.NotConfirmed as refusal:
        return refusal.state
    return "done"


@pytest.mark.parametrize("verb", [endorsing.confirm, endorsing.renew, endorsing.withdraw])
def test_what_is_just_being_deleted_is_gone(verb):
    endorsement = expired()
    assert meet(chores.expire, lambda: pressed(verb, endorsement)) == "unknown"
    assert (Endorsement.objects.count(), OutgoingEmail.objects.count()) == (0, 0)


def test_what_is_just_going_back_to_declined_gets_no_new_link():
    endorsement = expired(decided_at=timezone.now() - timedelta(days=120))
    meet(chores.expire, lambda: pressed(endorsing.renew, endorsement))
    endorsement.refresh_from_db()
    assert (endorsement.state, OutgoingEmail.objects.count()) == ("declined", 0)
