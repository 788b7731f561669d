"""Outgoing mail. Callers queue a row; the worker judges, renders and sends it.

    outbox.queue(kind="signature_receipt", recipient="amina@example.org", context={"signature": 7})

writes the row in the caller's transaction. An app says in its `emails.py` what a kind of mail is:

    @outbox.kind("signature_receipt")
    def receipt(row: OutgoingEmail) -> outbox.Message | outbox.Skip: ...

The function runs as the mail is about to be sent, so it says what is true then; neither text nor link rests here.
"""

from mail.kinds import Judged, Message, Skip, kind
from mail.queue import call_back, queue
from mail.suppression import suppress, suppress_key

__all__ = ["Judged", "Message", "Skip", "call_back", "kind", "queue", "suppress", "suppress_key"]
