"""Statements and their versions."""

import uuid
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import countries, identity, richtext
from core.identity import Identity
from core.moments import DayField, MomentField
from core.speed import links
from core.text import fields
from petitions.statements import availability
from petitions.statements.lists import ClockTimestamp, StatementQuerySet
from petitions.statements.publicity import Publicity
from publishers.models import Picture, Publisher, picture

__all__ = ["ClockTimestamp", "Statement", "StatementQuerySet", "Tally", "Version"]
RIGHT_TO_LEFT = {"ar", "fa", "he", "ur", "ckb", "ps", "sd", "ug", "yi"}
# Where a language is at home, if its country is not called like it (ISO 639, ISO 3166).
AT_HOME = """bn_BD cs_CZ cy_GB da_DK el_GR en_GB fa_IR ga_IE gd_GB he_IL hi_IN ja_JP ko_KR ku_TR kw_GB pa_IN sq_AL sv_SE
    ta_IN uk_UA ur_PK vi_VN zh_CN"""
TERRITORIES = dict(pair.split("_") for pair in AT_HOME.split())


class Statement(Publicity):
    """A petition, open letter or joint statement."""

    class Kind(models.TextChoices):
        PETITION = "petition", "petition"
        OPEN_LETTER = "open_letter", "open letter"
        STATEMENT = "statement", "statement"

    class SignedBy(models.TextChoices):
        BOTH = "both", "people and organisations"
        PEOPLE = "people", "people only"
        ORGANISATIONS = "organisations", "organisations only"

    class Focus(models.TextChoices):
        MIDDLE = "middle", _("the middle")
        TOP = "top", _("the top")
        BOTTOM = "bottom", _("the bottom")
        LEFT = "left", _("the left side")
        RIGHT = "right", _("the right side")
        TOP_LEFT = "top-left", _("the upper left")
        TOP_RIGHT = "top-right", _("the upper right")

    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.STATEMENT)
    # A draft's own words; once published a copy of the newest published version's, which the database holds true.
    title = fields.LineField(max_length=120, help_text=_("At most 80 characters reads best."))
    slug = fields.SlugField(
        max_length=80, unique=True, help_text=_("The last part of the page's address."), filled=True
    )
    uid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    headline = fields.LineField(
        max_length=160,
        blank=True,
        db_default="",
        help_text=_("Your own words over the page, apart from the title. Nobody signs them."),
    )
    summary = fields.LineField(max_length=200, blank=True, help_text=_("The ask in one or two sentences."))
    addressed_to = fields.LineField(max_length=120, blank=True, help_text=_("Who should act on it."))
    # Empty only before the site has a publisher: the database puts the site's first one there (petitions/schema.py).
    publisher = models.ForeignKey(
        Publisher, null=True, blank=True, on_delete=models.PROTECT, related_name="statements", editable=False
    )
    # Who publishes it together with it now, by row id in the order in which they came: what every page must know
    # without asking. Kept true by petitions/statements/copublishing.py from the rows of Copublisher.
    joint_with = ArrayField(models.BigIntegerField(), default=list, db_default=[], blank=True, editable=False)
    is_featured = models.BooleanField(default=False, db_default=False, editable=False)
    preface = richtext.RichTextField(blank=True, help_text=_("Your own words before the statement. Nobody signs this."))
    language = models.CharField(max_length=8, default="en", help_text=_("Such as en, cy or ar."))
    published_at = MomentField(null=True, blank=True, help_text=_("Empty: a draft. In the future: scheduled."))
    closes_at = MomentField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    hidden_at = models.DateTimeField(null=True, blank=True, editable=False)
    goal = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(10)],
        help_text=_("Empty: the next of 100, 200, 500, 1,000 …"),
    )
    contact_email = fields.AddressField(max_length=254, blank=True)
    signed_by = models.CharField(
        max_length=13,
        choices=SignedBy.choices,
        default=SignedBy.BOTH,
        db_default=SignedBy.BOTH,
        help_text=_("Who is asked to put their name to it."),
    )
    ask_postcode = models.BooleanField(_("ask for the postcode"), default=False)
    ask_affiliation = models.BooleanField(_("ask for an organisation or a job"), default=False)
    ask_country = models.BooleanField(_("ask in which country"), default=False, db_default=False)
    ask_keep_name = models.BooleanField(
        _("ask whether the name stays"),
        default=False,
        db_default=False,
        help_text=_("Signers choose whether their name stays after the statement has closed, as under an open letter."),
    )
    outcome = richtext.RichTextField(blank=True, help_text=_("What came of it."))
    handed_in_on = DayField(null=True, blank=True, editable=False)
    handed_in_to = fields.LineField(max_length=120, blank=True, db_default="", editable=False)
    # Kept true by the app that lists them, in the transaction that lists one; a public page never counts rows.
    organisations = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # Names on paper, counted apart; kept true by petitions.signatures.paper.
    paper = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # Names without an address that an import brought in: counted apart, too, and kept true by the same module.
    names_only = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    calls_heading = fields.LineField(
        max_length=80,
        blank=True,
        db_default="",
        help_text=_("Over what readers can do, such as “Show your solidarity!”. Empty: “What you can do”."),
    )
    image = models.ForeignKey(Picture, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    image_small = models.ForeignKey(
        Picture, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    image_words = fields.LineField(
        _("picture in words"),
        max_length=200,
        blank=True,
        db_default="",
        help_text=_("What the picture shows, for people who don't see it."),
    )
    image_focus = models.CharField(
        _("what must stay in sight"),
        max_length=12,
        choices=Focus.choices,
        default=Focus.MIDDLE,
        db_default=Focus.MIDDLE,
        help_text=_("Where the picture is cut, on wide and on narrow screens."),
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = StatementQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-id"]
        permissions = [
            ("publish_statement", "Can publish, close and reopen statements"),
            ("correct_statement", "Can correct the text of published statements"),
            ("hide_statement", "Can hide statements"),
            ("export_signatures", "Can download the names for delivery"),
            ("export_contacts", "Can download the addresses of those who asked for news"),
            ("view_every_statement", "Can see every statement, not only those assigned to them"),
        ]
        constraints = [
            models.CheckConstraint(
                name="statement_closes_after_publishing",
                condition=Q(closes_at=None) | Q(published_at=None) | Q(closes_at__gt=F("published_at")),
                violation_error_message=_("The closing time must be after the publishing time."),
            ),
            models.UniqueConstraint(
                fields=["publisher"], condition=Q(is_featured=True), name="statement_one_featured_of_a_publisher"
            ),
            models.CheckConstraint(
                name="statement_picture_is_described",
                condition=Q(image=None, image_small=None)
                | (Q(image__isnull=False, image_small__isnull=False) & ~Q(image_words="")),
                violation_error_message=_("Say what the picture shows, for people who don't see it."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return links.path("statement", self.slug)

    @property
    def pictures(self) -> tuple[identity.Picture, ...]:
        """Its picture for wide screens and for phones, or nothing."""
        names = (self.image_id, self.image_small_id)
        return tuple(filter(None, (picture(name, self.image_words) for name in names)))

    @property
    def shown_by(self) -> int | None:
        """The row id of the publisher under whose name it stands just now: one of those it is published together with
        where we speak for them, else its own.
        """
        here = identity.here()
        return here if here in self.joint_with else self.publisher_id

    @property
    def who(self) -> Identity:
        """Its publisher, as the public reads it."""
        return identity.publisher(self.shown_by)

    @property
    def publishers(self) -> list[Identity]:
        """All who publish it, as the public reads them: its own first, then in the order in which they came."""
        return [identity.publisher(pk) for pk in (self.publisher_id, *self.joint_with)]

    def urn(self, of: str) -> str:
        """The name for ever of what hangs on it, such as "comment 7": feed readers know by it what they have shown.

        It tells of no address, so neither another slug nor another origin changes it (RFC 4287 4.2.6, RFC 9562 5.5).
        """
        return uuid.uuid5(self.uid, of).urn

    @property
    def status(self) -> str:
        """`draft`, `scheduled`, `open` or `closed`, for showing; the database decides again when it matters."""
        now = timezone.now()
        if self.published_at is None:
            return "draft"
        if self.published_at > now:
            return "scheduled"
        return "closed" if availability.ended_at(self, now) else "open"

    @property
    def is_open(self) -> bool:
        """Whether people can sign now."""
        return availability.is_open(self)

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
        return availability.ended_at(self)

    @property
    def days_without_answer(self) -> int | None:
        """How many days have gone since it was handed in, until an outcome is recorded; else None."""
        if self.handed_in_on is None or self.outcome:
            return None
        return max(0, (timezone.localdate() - self.handed_in_on).days)

    @property
    def direction(self) -> str:
        """`rtl` for Arabic, Hebrew and their like, else `ltr`."""
        return "rtl" if self.language.split("-")[0] in RIGHT_TO_LEFT else "ltr"

    @property
    def locale(self) -> str:
        """The language as Open Graph writes it, such as `en_GB` or `ar_AR`."""
        language, _, territory = self.language.replace("_", "-").partition("-")
        return f"{language}_{(territory or TERRITORIES.get(language, language)).upper()}"

    @property
    def likely_country(self) -> str:
        """The country (ISO 3166-1) where most of its readers will live, by its language; empty if unknown."""
        language, _, territory = self.language.replace("_", "-").partition("-")
        return territory.upper() or TERRITORIES.get(language) or countries.home_of(language)

    @property
    def sign_label(self) -> str:
        """The label of the sign button."""
        return gettext("Sign the %(kind)s") % {"kind": self.get_kind_display()}

    @property
    def version(self) -> "Version | None":
        """The version that is signed now: the newest published one."""
        return self.versions.filter(published_at__isnull=False).order_by("-number").first()


class Version(models.Model):
    """The promise that people sign: title, addressee and text. The database refuses to edit it once it is published.

    A draft's title and addressee are the statement's; publishing writes them here.
    """

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(default=1)
    title = fields.LineField(max_length=120, blank=True, editable=False)
    addressed_to = fields.LineField(max_length=120, blank=True, editable=False)
    body = richtext.RichTextField()
    note = fields.LineField(max_length=300, blank=True, help_text=_("What changed and why; everybody can read it."))
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
                condition=Q(published_at=None) | (~Q(title="") & ~Q(body="") & Q(sha256__regex=r"^[0-9a-f]{64}$")),
            ),
        ]

    def __str__(self) -> str:
        return f"Version {self.number}"

    @property
    def words(self) -> int:
        """How long it is, in words."""
        return richtext.words(self.body)


class Tally(models.Model):
    """The numbers under each version of a statement, spread over slots so that no row is hot: a number is their sum.

    docs/decisions/0003-counting.md has the figures.
    """

    SLOTS = 32

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="tallies", db_index=False)
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="tallies", db_index=False)
    slot = models.PositiveSmallIntegerField(validators=[MaxValueValidator(SLOTS - 1)])
    confirmed = models.IntegerField(default=0, db_default=0)
    shown = models.IntegerField(default=0, db_default=0)
    removed = models.IntegerField(default=0, db_default=0)
    brought_in = models.IntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["statement", "version", "slot"], name="tally_unique_slot")]
