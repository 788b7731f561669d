"""What is left of people when a statement has long been closed, column by column."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.addresses import domain_key, mailbox_key
from core.register import columns_of
from petitions.models import Signature, Statement
from petitions.personal import AFTER_CLOSING, WHILE_IT_COUNTS
from petitions.signatures import retention, signing
from petitions.statements import counting, publishing
from submissions import decisions
from submissions.models import Decision
from tests.answers import KEPT
from tests.asking import ask, confirm_url, people, sign
from tests.factories import SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db
ENDS = (AFTER_CLOSING, WHILE_IT_COUNTS)


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
    due = {name for name, entry in columns_of(Signature).items() if entry.until in ENDS}
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


def forgotten_while_open(settings):
    """Amina, whose signature is so old that only the number is left of it, under a statement that is still open."""
    statement = StatementFactory(slug="libraries")
    signature = sign(statement, show_name=True)
    long_ago = timezone.now() - timedelta(days=settings.LONGEST_DAYS + 1)
    times = dict.fromkeys(("created_at", "agreed_at", "asked_to_stay_at"), long_ago)
    Signature.objects.filter(pk=signature.pk).update(link_number=1, **times)
    assert (retention.anonymise_old(), retention.anonymise_old(), people(statement)) == (1, 0, (1, 0, 0))
    signature.refresh_from_db()
    assert (signature.state, signature.name, signature.email) == ("anonymised", "", "")
    return statement, signature


def test_who_was_forgotten_while_it_is_open_counts_once(settings, client):
    """Issue 13: while a statement is open an anonymised mailbox's hash stays, so nobody counts twice."""
    statement, signature = forgotten_while_open(settings)
    again = ask(statement, name="Amina Y. Yusuf")
    page = client.get(confirm_url(again)).content.decode()
    assert ("Confirm my signature" in page, "has already signed" in page) == (True, False)
    assert client.post(confirm_url(again)).status_code == 303
    assert people(statement) == (1, 0, 0)
    renewed = statement.signatures.get()
    assert (renewed.pk, renewed.state, renewed.name, renewed.email) == (
        signature.pk, "confirmed", "Amina Y. Yusuf", "amina@example.org"
    )  # fmt: skip
    assert (renewed.anonymised_at, renewed.asked_to_stay_at, bytes(renewed.domain_key)) == (
        None, None, domain_key("amina@example.org")
    )  # fmt: skip


def test_another_spelling_of_who_was_forgotten_counts_once(settings, client):
    statement, _signature = forgotten_while_open(settings)
    client.post(confirm_url(ask(statement, "amina+libraries@example.org")))
    assert (people(statement), statement.signatures.count()) == ((1, 0, 0), 1)


def test_the_hashes_of_who_was_forgotten_while_it_was_open_go_once_it_has_long_been_closed(settings):
    statement, signature = forgotten_while_open(settings)
    assert bytes(signature.mailbox_key) == mailbox_key("amina@example.org")
    ended = timezone.now() - timedelta(days=settings.ANONYMISE_AFTER_CLOSING_DAYS + 1)
    Statement.objects.filter(pk=statement.pk).update(published_at=ended - timedelta(days=9), closed_at=ended)
    Signature.objects.update(anonymised_at=ended - timedelta(days=1))
    assert (retention.anonymise(), retention.anonymise(), people(statement)) == (1, 0, (1, 0, 0))
    signature.refresh_from_db()
    assert (bytes(signature.mailbox_key), bytes(signature.address_key)) == (signature.pk.to_bytes(16), b"")


def test_who_renews_is_asked_anew_whether_the_name_may_stay(settings):
    statement = StatementFactory()
    signature = sign(statement)
    long_ago = timezone.now() - timedelta(days=settings.LONGEST_DAYS)
    Signature.objects.update(agreed_at=long_ago, created_at=long_ago, asked_to_stay_at=long_ago)
    assert sign(statement).pk == signature.pk
    assert Signature.objects.get().asked_to_stay_at is None


def test_what_was_forgotten_while_it_was_open_does_not_keep_it_from_being_reopened(settings):
    statement, _signature = forgotten_while_open(settings)
    publishing.close(statement=statement)
    publishing.reopen(statement=statement)
    assert Statement.objects.open().get() == statement


def test_a_forgotten_fake_does_not_keep_a_statement_from_being_reopened(settings):
    statement = StatementFactory()
    fake = sign(statement)
    signing.remove(signature_id=fake.pk, reason="Invented")
    sign(statement, "bo@example.org")
    Signature.objects.filter(pk=fake.pk).update(removed_at=timezone.now() - timedelta(days=settings.REMOVED_DAYS + 1))
    assert retention.forget_removed() == 1
    publishing.close(statement=statement)
    publishing.reopen(statement=statement)
    assert Statement.objects.open().get() == statement
