"""News of a statement, and its mailings."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core import richtext
from core.moments import MomentField
from core.speed import links
from core.text import fields
from mail.models import OutgoingEmail
from petitions.signatures.models import Signature
from petitions.statements.models import ClockTimestamp, Statement


class Update(models.Model):
    """News on a statement. Once its mail has started the database refuses other words."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="updates")
    title = fields.LineField(max_length=100, filled=True)
    slug = fields.SlugField(max_length=80, filled=True)
    body = richtext.RichTextField()
    uid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    published_at = MomentField(null=True, blank=True)

    class Meta:
        ordering = ["-published_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["statement", "slug"], name="update_unique_slug")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return links.path("update", self.statement.slug, self.slug)

    @property
    def via(self) -> str:
        """The code in the links of its mail, by which the desk knows what the mail brought."""
        return f"n-{self.pk}"

    @property
    def is_public(self) -> bool:
        """Whether visitors can read it."""
        return self.published_at is not None and self.published_at <= timezone.now()

    @property
    def is_mailed(self) -> bool:
        """Whether its mail has started, so that it keeps its title and text; what is only planned may still change."""
        return Mailing.objects.filter(update=self, started_at__lte=ClockTimestamp()).exists()


class Mailing(models.Model):
    """How far the mail of an update has got. It is queued batch by batch (petitions/news/updates.py)."""

    update = models.OneToOneField(Update, on_delete=models.CASCADE, related_name="mailing")
    tested = models.CharField(max_length=64, blank=True, default="", help_text="SHA-256 of the words last tested.")
    started_at = MomentField(null=True, blank=True)
    queued_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    reached = models.BigIntegerField(default=0, help_text="The last signature that was looked at.")

    class Meta:
        permissions = [("send_mailing", "Can mail updates to those who asked for them")]
        indexes = [models.Index(fields=["id"], name="mailing_under_way", condition=Q(queued_at=None, stopped_at=None))]

    def __str__(self) -> str:
        return f"Mail of {self.update}"


class MailingRecipient(models.Model):
    """That a signer was written to. The constraint is what keeps anybody from being written to twice."""

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="recipients", db_index=False)
    signature = models.ForeignKey(Signature, on_delete=models.CASCADE, related_name="+")
    mail = models.OneToOneField(OutgoingEmail, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailing", "signature"], name="mailing_once_per_signer")]
