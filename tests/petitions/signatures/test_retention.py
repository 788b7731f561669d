"""What is forgotten, and when; and that nobody counts twice for having been forgotten."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.addresses import mailbox_key
from petitions.admin.forms import StatementForm
from petitions.models import Signature, Statement
from petitions.signatures import retention, signing
from petitions.statements import counting, publishing
from tests.asking import sign
from tests.factories import SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db
STATES = ["confirmed"] * 10 + ["held", "removed", "withdrawn"]


def close(statement: Statement, days: int) -> None:
    ended = timezone.now() - timedelta(days=days)
    Statement.objects.filter(pk=statement.pk).update(published_at=ended - timedelta(days=9), closed_at=ended)


def signed() -> Statement:
    statement = StatementFactory()
    for state in STATES:
        SignatureFactory(
            statement=statement, state=state, show_name=True, postcode="AB1 2CD", affiliation="Mill", ip_key="k"
        )
    counting.recount(statement=statement, repair=True)
    return statement


def test_names_go_and_the_count_stays(settings):
    due, fresh = signed(), signed()
    close(due, settings.ANONYMISE_AFTER_CLOSING_DAYS + 1)
    close(fresh, settings.ANONYMISE_AFTER_CLOSING_DAYS - 1)
    before = list(Signature.objects.filter(statement=fresh).order_by("pk").values())

    assert (retention.anonymise(), retention.anonymise()) == (len(STATES), 0)

    texts = ("name", "email", "postcode", "affiliation", "ip_key", "show_name", "email_updates")
    left = Signature.objects.filter(statement=due)
    assert list(left.values_list(*texts).distinct()) == [("",) * 5 + (False, False)]
    assert {bytes(key) for pair in left.values_list("address_key", "domain_key") for key in pair} == {b""}
    known = {mailbox_key(email) for email in [f"signer-{number}@example.org" for number in range(10_000)]}
    assert {bytes(key) for key in left.values_list("mailbox_key", flat=True)} & known == set()
    states = left.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["anonymised"] * 10 + ["held", "removed", "withdrawn"]
    assert counting.recount(statement=due) == counting.Recount(stored=(10, 0, 1), rows=(10, 0, 1))
    assert list(Signature.objects.filter(statement=fresh).order_by("pk").values()) == before


def test_while_a_statement_is_open_everybodys_keys_stay(settings):
    statement, long_ago = signed(), timezone.now() - timedelta(days=4000)
    Signature.objects.update(created_at=long_ago, confirmed_at=long_ago, agreed_at=long_ago)
    before = list(Signature.objects.order_by("pk").values())
    Statement.objects.update(published_at=long_ago)
    assert (retention.anonymise(), list(Signature.objects.order_by("pk").values())) == (0, before)
    Statement.objects.update(closes_at=timezone.now() + timedelta(days=1))
    assert (retention.anonymise(), list(Signature.objects.order_by("pk").values())) == (0, before)
    assert counting.recount(statement=statement).agrees


def test_whose_name_went_while_it_is_open_counts_once_if_they_sign_again():
    statement = StatementFactory()
    row = sign(statement)
    counting.move(
        where="sig.id = %(id)s", change="state = 'anonymised', name = '', email = ''",
        values={"id": row.pk},
    )  # fmt: skip
    assert sign(statement).pk == row.pk
    assert counting.recount(statement=statement) == counting.Recount(stored=(1, 0, 0), rows=(1, 0, 0))


@pytest.mark.parametrize("field", ["closed_at", "closes_at"])
@pytest.mark.parametrize("how", ["before the chore", "after the chore", "after a longer period was set"])
def test_what_was_forgotten_is_not_reopened(settings, field, how):
    statement = signed()
    ended = timezone.now() - timedelta(days=settings.ANONYMISE_AFTER_CLOSING_DAYS + 1)
    Statement.objects.update(published_at=ended - timedelta(days=9), **{field: ended})
    if how != "before the chore":
        retention.anonymise()
    if how == "after a longer period was set":
        settings.ANONYMISE_AFTER_CLOSING_DAYS += 100
    with pytest.raises(publishing.Forgotten, match="Publish a new statement instead"):
        publishing.reopen(statement=statement)
    statement.refresh_from_db()
    assert statement.ended_at == ended
    with pytest.raises(signing.StatementClosed):
        signing.sign(statement=statement, name="Amina", email="amina@example.org")


def test_what_is_not_forgotten_yet_is_reopened(settings):
    statement = signed()
    close(statement, settings.ANONYMISE_AFTER_CLOSING_DAYS - 1)
    publishing.reopen(statement=statement)
    assert Statement.objects.get().is_open


@pytest.mark.parametrize(("days", "errors"), [(1, ["closes_at"]), (-1, [])])
def test_nor_does_another_closing_time_reopen_it(carol, settings, days, errors):
    statement = signed()
    ended = timezone.now() - timedelta(days=settings.ANONYMISE_AFTER_CLOSING_DAYS + days)
    Statement.objects.update(published_at=ended - timedelta(days=9), closes_at=ended)
    url = f"/admin/petitions/statement/{statement.pk}/change/"
    form = carol.get(url).context["adminform"].form
    typed = {name: form[name].value() or "" for name in form.fields if name not in {"image", "closes_at"}}
    assert isinstance(form, StatementForm)
    soon = timezone.localtime() + timedelta(days=9)
    typed |= {"closes_at_0": f"{soon:%Y-%m-%d}", "closes_at_1": f"{soon:%H:%M:%S}"}
    response = carol.post(url, typed)
    found = response.context["adminform"].form.errors if response.status_code == 422 else {}
    assert list(found) == errors
    assert Statement.objects.get(pk=statement.pk).is_open == (not errors)
