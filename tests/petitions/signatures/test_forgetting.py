"""What is left of people when a statement has long been closed, column by column."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.addresses import mailbox_key
from core.register import columns_of
from petitions.models import Signature, Statement
from petitions.personal import AFTER_CLOSING
from petitions.signatures import retention
from petitions.statements import counting
from submissions import decisions
from submissions.models import Decision
from tests.answers import KEPT
from tests.factories import SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db


def closed(days, **values):
    statement = StatementFactory()
    signature = SignatureFactory(
        statement=statement, name="Amina", ip_key="k", show_name=True, position=2, email_updates=True, news_of=[1],
        removed_reason="Amina's brother says so", **{**KEPT, "keep_name": False, **values},
    )  # fmt: skip
    ended = timezone.now() - timedelta(days=days)
    Statement.objects.filter(pk=statement.pk).update(published_at=ended - timedelta(days=9), closed_at=ended)
    return signature


@pytest.mark.parametrize("state", [state for state in Signature.State.values if state != "held"])
def test_every_column_that_the_register_lets_go_then_is_empty(settings, state):
    signature = closed(settings.ANONYMISE_AFTER_CLOSING_DAYS + 1, state=state, sort_key="amina")
    before = Signature.objects.values().get(pk=signature.pk)
    assert (retention.anonymise(), retention.anonymise()) == (1, 0)
    after = Signature.objects.values().get(pk=signature.pk)
    due = {name for name, entry in columns_of(Signature).items() if entry.until == AFTER_CLOSING}
    nothing = dict.fromkeys(due, "") | {"show_name": False, "email_updates": False, "news_of": [], "domain_key": b"",
                                        "position": 0, "address_key": b"",
                                        "mailbox_key": signature.pk.to_bytes(16)}  # fmt: skip
    found = {name: bytes(value) if isinstance(value := after[name], memoryview) else value for name in due}
    assert found == nothing
    assert {name for name in due - {"held_reason"} if not before[name]} == set()


def test_who_is_held_is_forgotten_with_the_reason(settings):
    held = closed(settings.ANONYMISE_AFTER_CLOSING_DAYS + 1, state="held", held_reason="Amina's brother says so")
    assert retention.anonymise() == 1
    held.refresh_from_db()
    assert (held.state, held.name, held.held_reason) == ("held", "", "Forgotten")


def decided(signature, scope):
    key = mailbox_key(signature.email)
    decisions.lock(key)
    for makes in ("hold", "release"):
        decisions.make(makes, kind="signature", scope=scope, subject=key, reason="Amina's brother says so")


def test_decisions_go_with_the_people_they_are_about(settings):
    old, young = (closed(settings.ANONYMISE_AFTER_CLOSING_DAYS + days) for days in (1, -1))
    for signature, scope in [(old, old.statement_id), (young, young.statement_id), (young, None)]:
        decided(signature, scope)
    assert retention.forget_decisions() == 0  # somebody there still has a name
    retention.anonymise()
    assert (retention.forget_decisions(), retention.forget_decisions()) == (2, 0)
    assert (
        list(Decision.objects.order_by("pk").values_list("scope", flat=True)) == [young.statement_id] * 2 + [None] * 2
    )


def test_a_name_that_its_owner_let_stay_stays_on_the_list_and_nothing_else_of_them_does(settings):
    signature = closed(settings.ANONYMISE_AFTER_CLOSING_DAYS + 1, keep_name=True)
    counting.recount(statement=signature.statement, repair=True)
    assert (retention.anonymise(), retention.anonymise()) == (1, 0)
    kept = Signature.objects.get(pk=signature.pk)
    read = (kept.state, kept.name, kept.show_name, kept.affiliation, kept.personal_capacity)
    assert read == ("confirmed", "Amina", True, "Mill School", True)
    gone = (kept.email, kept.postcode, kept.country, kept.email_updates, kept.ip_key)
    assert gone == ("", "", "", False, "")
    assert bytes(kept.mailbox_key) == signature.pk.to_bytes(16)
    assert [one.name for one in Signature.objects.named().filter(statement=signature.statement)] == ["Amina"]
    numbers = counting.numbers([signature.statement])[signature.statement_id]
    assert (numbers.people, numbers.shown) == (1, 1)


@pytest.mark.parametrize(("chosen", "shown"), [(True, False), (False, True)], ids=["not shown", "not chosen"])
def test_a_name_stays_only_if_it_is_shown_and_its_owner_chose_that_it_stays(settings, chosen, shown):
    signature = closed(settings.ANONYMISE_AFTER_CLOSING_DAYS + 1, keep_name=chosen)
    Signature.objects.filter(pk=signature.pk).update(show_name=shown)
    retention.anonymise()
    forgotten = Signature.objects.get(pk=signature.pk)
    assert (forgotten.state, forgotten.name, forgotten.affiliation) == ("anonymised", "", "")
