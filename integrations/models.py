"""Webhook endpoints, and the events sent to them (Standard Webhooks)."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.sealed import SealedJSONField
from core.text import fields
from integrations.fediverse.models import Actor, Follower, Inbox, Post, Received
from integrations.newsletters.models import Mark, Newsletter, Subscriber
from integrations.notices.models import Notice
from integrations.oidc.models import Identity

__all__ = [
    "Actor", "Cursor", "Endpoint", "EventType", "Follower", "Identity", "Inbox", "Mark", "Newsletter", "Notice", "Post",
    "Received", "Subscriber", "WebhookEvent",
]  # fmt: skip


class EventType(models.TextChoices):
    """Types of events; docs/webhooks.md shows each."""

    SIGNATURE_AGREED = "signature.agreed", _("a signature was agreed to")
    SIGNATURE_WITHDRAWN = "signature.withdrawn", _("a signature was withdrawn")
    ENDORSEMENT_LISTED = "endorsement.listed", _("an organisation was listed")
    COMMENT_PUBLISHED = "comment.published", _("a comment was published")
    MILESTONE_REACHED = "milestone.reached", _("a round number of signatures was reached")
    STATEMENT_PUBLISHED = "statement.published", _("a statement was published")
    STATEMENT_CORRECTED = "statement.corrected", _("a statement was corrected")
    STATEMENT_CLOSED = "statement.closed", _("a statement closed")
    EVENT_CHANGED = "event.changed", _("an event was announced or changed")
    ATTENDANCE_AGREED = "attendance.agreed", _("somebody said that they come to an event")
    MODERATION_WAITING = "moderation.waiting", _("something waits for a moderator")


class Endpoint(models.Model):
    """One address that gets some types of events, beginning with the next event after it was made.

    No URLField: that knows no host of one word, such as a container has.
    """

    url = models.CharField(_("address"), max_length=500, help_text=_("An https:// address on a host that is allowed."))
    recipient = fields.LineField(
        _("who receives it"),
        max_length=100,
        help_text=_("As the privacy notice names them when they are told of people, such as “Lantern Union”."),
    )
    events = ArrayField(models.CharField(max_length=30, choices=EventType.choices))
    may_have_mailbox = models.BooleanField(
        _("may have mailboxes"),
        default=False,
        help_text=_(
            "Tell names, addresses and postcodes of those who sign from now on. The privacy notice names who receives "
            "them, and nobody is passed on who agreed before it did."
        ),
    )
    secret = models.TextField(editable=False, help_text=_("Sealed; who receives has it in the clear."))
    old_secret = models.TextField(blank=True, db_default="", editable=False)
    rotated_at = models.DateTimeField(null=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, editable=False, related_name="+"
    )
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    off_at = models.DateTimeField(_("switched off"), null=True, editable=False)
    off_why = models.CharField(_("because"), max_length=300, blank=True, db_default="", editable=False)

    class Meta:
        verbose_name = _("webhook")
        constraints = [
            models.CheckConstraint(
                name="endpoint_hears_something",
                condition=Q(events__len__gt=0),
                violation_error_message=_("Choose at least one kind of event."),
            ),
            models.CheckConstraint(
                name="endpoint_is_on_the_web",
                condition=Q(url__regex=r"^https?://[^/]"),
                violation_error_message=_("Write an address that begins with https://."),
            ),
            models.CheckConstraint(
                name="endpoint_with_mailboxes_hears_who_withdraws",
                condition=Q(may_have_mailbox=False) | Q(events__contains=[EventType.SIGNATURE_WITHDRAWN.value]),
                violation_error_message=_(
                    "Whoever has mailboxes must hear who withdraws: choose “a signature was withdrawn” as well."
                ),
            ),
            models.CheckConstraint(
                name="endpoint_says_who_receives",
                condition=~Q(recipient=""),
                violation_error_message=_("Say who receives it: the privacy notice names them."),
            ),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def is_on(self) -> bool:
        """Whether it is switched on."""
        return self.off_at is None


class WebhookEvent(models.Model):
    """One event: its body stays the same however often it is sent."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, editable=False)
    type = models.CharField(max_length=30, choices=EventType.choices)
    key = models.CharField(
        max_length=120, unique=True, help_text=_("What makes it one event, however often it is seen.")
    )
    statement_id = models.BigIntegerField(null=True)
    subject_id = models.BigIntegerField(null=True, help_text=_("The number of the row that it is about."))
    happened_at = models.DateTimeField()
    noticed_at = models.DateTimeField(db_default=Now())
    data = models.JSONField(default=dict)
    private = SealedJSONField(
        of="webhook event",
        default=dict,
        help_text=_("Only for endpoints that may have mailboxes, and whose recipient the notice named."),
    )

    class Meta:
        verbose_name = _("event told to webhooks")
        verbose_name_plural = _("events told to webhooks")
        indexes = [
            models.Index(fields=["type", "subject_id"], name="webhookevent_subject"),
            models.Index(fields=["noticed_at"], name="webhookevent_noticed"),
        ]

    def __str__(self) -> str:
        return f"{self.type} #{self.pk}"


class Cursor(models.Model):
    """How far events of one kind have been looked for."""

    type = models.CharField(max_length=30, choices=EventType.choices, primary_key=True)
    since = models.DateTimeField(db_default=Now())
    seen = models.JSONField(default=dict, help_text=_("What was seen last, where the time alone does not tell."))

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.type
