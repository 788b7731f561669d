"""Events of a statement, who comes to them, and its calls to action."""

import uuid
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import AddressKeyField, MailboxKeyField
from core.moments import MomentField
from core.period import Period, is_zone
from core.sealed import SealedAddressField
from core.speed import links
from core.text import fields
from petitions.statements.models import Statement
from submissions.models import ConsentText, Linked, Submission


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

    class Telling(models.TextChoices):
        WHEN_MANY = "many", _("once there are many")
        ALWAYS = "always", _("from the first one on")
        NEVER = "never", _("never")

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="events")
    title = fields.LineField(max_length=120, filled=True)
    slug = fields.SlugField(max_length=80, unique=True, filled=True)
    summary = fields.ProseField(max_length=600, blank=True, help_text=_("What will happen; what to bring."))
    starts_at = MomentField()
    ends_at = MomentField(null=True, blank=True)
    timezone = models.CharField(max_length=40, default=site_zone, validators=[known_zone])
    whole_days = models.BooleanField(_("whole days"), default=False, db_default=False)
    venue = fields.LineField(max_length=120, blank=True)
    address = fields.LineField(max_length=200, blank=True)
    online_url = fields.LinkField(blank=True)
    details_url = fields.LinkField(blank=True)
    accessibility = fields.ProseField(max_length=600, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.SCHEDULED)
    takes_names = models.BooleanField(
        _("people can say that they are coming"),
        default=False,
        db_default=False,
        help_text=_("By name and email; confirmed by mail like a signature, and told to nobody but you."),
    )
    capacity = models.PositiveIntegerField(
        _("places"), null=True, blank=True, help_text=_("Whoever comes after that is on a waiting list. Empty: no end.")
    )
    telling = models.CharField(
        _("tell everybody how many come"),
        max_length=6,
        blank=True,  # a form that does not ask leaves it as it is
        choices=Telling.choices,
        default=Telling.WHEN_MANY,
        db_default=Telling.WHEN_MANY,
    )
    coming = models.PositiveIntegerField(default=0, db_default=0, editable=False)
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
            models.CheckConstraint(
                name="event_has_a_place",
                condition=Q(capacity=None) | Q(capacity__gt=0),
                violation_error_message=_("Leave it empty, or write how many places there are."),
            ),
            models.CheckConstraint(
                name="event_telling_is_known",
                condition=Q(telling__in=["many", "always", "never"]),
                violation_error_message=_("Choose one from the list."),
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

    @property
    def asks_who_comes(self) -> bool:
        """Whether somebody can say now that they are coming; the database decides it once more (kind.py)."""
        return self.takes_names and self.status_shown in {"on", "moved"}

    @property
    def is_full(self) -> bool:
        """Whether whoever says so now is on the waiting list."""
        return self.capacity is not None and self.coming >= self.capacity

    @property
    def public_number(self) -> int | None:
        """How many come, as everybody reads it; None while that is not told."""
        if not self.takes_names or self.telling == self.Telling.NEVER or not self.coming:
            return None
        return self.coming if self.telling == self.Telling.ALWAYS or self.coming >= settings.NUMBERS_FROM else None


class AttendanceSubmission(Submission):
    """The form as filled in to come to an event. Nobody is expected before its mailbox agrees."""

    # No constraint: the statement that writes the row has just read the event (submissions/models.py).
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    name = fields.PersonField(max_length=255)
    email = SealedAddressField(of="attendance", max_length=254, blank=True)

    def __str__(self) -> str:
        return f"Submission {self.reference}"


class Attendance(Linked):
    """Somebody who comes to an event, or waits for a place there."""

    class State(models.TextChoices):
        COMING = "coming", _("coming")
        WAITING = "waiting", _("on the waiting list")
        WITHDRAWN = "withdrawn", _("can't come any more")

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="attendances", db_index=False)
    name = fields.PersonField(_("name"), max_length=255)
    email = SealedAddressField(_("email"), of="attendance", max_length=254)
    address_key = AddressKeyField(of="email")
    mailbox_key = MailboxKeyField(of="email")
    state = models.CharField(max_length=9, choices=State.choices)
    consent = models.ForeignKey(ConsentText, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    submission_id = models.BigIntegerField(null=True, editable=False, help_text=_("What its owner agreed to."))
    agreed_at = models.DateTimeField(db_default=Now(), editable=False)
    queued_at = models.DateTimeField(
        db_default=Now(), editable=False, help_text=_("Since when it is its turn: the waiting list goes by this.")
    )
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    reminded_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["queued_at", "pk"]
        verbose_name = _("person who comes")
        verbose_name_plural = _("people who come")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "mailbox_key"],
                name="attendance_once",
                violation_error_message=_("This mailbox is on the list already."),
            ),
            models.CheckConstraint(
                name="attendance_state_is_known", condition=Q(state__in=["coming", "waiting", "withdrawn"])
            ),
            models.CheckConstraint(
                name="attendance_withdrawn_has_time", condition=Q(state="withdrawn") ^ Q(withdrawn_at=None)
            ),
        ]
        indexes = [
            models.Index(fields=["event", "state", "queued_at", "id"], name="attendance_turn"),
            models.Index(fields=["mailbox_key"], name="attendance_mailbox"),
            models.Index(fields=["withdrawn_at"], name="attendance_withdrawn", condition=Q(withdrawn_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name


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
