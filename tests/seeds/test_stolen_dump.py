"""A copy of the demo's database, as somebody may steal it, names nobody's mailbox and nobody's postcode."""

import pytest
from django.contrib.auth.models import User

from core import resealing
from core.sealed import SealedAddressField, SealedPostcodeField
from mail.models import OutgoingEmail
from petitions.models import Signature, SignatureSubmission
from tests.privacy import canary

pytestmark = pytest.mark.usefixtures("seeded")


def people(kind: type) -> set[str]:
    """Every text that rests in a sealed column of this kind."""
    columns = (field for field in resealing.columns() if isinstance(field, kind))
    found = {text for field in columns for text in field.model._default_manager.values_list(field.name, flat=True)}
    return found - {""}


def told(words: set[str]) -> list[tuple[str, str]]:
    """Which of the words stand in which table, as they are, in capitals, or as the digits that bytea is dumped in."""
    small = {form: word for word in words for form in (word.lower(), word.lower().encode().hex(), word.encode().hex())}
    text = {table: "\n".join(rows).lower() for table, rows in canary.dump().items()}
    return [(table, word) for table, rows in text.items() for form, word in small.items() if form in rows]


def test_no_mailbox_stands_there_as_it_is():
    staff = set(User.objects.values_list("email", flat=True)) - {""}
    mailboxes = people(SealedAddressField) - staff
    assert len(mailboxes) > 1000
    assert {
        OutgoingEmail.objects.exclude(state="sent").count() > 0,
        SignatureSubmission.objects.exclude(email="").count() > 0,
    }
    assert told(mailboxes) == []


def test_no_postcode_either():
    postcodes = people(SealedPostcodeField)
    assert len(postcodes) > 10
    assert told(postcodes) == []


def test_the_look_finds_what_does_stand_there():
    """Else the two above would prove nothing."""
    signature = Signature.objects.exclude(name="").latest("pk")
    assert ("public.petitions_signature", signature.name) in told({signature.name})
    assert [table for table, _ in told(set(User.objects.exclude(email="").values_list("email", flat=True)[:1]))] != []
