"""Every sealed column gets the newest key, whoever signs meanwhile, and a run that was stopped goes on."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core import resealing, sealed
from exchange.models import Archive, ArchivePart
from petitions.models import Signature, SignatureSubmission
from tests.asking import ask, sign
from tests.factories import CommentFactory, EndorsementFactory, OutgoingEmailFactory, StatementFactory

pytestmark = pytest.mark.django_db
AMINA = "amina@example.org"


@pytest.fixture
def world():
    statement = StatementFactory(ask_postcode=True)
    sign(statement, AMINA, postcode="E1 6AN")
    ask(statement, "bo@example.org", postcode="E2 7XX")
    CommentFactory(statement=statement, author_email=AMINA)
    EndorsementFactory(statement=statement, contact_email=AMINA)
    OutgoingEmailFactory(recipient=AMINA)
    Archive.objects.create().parts.create(path="signatures.csv", number=1, data=b"amina@example.org\0\xff")
    return statement


def keys_of(field):
    with connection.cursor() as cursor:
        column = field.column
        cursor.execute(f"SELECT {column} FROM {field.model._meta.db_table} WHERE octet_length({column}) > 0")
        return {bytes(row[0])[:4] for row in cursor.fetchall()}


def test_all_of_it_rests_under_the_newest_key_and_reads_as_before(world, settings, capsys):
    settings.SEALING_KEYS = ["the next one"]
    call_command("reseal", count=True)
    assert "petitions.Signature.email: 1 rows under an older key." in capsys.readouterr().out
    call_command("reseal")
    said = capsys.readouterr().out
    assert "Nothing is left under an older key." in said
    assert "submissions" not in said  # abstract
    used = set().union(*map(keys_of, resealing.columns()))
    assert used == {sealed.newest_key()}
    signature, submission = Signature.objects.get(), SignatureSubmission.objects.get(agreed_at=None)
    assert (signature.email, signature.postcode) == (AMINA, "E1 6AN")
    assert ArchivePart.objects.get().data == b"amina@example.org\0\xff"
    assert (submission.email, submission.postcode) == ("bo@example.org", "E2 7XX")
    call_command("reseal")
    assert capsys.readouterr().out == "Nothing is left under an older key.\n"


def test_it_can_be_stopped_and_leaves_alone_what_changed_meanwhile(settings, monkeypatch):
    statement = StatementFactory()
    for number in range(5):
        sign(statement, f"s{number}@example.org")
    settings.SEALING_KEYS = ["the next one"]
    field = next(one for one in resealing.columns() if (one.model, one.name) == (Signature, "email"))
    monkeypatch.setattr(field, "batch", 2, raising=False)
    batches = resealing.reseal(field)
    assert (next(batches), resealing.left(field)) == (2, 3)
    batches.close()
    rows = resealing._batch(field, None)
    Signature.objects.filter(pk=rows[0][0]).update(email="new@example.org")
    assert resealing._write(field, rows) == 1
    assert list(resealing.reseal(field)) == [1]
    assert (resealing.left(field), Signature.objects.filter(pk=rows[0][0]).get().email) == (0, "new@example.org")


def test_without_its_key_it_says_so(world, settings):
    settings.HASH_SECRET = "another one, of many random characters"
    with pytest.raises(CommandError, match=r"nor in SEALING_KEYS. Put it back.*\)\. Then run this again"):
        call_command("reseal")
