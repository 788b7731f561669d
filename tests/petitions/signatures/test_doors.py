"""Four doors, one room: whoever comes again through whichever door, whatever stood there and was decided before.

Amina's name is public. Mallory posts her address, with another name that is not, and through which door he comes is
the first column. Nothing of hers changes by a post alone; what agreeing to it then does is written out below.
"""

from datetime import UTC, datetime

import pytest
from django.test import Client

from core.addresses import mailbox_key
from mail.models import OutgoingEmail
from petitions.models import Signature, SignatureSubmission, Statement
from petitions.signatures import importers, signing
from petitions.statements import counting
from submissions import agreeing
from submissions.models import Decision
from tests.asking import agree, ask, mail_all, sign
from tests.factories import StatementFactory

pytestmark = pytest.mark.django_db
AMINA = "amina@example.org"
TYPED = {"name": "Mallory", "email": AMINA}


@pytest.fixture
def statement() -> Statement:
    return StatementFactory(slug="libraries")


def stand(statement: Statement, state: str, bar: str) -> None:
    """Let the mailbox stand like that, and let a hold or a removal be live against it."""
    if state in {"confirmed", "held", "removed", "withdrawn", "anonymised"}:
        signature = sign(statement, show_name=True)
    if state == "held":
        signing.hold(signature_id=signature.pk, reason="Odd")
    elif state == "removed":
        signing.remove(signature_id=signature.pk, reason="Fake")
    elif state == "withdrawn":
        signing.withdraw(signature_id=signature.pk)
    elif state == "anonymised":
        change = "state = 'anonymised', name = '', email = '', show_name = false"
        counting.move(where="sig.id = %(id)s", change=change, values={"id": signature.pk})
    if bar:
        subject = mailbox_key(AMINA)
        Decision.objects.create(makes=bar, kind="signature", scope=statement.pk, subject=subject, reason="Odd")
    OutgoingEmail.objects.all().delete()


def through(door: str, statement: Statement) -> SignatureSubmission | None:
    """Mallory's post; a submission, unless somebody else vouches for it."""
    if door == "page":
        assert Client().post("/statements/libraries/sign/", TYPED).status_code == 303
    elif door == "embed":
        assert Client().post("/embed/libraries/form/", TYPED).status_code == 303
    elif door == "beside":
        return ask(statement, name="Mallory", unless_signed=True)
    mail_all()
    return SignatureSubmission.objects.filter(name="Mallory").last()


def stands(statement: Statement) -> tuple:
    """State, name, whether it is public, and the public number; after proving the number."""
    recount = counting.recount(statement=statement)
    assert recount.agrees
    row = Signature.objects.values_list("state", "name", "show_name").first()
    return (*(row or ("none", "", False)), recount.rows[0])


HERS, HIS = "Amina Yusuf", "Mallory"
MATRIX = [
    # door, what stood, a bar beside it, then: agreed?, state, name, public, people
    ("page", "none", "", True, "confirmed", HIS, False, 1),
    ("page", "none", "hold", True, "held", HIS, False, 0),
    ("page", "none", "remove", True, "removed", HIS, False, 0),
    ("page", "confirmed", "", True, "confirmed", HIS, False, 1),
    ("page", "held", "", True, "held", HIS, False, 0),
    ("page", "removed", "", True, "removed", HIS, False, 0),
    ("page", "withdrawn", "", True, "confirmed", HIS, False, 1),
    ("page", "withdrawn", "hold", True, "held", HIS, False, 0),
    ("page", "withdrawn", "remove", True, "removed", HIS, False, 0),
    ("page", "anonymised", "", True, "confirmed", HIS, False, 1),
    ("page", "anonymised", "hold", True, "held", HIS, False, 0),
    ("embed", "none", "", True, "confirmed", HIS, False, 1),
    ("embed", "none", "hold", True, "held", HIS, False, 0),
    ("embed", "none", "remove", True, "removed", HIS, False, 0),
    ("embed", "confirmed", "", True, "confirmed", HIS, False, 1),
    ("embed", "held", "", True, "held", HIS, False, 0),
    ("embed", "removed", "", True, "removed", HIS, False, 0),
    ("embed", "withdrawn", "", True, "confirmed", HIS, False, 1),
    ("embed", "withdrawn", "hold", True, "held", HIS, False, 0),
    ("embed", "withdrawn", "remove", True, "removed", HIS, False, 0),
    ("embed", "anonymised", "", True, "confirmed", HIS, False, 1),
    ("embed", "anonymised", "hold", True, "held", HIS, False, 0),
    ("beside", "none", "", True, "confirmed", HIS, False, 1),
    ("beside", "none", "hold", True, "held", HIS, False, 0),
    ("beside", "none", "remove", True, "removed", HIS, False, 0),
    ("beside", "confirmed", "", False, "confirmed", HERS, True, 1),
    ("beside", "held", "", False, "held", HERS, True, 0),
    ("beside", "removed", "", False, "removed", HERS, True, 0),
    ("beside", "withdrawn", "", True, "confirmed", HIS, False, 1),
    ("beside", "withdrawn", "hold", True, "held", HIS, False, 0),
    ("beside", "withdrawn", "remove", True, "removed", HIS, False, 0),
    ("beside", "anonymised", "", False, "anonymised", "", False, 1),
    ("beside", "anonymised", "hold", False, "anonymised", "", False, 1),
]


@pytest.mark.parametrize(("door", "state", "bar", "is_agreed", "then", "name", "shown", "number"), MATRIX)
def test_coming_again(statement, door, state, bar, is_agreed, then, name, shown, number):
    stand(statement, state, bar)
    before = (list(Signature.objects.values()), list(Decision.objects.values()), stands(statement))
    submission = through(door, statement)
    assert (list(Signature.objects.values()), list(Decision.objects.values()), stands(statement)) == before
    try:
        assert agree(submission).state == then
        agreed = True
    except agreeing.NotAgreed:
        agreed = False
    assert (agreed, *stands(statement)) == (is_agreed, then, name, shown, number)
    assert Signature.objects.count() == 1
    assert list(Decision.objects.values()) == before[1], "a door lifts nothing"
    kinds = {"confirmed": ["signature_receipt"], "held": ["signature_held"], "removed": []}[then] if agreed else []
    mails = OutgoingEmail.objects.exclude(kind="signature_confirm")
    assert list(mails.values_list("kind", "recipient")) == [(kind, AMINA) for kind in kinds]


@pytest.mark.parametrize("door", ["page", "embed", "beside"])
def test_a_trap_holds_a_new_signature_and_takes_no_counted_one_away_unagreed(statement, door):
    sign(statement, show_name=True)
    trap = {**TYPED, "website_2": "https://spam.example"}
    if door == "beside":
        ask(statement, name="Mallory", unless_signed=True, signals="honeypot")
    else:
        Client().post({"page": "/statements/libraries/sign/", "embed": "/embed/libraries/form/"}[door], trap)
    assert (stands(statement), Decision.objects.count()) == (("confirmed", HERS, True, 1), 0)
    assert SignatureSubmission.objects.get(name="Mallory").signals == "honeypot"


IMPORTED = [
    ("none", "", "confirmed", HIS, False, 1),
    ("none", "hold", "held", HIS, False, 0),
    ("none", "remove", "removed", HIS, False, 0),
    ("confirmed", "", "confirmed", HERS, True, 1),
    ("held", "", "held", HERS, True, 0),
    ("removed", "", "removed", HERS, True, 0),
    ("withdrawn", "", "withdrawn", HERS, True, 0),
    ("withdrawn", "hold", "withdrawn", HERS, True, 0),
    ("anonymised", "", "anonymised", "", False, 1),
]


@pytest.mark.parametrize(("state", "bar", "then", "name", "shown", "number"), IMPORTED)
def test_an_import_brings_who_is_new_and_touches_nobody_else(statement, state, bar, then, name, shown, number):
    stand(statement, state, bar)
    before = stands(statement)
    row = importers.Row(name="Mallory", email=AMINA, signed_at=datetime(2026, 1, 5, tzinfo=UTC))
    assert importers.load(statement=statement, rows=[row]) == number - before[3]
    assert stands(statement) == (then, name, shown, number)
    assert OutgoingEmail.objects.count() == 0


@pytest.mark.parametrize("kind", ["page", "embed"])
def test_each_door_is_written_down(statement, kind):
    agree(through(kind, statement))
    assert Signature.objects.get().channel == {"page": "web", "embed": "embed"}[kind]
