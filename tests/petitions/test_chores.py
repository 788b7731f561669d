"""What happens to signatures by the clock alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core import chores as housekeeping
from core import retention
from petitions import chores
from petitions.models import Signature
from petitions.signatures import retention as forgetting
from petitions.signatures import signing
from petitions.statements import counting
from tests.asking import agree, ask, later, sign
from tests.factories import SignatureFactory, StatementFactory
from tests.meeting import meet

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def withdrawn(statement, **ago) -> Signature:
    signature = sign(statement, show_name=True)
    signing.withdraw(signature_id=signature.pk)
    later(**ago)
    return signature


@pytest.mark.parametrize(("minutes", "gone"), [(9, 0), (11, 1)])
def test_what_was_withdrawn_is_gone_after_ten_minutes_and_counted_nothing_before(statement, minutes, gone):
    sign(statement, "bo@example.org")
    withdrawn(statement, minutes=minutes)
    assert counting.recount(statement=statement) == counting.Recount(stored=(1, 0, 0), rows=(1, 0, 0))
    assert (chores.delete_withdrawn(), chores.delete_withdrawn()) == (gone, 0)
    assert Signature.objects.count() == 2 - gone
    assert counting.recount(statement=statement) == counting.Recount(stored=(1, 0, 0), rows=(1, 0, 0))


@pytest.mark.parametrize("state", ["confirmed", "held", "removed", "anonymised"])
def test_nothing_else_is_deleted(statement, state):
    SignatureFactory(statement=statement, state=state, withdrawn_at=timezone.now() - DAY)
    assert (chores.delete_withdrawn(), Signature.objects.count()) == (0, 1)


def test_who_was_held_and_comes_back_after_that_is_still_held(statement):
    signing.hold(signature_id=sign(statement).pk, reason="Odd")
    signing.withdraw(signature_id=Signature.objects.get().pk)
    later(minutes=11)
    assert chores.delete_withdrawn() == 1
    assert agree(ask(statement)).state == "held"


def test_they_go_in_batches(statement, monkeypatch):
    monkeypatch.setattr(forgetting, "BATCH", 2)
    long_ago = timezone.now() - HOUR
    SignatureFactory.create_batch(5, statement=statement, state="withdrawn", withdrawn_at=long_ago)
    assert [chores.delete_withdrawn() for _ in range(4)] == [2, 2, 1, 0]


@pytest.mark.django_db(transaction=True)
def test_who_comes_back_at_that_moment_is_not_deleted():
    statement = StatementFactory()
    withdrawn(statement, minutes=11)
    asked = ask(statement)
    assert meet(lambda: agree(asked), chores.delete_withdrawn) == 0
    assert counting.recount(statement=statement) == counting.Recount(stored=(1, 0, 0), rows=(1, 0, 0))


def test_networks_are_forgotten_after_a_week(statement, settings):
    young, old = (
        SignatureFactory(statement=statement, ip_key="k", created_at=timezone.now() - age)
        for age in (settings.IP_KEY_DAYS * DAY - HOUR, settings.IP_KEY_DAYS * DAY + HOUR)
    )
    assert (chores.forget_networks(), chores.forget_networks()) == (1, 0)
    assert [Signature.objects.get(pk=row.pk).ip_key for row in (young, old)] == ["k", ""]


def test_all_of_them_are_run_and_have_nothing_to_do_on_a_quiet_day(statement):
    SignatureFactory(statement=statement)
    own = {"forget dead workers", "run rules", "queue update mail", "forget what is due"}
    steps = {
        "delete finished mail",
        "destroy address keys",
        "delete withdrawn signatures",
        "forget networks",
        "forget names on paper",
        "forget decisions about signers",
        "anonymise signatures",
    }
    assert steps - {step.name for step in retention.steps()} == set()
    done = housekeeping.run_all()
    assert {name: done.get(name) for name in own} == dict.fromkeys(own, 0)
