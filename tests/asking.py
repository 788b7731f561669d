"""What tests of the flow have in common: to ask, to read the mail, to agree, to let time pass."""

import re
from datetime import timedelta

from django.db import connection, transaction

from core import tokens
from mail.models import OutgoingEmail
from petitions.models import SignatureSubmission
from petitions.signatures import signing
from petitions.statements import counting
from submissions import agreeing
from submissions.confirm_views import CONFIRM
from submissions.kinds import everything
from tests.mailserver import deliver, text_of

CONFIRM_LINK = re.compile(r"https?://\S+/confirm/[^\s/]+/")


def ask(statement, email="amina@example.org", *, mailed=True, **typed):
    """A submission to sign `statement`, as if its mail had been accepted; `mailed=False` leaves it to the worker."""
    asked = signing.sign(statement=statement, **{"name": "Amina Yusuf", "email": email, **typed})
    if mailed:
        mail_all()
    return SignatureSubmission.objects.get(pk=asked.submission_id)


def mail_all():
    """As if every confirmation mail that waits had been sent, without rendering any."""
    OutgoingEmail.objects.filter(kind__endswith="_confirm", state="queued").update(state="sent")
    for kind in everything():
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {kind.table} SET mailed_at = statement_timestamp() WHERE mailed_at IS NULL")


def agree(submission, choice=""):
    """Agree to a submission, as its mailbox's owner does."""
    return agreeing.agree(kind_of(submission).number, submission.pk, choice)


def sign(statement, email="amina@example.org", **typed):
    """A signature whose owner has agreed to it."""
    agreed = agree(ask(statement, email, **typed))
    return statement.signatures.get(pk=agreed.result_id)


def people(statement):
    """Confirmed, shown and removed, after proving that the stored numbers are those of the rows."""
    result = counting.recount(statement=statement)
    assert result.agrees
    return result.stored


def receipts():
    """The kind and the address of every mail but those that ask to confirm."""
    rows = OutgoingEmail.objects.exclude(kind="signature_confirm").order_by("pk")
    return list(rows.values_list("kind", "recipient"))


def kind_of(submission):
    """The kind of a submission."""
    return next(kind for kind in everything() if kind.model is type(submission))


def confirm_url(*submissions):
    """The path of the page that a mail listing these would link to."""
    pairs = [number for one in submissions for number in (kind_of(one).number, one.pk)]
    return f"/confirm/{tokens.make_token(CONFIRM, *pairs)}/"


def value_of(submission, choice=""):
    """What a button on the confirm page sends for this submission."""
    return f"{kind_of(submission).number}.{submission.pk:x}" + (f".{choice}" if choice else "")


def mails_to(server, address):
    """The mails that came for an address, after a delivery."""
    deliver()
    return server.to(address)


def link_in(message):
    """The confirmation link in a mail."""
    return CONFIRM_LINK.search(text_of(message)).group()


def codes_in(message):
    """The codes in a mail, in the order it lists them."""
    return re.findall(r": (\d{3} \d{3})\s*$", text_of(message), re.MULTILINE)


# Moving a clock that is the database's own: everything that was written is made older instead.
TIMES = ("created_at", "mailed_at", "agreed_at", "ended_at")


def later(**span):
    """Let time pass for submissions, their mail, signatures, and what we know of whom we wrote to."""
    by = timedelta(**span)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # the triggers rightly refuse it
        for kind in everything():
            cursor.execute(f"UPDATE {kind.table} SET " + ", ".join(f"{t} = {t} - %(by)s" for t in TIMES), {"by": by})
        cursor.execute(
            "UPDATE petitions_signature SET created_at = created_at - %(by)s, confirmed_at = confirmed_at - %(by)s,"
            " agreed_at = agreed_at - %(by)s, withdrawn_at = withdrawn_at - %(by)s",
            {"by": by},
        )
        cursor.execute(
            "UPDATE mail_outgoingemail SET created_at = created_at - %(by)s, due_at = due_at - %(by)s,"
            " finished_at = finished_at - %(by)s, claimed_until = claimed_until - %(by)s",
            {"by": by},
        )
        cursor.execute(
            "UPDATE submissions_correspondence SET since = since - %(by)s, last_at = last_at - %(by)s,"
            " asked_at = asked_at - %(by)s",
            {"by": by},
        )
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def want(statement, name="Amina Yusuf", email="amina@example.org", **typed):
    """A submission whose mail is left to the worker."""
    return ask(statement, email, name=name, mailed=False, **typed)


def references(message):
    """What one mail lists, in its order."""
    return re.findall(r" · ([A-Z][0-9][A-Z0-9])\r?$", text_of(message), re.MULTILINE)


def listed(server, address="amina@example.org"):
    """What each mail to an address lists."""
    return [references(message) for message in server.to(address)]


def rest(**span):
    """Let time pass, then let a worker send what is due; returns how many went out."""
    later(**span)
    return deliver()
