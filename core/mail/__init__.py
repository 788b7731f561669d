"""Outgoing mail. Whoever wants to tell somebody something queues a row; the worker judges, renders and sends it.

    mail.queue(kind="signature_receipt", recipient="amina@example.org", context={"signature": 7})

writes the row in the caller's transaction. An app says in its `emails.py` what a kind of mail is:

    @mail.kind("signature_receipt")
    def receipt(row: OutgoingEmail) -> mail.Message | mail.Skip: ...

The function runs as the mail is about to be sent, so it says what is true then; neither text nor link rests here.
"""

from core.mail.kinds import Message, Skip, kind
from core.mail.queue import call_back, queue
from core.mail.suppression import suppress

__all__ = ["Message", "Skip", "call_back", "kind", "queue", "suppress"]
