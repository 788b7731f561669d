"""Signatures, their submissions, and tallies."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.fields import AddressKeyField, DomainKeyField, MailboxKeyField
from core.sealed import SealedAddressField, SealedPostcodeField
from core.text import fields, order
from petitions.statements.models import Statement, Version
from publishers.models import Publisher
from submissions.models import ConsentText, Linked, Submission

HELD_BY_A_CEILING = Q(state="held", held_reason__in=["ceiling_domain", "ceiling_site"])
AGAIN = "?"  # as a place from A to Z: to be found anew


class SignatureQuerySet(models.QuerySet):
    """Signatures in the words of those who count and list them."""

    def confirmed(self) -> "SignatureQuerySet":
        """Signatures that count."""
        return self.filter(state=Signature.State.CONFIRMED)

    def named(self) -> "SignatureQuerySet":
        """Signatures whose name may be shown: confirmed, and the signer ticked the box. Newest first."""
        return self.confirmed().filter(show_name=True).order_by("-confirmed_at", "-id")


class AskedColumns(models.Model):
    """The answers to what a statement may ask besides; petitions/signatures/optional.py declares each of them."""

    postcode = SealedPostcodeField(of="signature", max_length=16, blank=True, db_default="")
    affiliation = fields.OrganisationField(max_length=120, blank=True, db_default="")
    personal_capacity = models.BooleanField(default=False, db_default=False)
    country = models.CharField(max_length=2, blank=True, db_default="")
    keep_name = models.BooleanField(default=False, db_default=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_country_is_a_code",
                condition=Q(country="") | Q(country__regex=r"^[A-Z]{2}$"),
                violation_error_message=_("A country is two capital letters, such as FR (ISO 3166-1)."),
            )
        ]


class SignatureSubmission(AskedColumns, Submission):
    """The form as filled in to sign a statement. It counts nowhere; agreeing makes a `Signature` of it."""

    email = SealedAddressField(of="signature", max_length=254, blank=True)
    # No constraints: the statement that writes the row has just read both (submissions/models.py).
    statement = models.ForeignKey(
        Statement, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    version = models.ForeignKey(
        Version, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    name = fields.PersonField(max_length=255)
    show_name = models.BooleanField(default=False, db_default=False)
    email_updates = models.BooleanField(default=False, db_default=False)
    # Under a joint statement: on whose page it was asked, if not on its own publisher's, and whose news besides.
    asked_by = models.ForeignKey(
        Publisher, on_delete=models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    news_of = ArrayField(models.BigIntegerField(), null=True, blank=True)
    unless_signed = models.BooleanField(
        default=False,
        db_default=False,
        help_text=_("Asked for beside something else: who has signed stays as they are."),
    )

    class Meta(Submission.Meta):
        constraints = [*Submission.Meta.constraints, *AskedColumns.Meta.constraints]
        verbose_name = _("signature waiting to be confirmed")
        verbose_name_plural = _("signatures waiting to be confirmed")

    def __str__(self) -> str:
        return f"Submission {self.reference}"


class Signature(Linked, AskedColumns):
    """One person who agreed to one statement. A form that is not confirmed is a SignatureSubmission."""

    class State(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        HELD = "held", _("held for review")
        REMOVED = "removed", _("removed")
        WITHDRAWN = "withdrawn", _("withdrawn")
        ANONYMISED = "anonymised", _("anonymised")

    class Channel(models.TextChoices):
        WEB = "web", _("website")
        EMBED = "embed", _("embedded form")
        API = "api", _("a program")
        PAPER = "paper", _("paper")
        IMPORT = "import", _("import")

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="signatures", db_index=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="signatures", db_index=False)
    name = fields.PersonField(max_length=255)
    email = SealedAddressField(of="signature", max_length=254)
    address_key = AddressKeyField()
    mailbox_key = MailboxKeyField()
    domain_key = DomainKeyField()
    mailbox_position = models.PositiveSmallIntegerField(default=1, db_default=1, editable=False)
    submission_id = models.BigIntegerField(null=True, editable=False, help_text=_("What was agreed to last."))
    position = models.PositiveSmallIntegerField(
        _("place among the first"),
        default=0,
        db_default=0,
        help_text=_("Notable signatories stand first, in this order, if they show their names. 0: among all others."),
    )
    show_name = models.BooleanField(default=False, db_default=False)
    # Its place from A to Z, where a statement lists so (petitions/signatures/listing.py).
    sort_key = models.CharField(
        max_length=order.LONGEST + 1, blank=True, db_default="", editable=False, db_collation="C"
    )
    email_updates = models.BooleanField(default=False, db_default=False)
    # Under a joint statement: on whose page it was asked, if not on its own publisher's; and whose news they want
    # besides its own publisher's, which is `email_updates`. docs/decisions/0043 says why it is no table.
    asked_by = models.ForeignKey(Publisher, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    news_of = ArrayField(models.BigIntegerField(), default=list, db_default=[], blank=True)
    consent = models.ForeignKey(
        ConsentText, on_delete=models.PROTECT, null=True, related_name="signatures", db_index=False
    )
    language = models.CharField(max_length=8, default="en", db_default="en")
    via = models.CharField(max_length=32, blank=True, db_default="")
    import_id = models.BigIntegerField(
        null=True, editable=False, help_text=_("The import that brought them in, until they agree here themselves.")
    )
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.WEB, db_default=Channel.WEB)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CONFIRMED, db_default=State.CONFIRMED)
    created_at = models.DateTimeField(db_default=Now(), editable=False, help_text=_("When it was first asked for."))
    confirmed_at = models.DateTimeField(db_default=Now(), editable=False, help_text=_("When it was first agreed to."))
    agreed_at = models.DateTimeField(db_default=Now(), editable=False, help_text=_("When it was last agreed to."))
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    anonymised_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Under a statement that does not close (staying.py).
    asked_to_stay_at = models.DateTimeField(null=True, blank=True, editable=False)
    renewed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("When its owner last said that it should stay.")
    )
    held_reason = fields.LineField(max_length=200, blank=True, db_default="")
    removed_reason = fields.LineField(max_length=200, blank=True, db_default="")
    ip_key = models.CharField(max_length=22, blank=True, db_default="", editable=False)
    # What stood before the last agreeing, carried out of the update itself: reading it beside the update would see the
    # row as it was before the lock, and count two agreeings at once twice (docs/decisions, "Asking is not agreeing").
    prior_state = models.CharField(max_length=10, null=True, editable=False)  # noqa: DJ001 - none is not empty
    prior_shown = models.BooleanField(null=True, editable=False)
    prior_version_id = models.BigIntegerField(null=True, editable=False)
    prior_import_id = models.BigIntegerField(null=True, editable=False)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        constraints = [
            *AskedColumns.Meta.constraints,
            models.UniqueConstraint(
                fields=["mailbox_key", "statement", "mailbox_position"], name="signature_one_per_person"
            ),
            models.CheckConstraint(
                name="signature_state_is_known",
                condition=Q(state__in=["confirmed", "held", "removed", "withdrawn", "anonymised"]),
            ),
            models.CheckConstraint(
                name="signature_two_share_a_mailbox",
                condition=Q(mailbox_position__in=[1, 2]),
                violation_error_message=_("At most two people sign with one mailbox."),
            ),
            models.CheckConstraint(
                name="signature_has_a_ground",
                condition=Q(submission_id__isnull=False) | Q(channel__in=["paper", "import"]),
                violation_error_message=_("What counts was agreed to: by mail, on paper or in an import."),
            ),
            models.CheckConstraint(
                name="signature_brought_in_by_import",
                condition=Q(import_id=None) | Q(channel="import"),
                violation_error_message=_("Only an import brings somebody in."),
            ),
            models.CheckConstraint(
                name="signature_held_says_why",
                condition=~Q(state="held") | ~Q(held_reason=""),
                violation_error_message=_("Say why it is held."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["statement", "-confirmed_at", "-id"],
                name="signature_named",
                condition=Q(state="confirmed", show_name=True),
            ),
            models.Index(
                fields=["statement", "sort_key", "id"],
                name="signature_from_a_to_z",
                condition=Q(state="confirmed", show_name=True, sort_key__gt=AGAIN),
            ),
            models.Index(fields=["statement", "id"], name="signature_to_place", condition=Q(sort_key=AGAIN)),
            models.Index(
                fields=["statement", "position"], name="signature_notable", condition=Q(position__gt=0, show_name=True)
            ),
            models.Index(fields=["ip_key", "created_at"], name="signature_ip_key", condition=~Q(ip_key="")),
            # For staff, who search ten million rows; docs/decisions/0013 has what they cost a signer.
            models.Index(fields=["statement", "confirmed_at"], name="signature_when"),
            models.Index(fields=["statement", "id"], name="signature_statement"),
            models.Index(fields=["via", "id"], name="signature_via", condition=~Q(via="")),
            models.Index(fields=["country", "id"], name="signature_country", condition=~Q(country="")),
            models.Index(fields=["import_id", "id"], name="signature_import", condition=Q(import_id__isnull=False)),
            models.Index(fields=["channel", "id"], name="signature_channel", condition=~Q(channel="web")),
            models.Index(
                F("state"), F("id"), name="signature_odd", condition=Q(state__in=["held", "removed", "withdrawn"])
            ),
            models.Index(fields=["confirmed_at"], name="signature_held", condition=Q(state="held")),
            # What a ceiling holds, which the desk's first page counts, by domain too (ceilings.py).
            models.Index(fields=["confirmed_at"], name="signature_ceiling", condition=HELD_BY_A_CEILING),
            models.Index(
                fields=["domain_key", "statement", "confirmed_at", "id"],
                name="signature_ceiling_domain",
                condition=HELD_BY_A_CEILING,
            ),
            models.Index(fields=["domain_key", "id"], name="signature_domain"),
            # Of joint statements alone; who asked nobody's news besides, or was asked by its own publisher, is in none.
            models.Index(
                fields=["statement", "asked_by"], name="signature_asked_by", condition=Q(asked_by__isnull=False)
            ),
            models.Index(fields=["statement", "id"], name="signature_news_of", condition=~Q(news_of=[])),
            BrinIndex(fields=["created_at"], name="signature_created", autosummarize=True),
        ]

    def __str__(self) -> str:
        return self.name
