"""What a campaign publishes and who signs it. Names of fields and states are a contract (DESIGN 4)."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from core import richtext

RIGHT_TO_LEFT = {"ar", "fa", "he", "ur", "ckb", "ps", "sd", "ug", "yi"}


class ClockTimestamp(models.Func):
    """The time at this instant, not at the transaction's start: two changes in one transaction differ."""

    template = "clock_timestamp()"
    output_field = models.DateTimeField()


class StatementQuerySet(models.QuerySet):
    """Statements by what a visitor may do with them. Time is the database's."""

    def public(self) -> "StatementQuerySet":
        """Published (not scheduled, not draft) and not hidden: the one rule every representation uses."""
        return self.filter(published_at__lte=Now(), hidden_at=None)

    def open(self) -> "StatementQuerySet":
        """Public and still signable."""
        return self.public().filter(Q(closes_at=None) | Q(closes_at__gt=Now()), closed_at=None)

    def closed(self) -> "StatementQuerySet":
        """Public, no longer signable, by hand or by date."""
        return self.public().filter(Q(closed_at__isnull=False) | Q(closes_at__lte=Now()))

    def touch(self, statement: "Statement") -> None:
        """Say that something on the statement's page changed, so that kept copies of it are dropped."""
        self.filter(pk=statement.pk).update(changed_at=ClockTimestamp())


class Statement(models.Model):
    """A petition, open letter or joint statement, and how it stands."""

    class Kind(models.TextChoices):
        PETITION = "petition", "petition"
        OPEN_LETTER = "open_letter", "open letter"
        STATEMENT = "statement", "statement"

    class SignedBy(models.TextChoices):
        BOTH = "both", "people and organisations"
        PEOPLE = "people", "people only"
        ORGANISATIONS = "organisations", "organisations only"

    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.STATEMENT)
    title = models.CharField(max_length=120, help_text="At most 80 characters reads best.")
    slug = models.SlugField(max_length=80, unique=True, help_text="The last part of the page's address.")
    summary = models.CharField(max_length=200, blank=True, help_text="The ask in one or two sentences.")
    addressed_to = models.CharField(max_length=120, blank=True, help_text="Who should act on it.")
    preface = richtext.RichTextField(blank=True, help_text="Your own words before the statement. Nobody signs this.")
    language = models.CharField(max_length=8, default="en", help_text="Such as en, cy or ar.")
    published_at = models.DateTimeField(null=True, blank=True, help_text="Empty: a draft. In the future: scheduled.")
    closes_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    hidden_at = models.DateTimeField(null=True, blank=True, editable=False)
    goal = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(10)], help_text="Empty: the next of 100, 200, 500, 1,000 …"
    )
    contact_email = models.EmailField(max_length=254, blank=True)
    signed_by = models.CharField(
        max_length=13,
        choices=SignedBy.choices,
        default=SignedBy.BOTH,
        db_default=SignedBy.BOTH,
        help_text="Who is asked to put their name to it.",
    )
    ask_postcode = models.BooleanField(default=False)
    ask_affiliation = models.BooleanField(default=False)
    outcome = richtext.RichTextField(blank=True, help_text="What came of it.")
    # Kept true by the app that lists them, in the transaction that lists one; a public page never counts rows.
    organisations = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    image = models.ImageField(upload_to="statements/", blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = StatementQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-id"]
        permissions = [
            ("publish_statement", "Can publish, close and reopen statements"),
            ("correct_statement", "Can correct the text of published statements"),
            ("hide_statement", "Can hide statements"),
        ]
        constraints = [
            models.CheckConstraint(
                name="statement_closes_after_publishing",
                condition=Q(closes_at=None) | Q(published_at=None) | Q(closes_at__gt=F("published_at")),
                violation_error_message="The closing time must be after the publishing time.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("statement", args=[self.slug])

    @property
    def status(self) -> str:
        """`draft`, `scheduled`, `open` or `closed`, for showing; the database decides again when it matters."""
        now = timezone.now()
        if self.published_at is None:
            return "draft"
        if self.published_at > now:
            return "scheduled"
        if self.closed_at or (self.closes_at and self.closes_at <= now):
            return "closed"
        return "open"

    @property
    def is_open(self) -> bool:
        """Whether people can sign now."""
        return self.status == "open" and not self.hidden_at

    @property
    def takes_people(self) -> bool:
        """Whether a person can sign it; some are for organisations only."""
        return self.signed_by != self.SignedBy.ORGANISATIONS

    @property
    def takes_organisations(self) -> bool:
        """Whether an organisation can endorse it."""
        return self.signed_by != self.SignedBy.PEOPLE

    @property
    def ended_at(self) -> datetime | None:
        """The time signing ended, by hand or by date, or None."""
        times = [time for time in (self.closed_at, self.closes_at) if time and time <= timezone.now()]
        return min(times, default=None)

    @property
    def direction(self) -> str:
        """`rtl` for Arabic, Hebrew and their like, else `ltr`."""
        return "rtl" if self.language.split("-")[0] in RIGHT_TO_LEFT else "ltr"

    @property
    def sign_label(self) -> str:
        """What the button says."""
        return f"Sign the {self.get_kind_display()}"

    @property
    def version(self) -> "Version | None":
        """The version that is signed now: the newest published one."""
        return self.versions.filter(published_at__isnull=False).order_by("-number").first()


class OldSlug(models.Model):
    """A slug that a statement once had; its address redirects for ever."""

    slug = models.SlugField(max_length=80, unique=True)
    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="old_slugs")

    def __str__(self) -> str:
        return self.slug


class Version(models.Model):
    """The text that people sign. Once published it is never edited; the database refuses it too."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(default=1)
    body = richtext.RichTextField()
    note = models.CharField(max_length=300, blank=True, help_text="What changed and why; everybody can read it.")
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "number"], name="version_unique_number"),
            models.UniqueConstraint(
                fields=["statement"], condition=Q(published_at=None), name="version_one_draft_at_a_time"
            ),
            models.CheckConstraint(
                name="version_published_has_text_and_hash",
                condition=Q(published_at=None) | (~Q(body="") & Q(sha256__regex=r"^[0-9a-f]{64}$")),
            ),
        ]

    def __str__(self) -> str:
        return f"Version {self.number}"

    @property
    def words(self) -> int:
        """How long it is, in words."""
        return richtext.words(self.body)


class Event(models.Model):
    """Something dated that readers can come to."""

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", "scheduled"
        POSTPONED = "postponed", "postponed"
        CANCELLED = "cancelled", "cancelled"

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="events")
    title = models.CharField(max_length=120)
    slug = models.SlugField(max_length=80, unique=True)
    summary = models.TextField(max_length=600, blank=True, help_text="What will happen; what to bring.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    timezone = models.CharField(max_length=40, default="Europe/London")
    venue = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=200, blank=True)
    online_url = models.URLField(blank=True)
    details_url = models.URLField(blank=True)
    accessibility = models.TextField(max_length=600, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.SCHEDULED)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                name="event_ends_after_start",
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                violation_error_message="The end must be after the start.",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Update(models.Model):
    """News on a statement."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="updates")
    title = models.CharField(max_length=100)
    slug = models.SlugField(max_length=80)
    body = richtext.RichTextField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-published_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["statement", "slug"], name="update_unique_slug")]

    def __str__(self) -> str:
        return self.title


class ConsentText(models.Model):
    """The exact sentence a signer agreed to and the privacy notice it linked to, kept once for all who saw it."""

    text = models.TextField()
    notice = models.TextField()
    sha256 = models.CharField(max_length=64, unique=True)
    first_shown_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return self.text


class SignatureQuerySet(models.QuerySet):
    """Signatures in the words of those who count and list them."""

    def confirmed(self) -> "SignatureQuerySet":
        """Those that count."""
        return self.filter(state=Signature.State.CONFIRMED)

    def named(self) -> "SignatureQuerySet":
        """Those whose name may be shown: confirmed, and the signer ticked the box. Newest first."""
        return self.confirmed().filter(show_name=True).order_by("-confirmed_at", "-id")

    def expired(self) -> "SignatureQuerySet":
        """Never confirmed within UNCONFIRMED_DAYS of signing."""
        return self.filter(state=Signature.State.PENDING, created_at__lt=Now() - timedelta(settings.UNCONFIRMED_DAYS))


class Signature(models.Model):
    """One person under one statement."""

    class State(models.TextChoices):
        PENDING = "pending", "waiting for confirmation"
        CONFIRMED = "confirmed", "confirmed"
        HELD = "held", "held for a look"
        REMOVED = "removed", "removed"
        WITHDRAWN = "withdrawn", "withdrawn"
        ANONYMISED = "anonymised", "anonymised"

    class Channel(models.TextChoices):
        WEB = "web", "website"
        EMBED = "embed", "embedded form"
        PAPER = "paper", "paper"
        IMPORT = "import", "import"

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="signatures", db_index=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="signatures", db_index=False)
    name = models.CharField(max_length=255)
    email = models.EmailField(max_length=254)
    email_canonical = models.CharField(max_length=254)
    postcode = models.CharField(max_length=16, blank=True, db_default="")
    affiliation = models.CharField(max_length=120, blank=True, db_default="")
    personal_capacity = models.BooleanField(default=False, db_default=False)
    show_name = models.BooleanField(default=False, db_default=False)
    email_updates = models.BooleanField(default=False, db_default=False)
    consent_text = models.ForeignKey(
        ConsentText, on_delete=models.PROTECT, null=True, related_name="signatures", db_index=False
    )
    language = models.CharField(max_length=8, default="en", db_default="en")
    via = models.CharField(max_length=32, blank=True, db_default="")
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.WEB, db_default=Channel.WEB)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING, db_default=State.PENDING)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    anonymised_at = models.DateTimeField(null=True, blank=True, editable=False)
    held_reason = models.CharField(max_length=120, blank=True, db_default="")
    removed_reason = models.CharField(max_length=200, blank=True, db_default="")
    ip_key = models.CharField(max_length=22, blank=True, db_default="", editable=False)
    code_tries = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["statement", "email_canonical"], name="signature_one_per_person"),
            models.CheckConstraint(
                name="signature_counted_was_confirmed",
                condition=~Q(state__in=["confirmed", "held"]) | Q(confirmed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["statement", "-confirmed_at", "-id"],
                name="signature_named",
                condition=Q(state="confirmed", show_name=True),
            ),
            models.Index(fields=["created_at"], name="signature_pending", condition=Q(state="pending")),
            models.Index(fields=["ip_key", "created_at"], name="signature_ip_key", condition=~Q(ip_key="")),
        ]

    def __str__(self) -> str:
        return self.name


class Tally(models.Model):
    """The numbers under a statement, spread over slots so that no row is hot; a number is the sum of its slots.

    docs/decisions/0003-counting.md has the figures.
    """

    SLOTS = 32

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="tallies", db_index=False)
    slot = models.PositiveSmallIntegerField(validators=[MaxValueValidator(SLOTS - 1)])
    confirmed = models.IntegerField(default=0, db_default=0)
    shown = models.IntegerField(default=0, db_default=0)
    removed = models.IntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["statement", "slot"], name="tally_unique_slot")]
