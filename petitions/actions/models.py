"""Events of a statement, and its calls to action."""

import uuid
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.period import Period, is_zone
from core.speed import links
from core.text import fields
from petitions.statements.models import Statement


def site_zone() -> str:
    """The zone of the site's own clocks."""
    return settings.TIME_ZONE


def known_zone(value: str) -> None:
    """Refuse what is no time zone. Raises ValidationError."""
    if not is_zone(value):
        raise ValidationError(_("Choose a time zone from the list, such as Europe/London."))


class Event(models.Model):
    """Something dated that readers can come to."""

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", "scheduled"
        POSTPONED = "postponed", "postponed"
        CANCELLED = "cancelled", "cancelled"

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="events")
    title = fields.LineField(max_length=120, filled=True)
    slug = fields.SlugField(max_length=80, unique=True, filled=True)
    summary = fields.ProseField(max_length=600, blank=True, help_text=_("What will happen; what to bring."))
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    timezone = models.CharField(max_length=40, default=site_zone, validators=[known_zone])
    whole_days = models.BooleanField(_("whole days"), default=False, db_default=False)
    venue = fields.LineField(max_length=120, blank=True)
    address = fields.LineField(max_length=200, blank=True)
    online_url = fields.LinkField(blank=True)
    details_url = fields.LinkField(blank=True)
    accessibility = fields.ProseField(max_length=600, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.SCHEDULED)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)

    has_moved = False  # whether staff have just changed its plans, until they leave its page

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                name="event_ends_after_start",
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The end must be after the start."),
            ),
            models.CheckConstraint(
                name="event_whole_days_have_a_last",
                condition=Q(whole_days=False) | Q(ends_at__isnull=False),
                violation_error_message=_("Whole days end with one of them."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return links.path("event", self.slug)

    @property
    def place(self) -> str:
        """Where to go, in one line; the address of the meeting for an event that is online only."""
        return ", ".join(filter(None, [self.venue, self.address])) or self.online_url

    @property
    def period(self) -> Period:
        """When it takes place."""
        return Period(self.starts_at, self.ends_at, self.timezone, self.whole_days)

    @property
    def over_at(self) -> datetime:
        """When it is over."""
        return self.period.over_at

    @property
    def status_shown(self) -> str:
        """`cancelled`, `postponed`, `over`, `moved` (its plans have changed since it was announced) or `on`."""
        if self.status != self.Status.SCHEDULED:
            return self.status
        if self.over_at <= timezone.now():
            return "over"
        return "moved" if self.sequence else "on"


class CallToAction(models.Model):
    """One thing that readers of a statement can do, in the campaigner's own words. Without any, pages say the usual."""

    class Kind(models.TextChoices):
        EVENT = "event", _("event")
        SIGN_AND_SHARE = "sign_and_share", _("sign and share")
        ENDORSE = "endorse", _("get your organisation to support")
        LINK = "link", _("link")
        EMAIL = "email", _("e-mail")
        WORDS = "words", _("plain words")

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="calls")
    position = models.PositiveSmallIntegerField(default=1, db_default=1)
    kind = models.CharField(max_length=14, choices=Kind.choices)
    words = fields.LineField(max_length=200, blank=True, default="", db_default="")
    details = fields.ProseField(max_length=1000, blank=True, default="", db_default="")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, null=True, blank=True, related_name="calls")
    url = fields.LinkField(blank=True, default="", db_default="")
    link_words = fields.LineField(max_length=80, blank=True, default="", db_default="")
    email = fields.AddressField(max_length=254, blank=True, default="", db_default="")

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("call to action")
        verbose_name_plural = _("calls to action")
        constraints = [
            models.CheckConstraint(
                name="call_kind_is_known",
                condition=Q(kind__in=["event", "sign_and_share", "endorse", "link", "email", "words"]),
            ),
            models.CheckConstraint(name="call_event_names_it", condition=Q(kind="event") ^ Q(event=None)),
            models.CheckConstraint(name="call_link_leads_on", condition=~Q(kind="link") | ~Q(url="")),
            models.CheckConstraint(name="call_email_has_an_address", condition=~Q(kind="email") | ~Q(email="")),
            models.CheckConstraint(
                name="call_says_something", condition=Q(kind__in=["event", "sign_and_share", "endorse"]) | ~Q(words="")
            ),
            models.UniqueConstraint(fields=["event"], name="call_once_for_an_event"),
        ]

    def __str__(self) -> str:
        return self.words or str(self.get_kind_display())
