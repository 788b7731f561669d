"""Chats that are told how things stand."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.text import fields


class Chat(models.TextChoices):
    """What it is; chats.py knows how each is spoken to."""

    MATRIX = "matrix", "Matrix"
    MATTERMOST = "mattermost", "Mattermost"
    SLACK = "slack", "Slack"
    DISCORD = "discord", "Discord"
    NTFY = "ntfy", "ntfy"
    EMAIL = "email", _("e-mail")


class About(models.TextChoices):
    """What there is to say."""

    WAITING = "waiting", _("something waits for a moderator")
    MILESTONE = "milestone", _("a round number of signatures was reached")
    TROUBLE = "trouble", _("mail or requests to other hosts fail")


class Notice(models.Model):
    """One room, channel or mailbox that is told; at most `per_hour` times an hour, gathered."""

    name = fields.LineField(max_length=80, filled=True, help_text=_("Which room it is, for you."))
    chat = models.CharField(max_length=12, choices=Chat.choices)
    about = ArrayField(models.CharField(max_length=12, choices=About.choices))
    per_hour = models.PositiveSmallIntegerField(
        _("at most so many an hour"),
        default=4,
        db_default=4,
        help_text=_("From 1 to 60; what comes between is gathered."),
    )
    host = models.CharField(max_length=260, editable=False, blank=True, db_default="")
    secret = models.TextField(editable=False, help_text=_("The address and its token, sealed: who has it can write."))
    seen = models.JSONField(default=dict, editable=False, help_text=_("What was said last."))
    pending = models.JSONField(default=list, editable=False, help_text=_("What is still to be said."))
    said_at = models.DateTimeField(null=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, editable=False, related_name="+"
    )
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    off_at = models.DateTimeField(_("switched off"), null=True, editable=False)
    off_why = models.CharField(_("because"), max_length=300, blank=True, db_default="", editable=False)

    class Meta:
        verbose_name = _("notice to a chat")
        verbose_name_plural = _("notices to chats")
        constraints = [
            models.CheckConstraint(
                name="notice_is_about_something",
                condition=Q(about__len__gt=0),
                violation_error_message=_("Choose at least one thing to be told of."),
            ),
            models.CheckConstraint(
                name="notice_not_too_often",
                condition=Q(per_hour__gte=1, per_hour__lte=60),
                violation_error_message=_("From 1 to 60 times an hour."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_chat_display()})"

    @property
    def is_on(self) -> bool:
        """Whether it is told of anything."""
        return self.off_at is None
