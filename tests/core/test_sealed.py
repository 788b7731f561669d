"""What rests sealed: nobody reads it without the key, nothing is put in another's place, and keys can change."""

import itertools

import pytest
from django.apps import apps
from django.core.exceptions import FieldError
from django.db import IntegrityError, connection, transaction

from core import sealed
from core.sealed import Changed, NoKey, Unreadable, mailboxes, seal, unseal, what_of
from mail.models import OutgoingEmail
from petitions.models import Signature
from petitions.signatures import paper
from tests.asking import sign
from tests.factories import CommentFactory, EndorsementFactory, SignatureFactory, StatementFactory

AMINA = "amina@example.org"
MAILBOX, POSTCODE = what_of(Signature, "email"), what_of(Signature, "postcode")


def bytes_of(column: str, table: str = "petitions_signature") -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} ORDER BY id")
        return [bytes(row[0]) for row in cursor.fetchall()]


def test_equal_texts_rest_unlike_and_come_back():
    one, two = seal(AMINA, MAILBOX), seal(AMINA, MAILBOX)
    assert one != two
    assert (unseal(one, MAILBOX), unseal(memoryview(two), MAILBOX), unseal(b"", MAILBOX), seal("", MAILBOX)) == (
        AMINA, AMINA, "", b"",
    )  # fmt: skip
    assert AMINA.encode() not in one


@pytest.mark.parametrize(
    "spoil", [lambda it: it[:-1] + bytes([it[-1] ^ 1]), lambda it: b"\0" * 4 + it[4:], lambda it: it[:20]]
)
def test_what_was_changed_is_refused(spoil):
    with pytest.raises(Unreadable):
        unseal(spoil(seal(AMINA, MAILBOX)), MAILBOX)


COLUMNS = [
    ("petitions_signature", "email"), ("petitions_signature", "postcode"), ("comments_comment", "author_email"),
    ("organisations_endorsement", "contact_email"), ("petitions_sheetline", "postcode"),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("moved", list(itertools.permutations(COLUMNS, 2)))
def test_what_rests_in_one_column_is_refused_in_another(moved):
    """By whoever can write to the database, for a whole column at once."""
    statement = StatementFactory()
    SignatureFactory(statement=statement, email=AMINA, postcode="E1 6AN")
    CommentFactory(statement=statement, author_email="bo@example.org")
    EndorsementFactory(statement=statement, contact_email="winsome@example.org")
    paper.type_in(statement=statement, number=1, lines=[("Carol", "E2 7XX")])
    (source, taken), (target, into) = moved
    model = next(model for model in apps.get_models() if model._meta.db_table == target)
    assert model.objects.values_list(into, flat=True).get()
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {target} SET {into} = (SELECT {taken} FROM {source})")
    with pytest.raises(Changed):
        model.objects.values_list(into, flat=True).get()


def test_only_mail_takes_the_mailboxes_of_every_kind():
    names = {what.decode() for what in mailboxes()}
    known = {"mail", "signature", "comment", "endorsement", "subscriber", "attendance"}
    assert names - {"rsvp.mailbox"} == {f"{kind}.mailbox" for kind in known}
    assert OutgoingEmail._meta.get_field("recipient").unsealed(seal(AMINA, MAILBOX)) == AMINA
    with pytest.raises(Changed):
        OutgoingEmail._meta.get_field("recipient").unsealed(seal("E1 6AN", POSTCODE))


def test_a_new_key_seals_and_the_old_ones_still_open(settings):
    old = seal(AMINA, MAILBOX)
    settings.SEALING_KEYS = ["a new key"]
    new = seal(AMINA, MAILBOX)
    assert (unseal(old, MAILBOX), unseal(new, MAILBOX), new[:4], old[:4] == new[:4]) == (
        AMINA, AMINA, sealed.newest_key(), False,
    )  # fmt: skip
    settings.SEALING_KEYS = []
    with pytest.raises(NoKey, match=r"nor in SEALING_KEYS\. Put it back"):
        unseal(new, MAILBOX)


@pytest.mark.django_db
def test_a_signers_mailbox_is_carried_from_row_to_row_and_rests_nowhere_as_it_was_typed():
    signature = sign(StatementFactory(ask_postcode=True), AMINA, postcode="E1 6AN")
    assert (signature.email, signature.postcode) == (AMINA, "E1 6AN")
    assert [row.recipient for row in OutgoingEmail.objects.filter(kind="signature_receipt")] == [AMINA]
    assert bytes_of("email") == bytes_of("recipient", "mail_outgoingemail WHERE kind = 'signature_receipt'")


@pytest.mark.django_db
def test_it_is_looked_for_by_its_keyed_hash_and_by_nothing_else():
    amina, bo = SignatureFactory(email="Amina@example.org"), SignatureFactory(email="bo@example.org")
    nobody = SignatureFactory(email="")
    find = Signature.objects.filter
    assert [*find(email=AMINA)] == [amina]
    assert [*find(email="")] == [nobody]
    assert {*find(email__in=[AMINA, "bo@example.org"])} == {amina, bo}
    assert {*Signature.objects.exclude(email="")} == {amina, bo}
    with pytest.raises(FieldError):
        find(email__startswith="a")
    with pytest.raises(TypeError):
        find(email=b"x")


@pytest.mark.django_db
def test_the_database_refuses_what_is_not_sealed_and_django_what_is_no_address():
    signature = SignatureFactory()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE petitions_signature SET email = %s", [AMINA.encode()])
    for wrong in ("two@example.org,three@example.org", "nobody", "a@" + "x" * 255):
        signature.email = wrong
        with pytest.raises(IntegrityError), transaction.atomic():
            signature.save()
