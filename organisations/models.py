"""Organisations and what they endorse. Names of fields and states are a contract (DESIGN 4)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.fields import AddressKeyField, MailboxKeyField
from core.moments import DayField
from core.sealed import SealedAddressField
from core.text import fields, order
from petitions.models import Statement, Version
from submissions.models import ConsentText, Linked, Submission

NEW_DAYS = 7
MANAGE = "endorsed-manage"


class Kind(models.TextChoices):
    """Kinds of organisations."""

    UNION_BRANCH = "union_branch", _("union branch")
    TRADES_COUNCIL = "trades_council", _("trades council")
    NATIONAL_UNION = "national_union", _("national union")
    COMMUNITY_GROUP = "community_group", _("community group")
    STUDENT_GROUP = "student_group", _("student group")
    POLITICAL_ORGANISATION = "political_organisation", _("political organisation")
    CHARITY = "charity", _("charity")
    BUSINESS = "business", _("business")
    OTHER = "other", _("other")


PLURALS = {
    Kind.UNION_BRANCH: _("Union branches"),
    Kind.TRADES_COUNCIL: _("Trades councils"),
    Kind.NATIONAL_UNION: _("National unions"),
    Kind.COMMUNITY_GROUP: _("Community groups"),
    Kind.STUDENT_GROUP: _("Student groups"),
    Kind.POLITICAL_ORGANISATION: _("Political organisations"),
    Kind.CHARITY: _("Charities"),
    Kind.BUSINESS: _("Businesses"),
    Kind.OTHER: _("Others"),
}


class Logo(models.Model):
    """A logo, re-encoded from the upload: at most 400×200 pixels, WebP, without metadata.

    It rests in the database, because web processes hold no state and a few kilobytes need no store of their own.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    data = models.BinaryField(max_length=200_000)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="logo_is_small", condition=Q(width__lte=400, height__lte=200)),
        ]

    def __str__(self) -> str:
        return f"{self.width}×{self.height}"

    def get_absolute_url(self) -> str:
        return reverse("logo", args=[self.uuid])


class OrganisationQuerySet(models.QuerySet):
    """Organisations in the words of those who list them."""

    def public(self) -> "OrganisationQuerySet":
        """Organisations listed under a public statement; no others exist for visitors."""
        return self.filter(pk__in=Endorsement.objects.public().values("organisation"))


class Organisation(models.Model):
    """One organisation, however many statements it endorses. A moderator has checked every word here."""

    name = fields.OrganisationField(max_length=120, filled=True)
    slug = fields.SlugField(max_length=80, unique=True, filled=True)
    kind = models.CharField(max_length=22, choices=Kind.choices, default=Kind.OTHER)
    parent = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="branches",
        help_text=_("What it is a branch of, so that twelve branches do not read as twelve unions."),
    )
    town = fields.LineField(_("town or area"), max_length=80, blank=True)
    website = fields.LinkField(max_length=200, blank=True)
    logo = models.ForeignKey(Logo, on_delete=models.SET_NULL, null=True, blank=True, related_name="organisations")
    # Both are written by directory.describe: what a name is told apart by, and what lists are ordered by.
    key = models.CharField(max_length=240, editable=False)
    sort_key = models.CharField(max_length=order.LONGEST, editable=False, db_collation="C", db_index=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key", "id"]
        constraints = [
            models.UniqueConstraint(
                F("key"),
                Lower("town"),
                name="organisation_once_in_a_town",
                violation_error_message=_("There is an organisation of that name in that town already."),
            ),
            models.CheckConstraint(name="organisation_not_its_own_parent", condition=~Q(parent=F("id"))),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.town}" if self.town and self.town not in self.name else self.name

    def get_absolute_url(self) -> str:
        return reverse("organisation", args=[self.slug])

    @property
    def via(self) -> str:
        """The source code of links that this organisation spreads."""
        return f"o-{self.pk}"


class EndorsementQuerySet(models.QuerySet):
    """Endorsements by who may see them and what is to be done about them."""

    def listed(self) -> "EndorsementQuerySet":
        """Endorsements that a moderator has listed."""
        return self.filter(state=Endorsement.State.LISTED)

    def public(self) -> "EndorsementQuerySet":
        """Listed, on a statement that everybody can read: the one rule every representation uses."""
        return self.listed().filter(statement__in=Statement.objects.at_home())

    def to_check(self) -> "EndorsementQuerySet":
        """Waiting for a moderator: new ones, and listed ones whose details were changed. Oldest first."""
        waiting = Q(state=Endorsement.State.WAITING) | Q(state=Endorsement.State.LISTED, changed_at__isnull=False)
        return self.filter(waiting).order_by("confirmed_at", "id")


class AgreedHow(models.TextChoices):
    """How the organisation decided."""

    MEMBERS_MEETING = "members_meeting", _("a members' meeting")
    COMMITTEE = "committee", _("the committee")
    AUTHORISED = "authorised", _("I am authorised to decide")


class Words(models.Model):
    """The fields of the endorsement form, shared by submission and endorsement."""

    name = fields.OrganisationField(_("organisation or branch"), max_length=120)
    name_key = models.CharField(max_length=240, editable=False, help_text=_("What spellings of one name share."))
    kind = models.CharField(max_length=22, choices=Kind.choices)
    town = fields.LineField(_("town or area"), max_length=80, blank=True)
    website = fields.LinkField(max_length=200, blank=True)
    contact_name = fields.PersonField(max_length=255)
    contact_role = fields.LineField(max_length=80)
    publish_contact = models.BooleanField(default=False)
    agreed_how = models.CharField(max_length=16, choices=AgreedHow.choices)
    agreed_on = DayField(null=True)
    message = fields.LineField(max_length=300, blank=True)

    class Meta:
        abstract = True

    @property
    def contact(self) -> str:
        """The representative as others may read them, when they agreed to it."""
        return f"{self.contact_name}, {self.contact_role}" if self.publish_contact else ""


class EndorsementSubmission(Submission, Words):
    """The form as a representative sent it. It is listed nowhere; agreeing makes an `Endorsement` of it."""

    email = SealedAddressField(of="endorsement", max_length=254, blank=True)
    # No constraints: the statement that writes the row has just read all of them (submissions/models.py).
    statement = models.ForeignKey(
        Statement, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    version = models.ForeignKey(
        Version, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    logo = models.ForeignKey(
        Logo, on_delete=models.PROTECT, null=True, related_name="submissions", db_index=False, db_constraint=False
    )

    def __str__(self) -> str:
        return f"Submission {self.reference}"


class Endorsement(Linked, Words):
    """One organisation's endorsement of one statement, in words that its representative agreed to.

    What was typed (`Words`, and the logo) is for the representative and moderators. Visitors read the organisation, and
    the columns that begin with `public_`: only a moderator's approval copies anything there.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for a moderator")
        LISTED = "listed", _("listed")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Source(models.TextChoices):
        REPRESENTATIVE = "form", _("its representative")
        IMPORT = "import", _("import")
        STAFF = "staff", _("entered by staff")

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="endorsements")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="endorsements", db_index=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="endorsements"
    )
    logo = models.ForeignKey(Logo, on_delete=models.SET_NULL, null=True, blank=True, related_name="endorsements")
    contact_email = SealedAddressField(of="endorsement", max_length=254)
    address_key = AddressKeyField(of="contact_email")
    mailbox_key = MailboxKeyField(of="contact_email")
    submission_id = models.BigIntegerField(null=True, editable=False, help_text=_("What was agreed to last."))
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.REPRESENTATIVE)
    public_message = fields.LineField(max_length=300, blank=True, default="", editable=False)
    public_contact = fields.LineField(max_length=340, blank=True, default="", editable=False)
    is_initial = models.BooleanField(_("initial supporter"), default=False)
    position = models.PositiveSmallIntegerField(default=0, help_text=_("Its place among the initial supporters."))
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    consent = models.ForeignKey(ConsentText, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    via = models.CharField(max_length=32, blank=True, default="")
    signals = models.CharField(max_length=60, blank=True, default="", editable=False)
    ip_key = models.CharField(max_length=22, blank=True, default="", editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False, help_text=_("When it was first asked for."))
    confirmed_at = models.DateTimeField(
        db_default=Now(), editable=False, help_text=_("Since when it waits, or waited.")
    )
    agreed_at = models.DateTimeField(db_default=Now(), editable=False, help_text=_("When it was last agreed to."))
    changed_at = models.DateTimeField(null=True, editable=False, help_text=_("When words that nobody has seen came."))
    asked_at = models.DateTimeField(null=True, editable=False)
    question = fields.ProseField(max_length=500, blank=True, default="", editable=False)
    listed_at = models.DateTimeField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    decided_at = models.DateTimeField(null=True, editable=False)
    decided_reason = fields.LineField(max_length=500, blank=True, default="", editable=False)
    decided_submission_id = models.BigIntegerField(null=True, editable=False, help_text=_("What was looked at."))
    # How it stood before the last decision (undo.py), for `deciding.undo`.
    was = models.JSONField(null=True, editable=False)

    objects = EndorsementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "address_key", "name_key"], name="endorsement_once_per_representative"
            ),
            models.UniqueConstraint(
                fields=["statement", "organisation"],
                condition=Q(state="listed"),
                name="endorsement_listed_once_per_organisation",
            ),
            models.CheckConstraint(
                name="endorsement_listed_has_organisation",
                condition=~Q(state="listed") | Q(organisation__isnull=False, listed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="endorsement_public_words_are_listed",
                condition=Q(state="listed") | Q(public_message="", public_contact=""),
            ),
            models.CheckConstraint(
                name="endorsement_has_a_ground",
                condition=Q(submission_id__isnull=False) | Q(source__in=["import", "staff"]),
                violation_error_message=_("What stands here was agreed to: by mail, in an import, or as staff say."),
            ),
        ]
        indexes = [
            models.Index(fields=["confirmed_at", "id"], name="endorsement_waiting", condition=Q(state="waiting")),
            models.Index(fields=["mailbox_key"], name="endorsement_mailbox"),
            models.Index(fields=["ip_key", "created_at"], name="endorsement_ip_key", condition=~Q(ip_key="")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def edition(self) -> str:
        """Digest of the words: a decision names the words it is about (deciding.py)."""
        return f"{self.submission_id or 0}.{self.changed_at.isoformat() if self.changed_at else ''}"


class Motion(models.Model):
    """A campaigner's own words for the model motion; an empty part is written from the statement."""

    statement = models.OneToOneField(Statement, on_delete=models.CASCADE, related_name="motion")
    notes = fields.ProseField(blank=True, max_length=4000, help_text=_("“This branch notes”: one point a line."))
    believes = fields.ProseField(blank=True, max_length=4000, help_text=_("“This branch believes”: one point a line."))
    resolves = fields.ProseField(blank=True, max_length=4000, help_text=_("“This branch resolves”: one point a line."))

    class Meta:
        verbose_name = _("model motion")

    def __str__(self) -> str:
        return gettext("Model motion: %(statement)s") % {"statement": self.statement}
