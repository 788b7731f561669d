"""Outgoing mail, who sends it, and addresses never to write to."""

from datetime import timedelta

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.fields import AddressKeyField, MailboxKeyField
from core.sealed import AnyAddressField
from mail.leases import Leased
from mail.outbound.models import AllowedHost, OutgoingRequest

__all__ = ["AllowedHost", "OutgoingEmail", "OutgoingRequest", "Suppression", "WorkerHeartbeat"]


class OutgoingEmail(Leased):
    """One message to one recipient. It is rendered as it is sent, so neither its text nor its links rest here."""

    class Lane(models.IntegerChoices):
        CONFIRM = 1, "confirmation"
        NOTICE = 2, "notice"
        BULK = 3, "bulk"

    kind = models.CharField(max_length=40)
    recipient = AnyAddressField(of="mail", max_length=254, filled=True)
    recipient_key = MailboxKeyField(of="recipient")
    address_key = AddressKeyField(of="recipient")
    lane = models.SmallIntegerField(choices=Lane.choices, default=Lane.NOTICE, db_default=Lane.NOTICE)
    context = models.JSONField(default=dict, db_default={})
    uuid = models.UUIDField(db_default=RandomUUID(), editable=False)
    queued_for: timedelta  # by the database's clock; only of a row that was just claimed (mail/claiming.py)

    class Meta:
        verbose_name = _("outgoing e-mail")
        indexes = [
            models.Index(
                fields=["lane", "due_at", "id"],
                name="outgoingemail_queue",
                condition=models.Q(state="queued"),
            ),
            models.Index(fields=["recipient_key", "created_at"], name="outgoingemail_recipient"),
            models.Index(fields=["finished_at"], name="outgoingemail_failed", condition=models.Q(state="failed")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    @property
    def mailbox(self) -> bytes:
        """The keyed hash of the mailbox that it goes to, whatever its spelling."""
        return bytes(self.recipient_key)


class WorkerHeartbeat(models.Model):
    """When each mail worker was last alive, for /readyz and the set-up page."""

    name = models.CharField(max_length=80, primary_key=True)
    beat_at = models.DateTimeField(db_default=Now())


class Suppression(models.Model):
    """An address that asked never to be written to again, kept as a keyed hash only."""

    mailbox_key = models.BinaryField(max_length=16, primary_key=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
