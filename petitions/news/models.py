"""News of a statement, and its mailings."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import richtext
from core.moments import DayField, MomentField
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


class Segment(models.Model):
    """Who of those that asked for news is written to; a list that is empty leaves nobody out (news/segments.py)."""

    countries = ArrayField(models.TextField(), default=list, db_default=[], blank=True)
    areas = ArrayField(models.TextField(), default=list, db_default=[], blank=True)
    sources = ArrayField(models.TextField(), default=list, db_default=[], blank=True)
    languages = ArrayField(models.TextField(), default=list, db_default=[], blank=True)
    signed_from = DayField(null=True, blank=True)
    signed_until = DayField(null=True, blank=True)
    unless_sent = models.ForeignKey(Update, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_from_before_until",
                condition=Q(signed_from=None) | Q(signed_until=None) | Q(signed_from__lte=models.F("signed_until")),
                violation_error_message=_("The first day comes before the last."),
            )
        ]

    @property
    def is_narrow(self) -> bool:
        """Whether it leaves anybody out."""
        lists = (self.countries, self.areas, self.sources, self.languages)
        return any(lists) or any((self.signed_from, self.signed_until, self.unless_sent_id))


class Mailing(Segment):
    """How far the mail of an update has got. It is queued batch by batch (petitions/news/updates.py).

    Whom it is for and where answers go stand still from its start on, as its words do (petitions/schema.py).
    """

    update = models.OneToOneField(Update, on_delete=models.CASCADE, related_name="mailing")
    tested = models.CharField(max_length=64, blank=True, default="", help_text="SHA-256 of the words last tested.")
    reply_to = fields.AddressField(
        max_length=254,
        blank=True,
        default="",
        db_default="",
        help_text="Where answers go; empty: the statement's contact.",
    )
    started_at = MomentField(null=True, blank=True)
    queued_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    reached = models.BigIntegerField(default=0, help_text="The last signature that was looked at.")
    # What became of it, in sum (news/results.py).
    sent = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    skipped = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    failed = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    bounced = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    complained = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        permissions = [("send_mailing", "Can mail updates to those who asked for them")]
        constraints = [*Segment.Meta.constraints]
        indexes = [models.Index(fields=["id"], name="mailing_under_way", condition=Q(queued_at=None, stopped_at=None))]

    def __str__(self) -> str:
        return f"Mail of {self.update}"

    @property
    def has_begun(self) -> bool:
        """Whether it is more than planned."""
        return self.started_at is not None and self.started_at <= timezone.now()


class MailingRecipient(models.Model):
    """That a signer was written to. The constraint is what keeps anybody from being written to twice."""

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="recipients", db_index=False)
    signature = models.ForeignKey(Signature, on_delete=models.CASCADE, related_name="+")
    mail = models.OneToOneField(OutgoingEmail, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailing", "signature"], name="mailing_once_per_signer")]


class SavedText(models.Model):
    """Words to begin news with, kept for the next time; who looks after its statement finds it under all of theirs."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="saved_texts")
    name = fields.LineField(max_length=80, filled=True, help_text=_("What you will look for."))
    title = fields.LineField(max_length=100, blank=True, db_default="")
    body = richtext.RichTextField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "name"],
                name="savedtext_one_of_a_name",
                violation_error_message=_("There is a saved text of that name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name
