"""The floors: the least that Django can do for the same work, in the same process model, server and database.

`bare` answers with ready-made bytes of the same size and kind as the page it is compared with. `bare_write` is one
transaction of two plain statements with constant values through Django's cursor: no form, no template, no middleware.
What must differ from row to row, a key, is made by the database. These definitions stay fixed.
"""

import os
from pathlib import Path

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

from core.sealed import seal, what_of
from petitions.models import Signature, Tally

_folder = Path(os.environ["BENCH_FOLDER"])
_bodies: dict[str, bytes] = {}

_STATEMENT, _VERSION, _CONSENT = (int(os.environ[f"BENCH_{name}"]) for name in ("STATEMENT", "VERSION", "CONSENT"))

# As an address rests: so many bytes.
_MAILBOX = f"decode('{seal('amina@example.org', what_of(Signature, 'email')).hex()}', 'hex')"
_KEYS = "uuid_send(gen_random_uuid()), uuid_send(gen_random_uuid()), 'domain'"
_SUBMISSION = f"""
INSERT INTO petitions_signaturesubmission (statement_id, version_id, name, email, address_key,
    mailbox_key, domain_key, reference, digest, consent_id, ip_key)
VALUES ({_STATEMENT}, {_VERSION}, 'Amina Yusuf', {_MAILBOX}, {_KEYS}, 'K7M', 'digest',
    {_CONSENT}, 'bench')
"""
_MAIL = f"""
INSERT INTO mail_outgoingemail (kind, recipient, recipient_key, address_key, lane, context)
VALUES ('signature_confirm', {_MAILBOX}, 'mailbox', 'address', 1, '{{"submission": 1}}')
"""
_SIGNATURE = f"""
INSERT INTO petitions_signature (statement_id, version_id, name, email, address_key, mailbox_key,
    domain_key, submission_id, show_name, consent_id, ip_key)
VALUES ({_STATEMENT}, {_VERSION}, 'Amina Yusuf', {_MAILBOX}, {_KEYS}, 1, true,
    {_CONSENT}, 'bench')
"""
_TALLY = f"""
INSERT INTO petitions_tally AS tally (statement_id, version_id, slot, confirmed, shown)
VALUES ({_STATEMENT}, {_VERSION}, pg_backend_pid() % {Tally.SLOTS}, 1, 1)
ON CONFLICT (statement_id, version_id, slot) DO UPDATE SET confirmed = tally.confirmed + 1, shown = tally.shown + 1
"""


def bare(request: HttpRequest, name: str) -> HttpResponse:
    """Ready-made bytes."""
    body = _bodies.get(name)
    if body is None:
        body = _bodies[name] = (_folder / name).read_bytes()
    return HttpResponse(body)


def write(request: HttpRequest) -> HttpResponse:
    """INSERT submission, INSERT mail row."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SUBMISSION)
        cursor.execute(_MAIL)
    return HttpResponse(status=303)


def confirm(request: HttpRequest) -> HttpResponse:
    """INSERT signature, INSERT tally row."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SIGNATURE)
        cursor.execute(_TALLY)
    return HttpResponse(status=303)


urlpatterns = [
    path("bare/<str:name>", bare),
    path("write", write),
    path("confirm", confirm),
]
