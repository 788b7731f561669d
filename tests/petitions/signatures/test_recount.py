"""The command that proves the public numbers."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from petitions.models import Tally
from petitions.statements import counting
from tests.factories import SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db


def recount(*slugs: str, repair: bool = False) -> str:
    said = StringIO()
    call_command("recount", *slugs, repair=repair, stdout=said)
    return said.getvalue()


def test_it_agrees_with_a_true_number():
    statement = StatementFactory(slug="libraries")
    SignatureFactory.create_batch(3, statement=statement, state="confirmed")
    counting.recount(statement=statement, repair=True)
    assert recount() == "libraries: stored 3, rows 3: agrees\n"


def test_it_fails_on_a_wrong_number_and_mends_it_when_asked():
    statement, other = StatementFactory(slug="libraries"), StatementFactory(slug="other")
    SignatureFactory.create_batch(3, statement=statement, state="confirmed")
    Tally.objects.filter(statement=statement, slot=7).update(confirmed=5, removed=1)
    with pytest.raises(CommandError, match="Numbers do not agree: libraries"):
        recount()
    assert recount(other.slug) == "other: stored 0, rows 0: agrees\n"
    assert recount("libraries", repair=True) == "libraries: stored 5, rows 3: mended\n"
    assert recount("libraries") == "libraries: stored 3, rows 3: agrees\n"
