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

__all__ = [
    "AllowedHost",
    "OutgoingEmail",
    "OutgoingRequest",
    "ReturnedMail",
    "Suppression",
    "UnreachableMailbox",
    "WorkerHeartbeat",
]


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


class Fate(models.TextChoices):
    """What became of a mail after a server had taken it."""

    BOUNCED = "bounced", _("came back")
    COMPLAINED = "complained", _("reported as spam")


class ReturnedMail(models.Model):
    """That a mail came back, or that its reader reported it (mail/returns.py). It goes with the mail."""

    mail = models.OneToOneField(OutgoingEmail, on_delete=models.CASCADE, related_name="returned")
    fate = models.CharField(max_length=10, choices=Fate.choices)
    status = models.CharField(
        max_length=12, blank=True, db_default="", help_text=_("As RFC 3463 has it, such as 5.1.1.")
    )
    told_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="returnedmail_fate_is_known",
                condition=models.Q(fate__in=["bounced", "complained"]),
                violation_error_message=_("A mail comes back, or its reader complains."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.fate} {self.status}".strip()


class UnreachableMailbox(models.Model):
    """A mailbox that mail came back from, or whose reader complained, as a keyed hash: news goes there no more.

    `times` counts what came back with less than a month between; an agreement by a mail that did arrive forgets it all.
    """

    mailbox_key = models.BinaryField(max_length=16, primary_key=True)
    fate = models.CharField(max_length=10, choices=Fate.choices)
    status = models.CharField(max_length=12, blank=True, db_default="")
    times = models.PositiveSmallIntegerField(default=1, db_default=1)
    is_dead = models.BooleanField(default=False, db_default=False, help_text=_("No news goes there."))
    since = models.DateTimeField(db_default=Now(), editable=False)
    last_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name_plural = _("unreachable mailboxes")

    def __str__(self) -> str:
        return f"{self.fate} {self.status}".strip()


class WorkerHeartbeat(models.Model):
    """When each mail worker was last alive, for /readyz and the set-up page."""

    name = models.CharField(max_length=80, primary_key=True)
    beat_at = models.DateTimeField(db_default=Now())


class Suppression(models.Model):
    """An address that asked never to be written to again, kept as a keyed hash only."""

    mailbox_key = models.BinaryField(max_length=16, primary_key=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
