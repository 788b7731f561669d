"""What is gone stays gone: keyed hashes in the database and in files apart from it, and replaying them."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from core import tombstones
from core.addresses import mailbox_key
from core.models import Tombstone
from mail import suppression
from mail.models import Suppression
from petitions.models import Signature
from petitions.signatures import importers, signing
from petitions.statements import counting
from submissions import erasing
from submissions.holdings import Mailbox
from tests.factories import CommentFactory, EndorsementFactory, SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db
AMINA, BO = "amina@example.org", "bo@example.org"
KEY = mailbox_key(AMINA)


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    """A place for the files of this test alone."""
    options = {**settings.STORAGES["erasures"], "OPTIONS": {"location": tmp_path / "erasures"}}
    settings.STORAGES = {**settings.STORAGES, "erasures": options}
    return tmp_path / "erasures"


def test_a_tombstone_is_never_changed_nor_deleted():
    tombstones.leave(Tombstone.Why.ERASED, kind="signature", subjects=[KEY], scope=7, which="1")
    stone = Tombstone.objects.get()
    for change in (
        lambda: Tombstone.objects.update(scope=8),
        stone.delete,
        lambda: tombstones.copy() and stone.delete(),
    ):
        with pytest.raises(IntegrityError, match="only ever added to"), transaction.atomic():
            change()
    assert list(Tombstone.objects.values_list("scope", "which", "why")) == [(7, "1", "erased")]


def test_each_is_copied_once_into_a_file_without_an_address(store):
    suppression.suppress(AMINA)
    tombstones.leave(Tombstone.Why.WITHDRAWN, kind="signature", subjects=[mailbox_key(BO)], scope=7, which="1")
    assert (tombstones.copy(), tombstones.copy()) == (2, 0)
    [file] = store.iterdir()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(line["subject"], line["kind"], line["scope"], line["which"], line["why"]) for line in lines] == [
        (KEY.hex(), "mail", None, "", "suppressed"),
        (mailbox_key(BO).hex(), "signature", 7, "1", "withdrawn"),
    ]
    assert [tombstones._stone(row) for row in Tombstone.objects.order_by("pk")] == list(tombstones.kept())


def row(email):
    return importers.Row(name="Amina Yusuf", email=email, signed_at=timezone.now())


def test_an_import_brings_back_nobody_who_left_but_their_own_new_signature_counts():
    statement, other = StatementFactory(), StatementFactory()
    own = SignatureFactory(statement=statement, email=AMINA)
    counting.recount(statement=statement, repair=True)
    signing.erase(signature_id=own.pk)
    assert importers.barred(statement, [AMINA, "A.mina@example.org", BO, "  amina@EXAMPLE.org"]) == {AMINA}
    assert importers.load(statement=statement, rows=[row(AMINA), row(BO)]) == 1
    assert importers.load(statement=other, rows=[row(AMINA)]) == 1
    signing.sign(statement=statement, name="Amina Yusuf", email=AMINA)
    assert list(Signature.objects.filter(statement=statement).values_list("email", flat=True)) == [BO]


def restore_last_week():
    """The rows as a backup of last week has them: nothing that was erased since is gone, no tombstone is there."""
    statement = StatementFactory()
    week_ago = timezone.now() - timedelta(days=7)
    own = SignatureFactory(statement=statement, email=AMINA, confirmed_at=week_ago)
    kept = SignatureFactory(statement=statement, email=BO, confirmed_at=week_ago)
    counting.recount(statement=statement, repair=True)
    return statement, own, kept


def test_restoring_last_weeks_backup_and_replaying_leaves_no_erased_nor_suppressed_person(store):
    statement, _own, kept = restore_last_week()
    CommentFactory(statement=statement, author_email=AMINA)
    EndorsementFactory(statement=statement, contact_email=AMINA)
    backup = transaction.savepoint()
    assert erasing.erase(Mailbox.of(AMINA)) == 3
    suppression.suppress(BO)
    tombstones.copy()
    transaction.savepoint_rollback(backup)
    assert (Signature.objects.count(), Tombstone.objects.count(), Suppression.objects.count()) == (2, 0, 0)
    said = StringIO()
    call_command("replay_erasures", stdout=said)
    assert said.getvalue().splitlines() == [
        "5 tombstones read.", "comment: 1 ended again.", "endorsement: 1 ended again.", "mail: 1 ended again.",
        "signature: 1 ended again.",
    ]  # fmt: skip
    assert list(Signature.objects.values_list("pk", flat=True)) == [kept.pk]
    assert bytes(Suppression.objects.get().mailbox_key) == mailbox_key(BO)
    assert counting.recount(statement=statement).stored == (1, 0, 0)
    call_command("replay_erasures", stdout=(again := StringIO()))
    assert again.getvalue().splitlines() == ["5 tombstones read.", "Nothing had come back."]


def test_who_signs_again_after_leaving_is_not_erased_by_a_replay(store):
    statement, own, _kept = restore_last_week()
    signing.erase(signature_id=own.pk)
    tombstones.copy()
    back = SignatureFactory(statement=statement, email=AMINA, confirmed_at=timezone.now() + timedelta(minutes=1))
    call_command("replay_erasures", stdout=StringIO())
    assert Signature.objects.filter(pk=back.pk).exists()


def test_silence_that_was_lifted_later_stays_lifted(store):
    suppression.suppress(AMINA)
    suppression.lift(KEY)
    suppression.suppress(BO)
    tombstones.copy()
    Suppression.objects.all().delete()
    call_command("replay_erasures", stdout=StringIO())
    assert [bytes(one.mailbox_key) for one in Suppression.objects.all()] == [mailbox_key(BO)]


def test_a_file_that_cannot_be_read_stops_the_replay(store):
    suppression.suppress(AMINA)
    tombstones.copy()
    (store / "000000000000-999.jsonl").write_text('{"subject": "x"}\n')
    with pytest.raises(CommandError):
        call_command("replay_erasures", stdout=StringIO())


def test_nothing_was_ever_copied():
    call_command("replay_erasures", stdout=(said := StringIO()))
    assert said.getvalue().splitlines() == ["0 tombstones read.", "Nothing had come back."]
