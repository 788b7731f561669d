"""What is forgotten, and when."""

from datetime import timedelta

import pytest
from django.utils import timezone

from petitions.models import Signature, Statement
from petitions.signatures import counting, retention
from tests.factories import SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db


def close(statement: Statement, days: int) -> None:
    ended = timezone.now() - timedelta(days=days)
    Statement.objects.filter(pk=statement.pk).update(published_at=ended - timedelta(days=9), closed_at=ended)


def test_names_go_and_the_count_stays(settings):
    due, fresh = StatementFactory(), StatementFactory()
    for statement in (due, fresh):
        for state in ["confirmed"] * 10 + ["held", "pending", "removed", "withdrawn"]:
            SignatureFactory(
                statement=statement, state=state, confirmed_at=timezone.now(), show_name=True, postcode="AB1 2CD"
            )
        counting.recount(statement=statement, repair=True)
    close(due, settings.ANONYMISE_AFTER_CLOSING_DAYS + 1)
    close(fresh, settings.ANONYMISE_AFTER_CLOSING_DAYS - 1)

    assert (retention.anonymise(), retention.anonymise()) == (14, 0)

    left = Signature.objects.filter(statement=due).values_list("name", "email", "postcode", "ip_key").distinct()
    assert list(left) == [("", "", "", "")]
    assert counting.recount(statement=due).stored == counting.recount(statement=due).rows == (10, 0, 1)
    assert Signature.objects.filter(statement=fresh, name="").count() == 0
