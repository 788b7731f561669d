"""Who signs, what they agreed to, and how many they are."""

import secrets

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex, OpClass
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.fields import AddressKeyField, DomainKeyField, MailboxKeyField
from core.text import fields
from petitions.statements.models import Statement, Version
from submissions.models import ConsentText, Submission

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without what looks alike on a poster


class Rule(models.Model):
    """Remove all signatures that match, in batches by the worker, reversible as a whole (rules.py beside this)."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        CANCELLED = "cancelled", _("cancelled")
        DONE = "done", _("done")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")

    statement = models.ForeignKey(
        Statement,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="rules",
        help_text=_("Empty: all of them."),
    )
    domain = fields.LineField(max_length=120, blank=True, help_text=_("What stands after the @, such as mill.example."))
    via = models.CharField(_("came by"), max_length=32, blank=True, help_text=_("A source code, as in ?via=…"))
    ip_key = models.CharField(
        _("network"), max_length=22, blank=True, help_text=_("The key that a signature's page shows.")
    )
    signed_from = models.DateTimeField(null=True, blank=True)
    signed_until = models.DateTimeField(null=True, blank=True)
    reason = fields.LineField(max_length=160, filled=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.RUNNING, editable=False)
    expected = models.PositiveIntegerField(default=0, editable=False)
    handled = models.PositiveIntegerField(default=0, editable=False)
    # Rows up to this id have been looked at; none above `last` was there when the rule was made.
    cursor = models.BigIntegerField(default=0, editable=False)
    last = models.BigIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("removal rule")
        constraints = [
            models.CheckConstraint(
                name="rule_says_something",
                condition=~Q(domain="", via="", ip_key="", signed_from=None, signed_until=None),
                violation_error_message=_("This rule is empty: it would remove everybody. Fill in at least one line."),
            ),
            models.CheckConstraint(
                name="rule_until_after_from",
                condition=Q(signed_from=None) | Q(signed_until=None) | Q(signed_until__gt=F("signed_from")),
                violation_error_message=_("The end must be after the start."),
            ),
        ]

    def __str__(self) -> str:
        parts = [
            (gettext("address at %(value)s"), self.domain),
            (gettext("came by %(value)s"), self.via),
            (gettext("from network %(value)s"), self.ip_key),
            (gettext("signed from %(value)s"), self.signed_from and f"{self.signed_from:%-d %b %H:%M %Z}"),
            (gettext("until %(value)s"), self.signed_until and f"{self.signed_until:%-d %b %H:%M %Z}"),
        ]
        return ", ".join(words % {"value": value} for words, value in parts if value)

    @property
    def is_busy(self) -> bool:
        """Whether the worker still has to do something about it."""
        return self.state in {self.State.RUNNING, self.State.UNDOING}


def meeting_code() -> str:
    """Six characters that nobody guesses and everybody can read off a poster."""
    return "m-" + "".join(secrets.choice(ALPHABET) for _ in range(6))


class Meeting(models.Model):
    """A hall full of people who sign over one Wi-Fi: their signatures are tagged, and not held for being many."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="meetings")
    place = fields.LineField(max_length=120, help_text=_("Such as Mill Hall, Eastside."), filled=True)
    code = models.CharField(max_length=12, unique=True, default=meeting_code, editable=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    expected = models.PositiveIntegerField(
        _("people at most"),
        default=200,
        validators=[MinValueValidator(1)],
        help_text=_("Beyond so many, signatures with its code are treated like any others."),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                name="meeting_ends_after_start",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The end must be after the start."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place}, {self.starts_at:%-d %B %Y}"


class Sheet(models.Model):
    """One sheet of paper with names on it; counted apart, because nobody can confirm a mailbox on paper."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="sheets")
    number = models.PositiveIntegerField(_("sheet number"))
    typed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    typed_at = models.DateTimeField(db_default=Now(), editable=False)
    forgotten_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("paper sheet")
        constraints = [models.UniqueConstraint(fields=["statement", "number"], name="sheet_typed_once")]

    def __str__(self) -> str:
        return f"Sheet {self.number}"


class SheetLine(models.Model):
    """One name on a sheet."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="lines")
    name = fields.PersonField(max_length=255)
    postcode = fields.LineField(max_length=16, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class SignedHour(models.Model):
    """How many were confirmed under a statement in one hour (UTC); what the plot is drawn from."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="hours", db_index=False)
    hour = models.DateTimeField()
    confirmed = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["statement", "hour"], name="signedhour_once")]


class Domain(models.Func):
    """What stands after the @ of an address, as an index keeps it."""

    template = "split_part(%(expressions)s, '@', 2)"
    output_field = models.TextField()


class SignatureQuerySet(models.QuerySet):
    """Signatures in the words of those who count and list them."""

    def confirmed(self) -> "SignatureQuerySet":
        """Those that count."""
        return self.filter(state=Signature.State.CONFIRMED)

    def named(self) -> "SignatureQuerySet":
        """Those whose name may be shown: confirmed, and the signer ticked the box. Newest first."""
        return self.confirmed().filter(show_name=True).order_by("-confirmed_at", "-id")


class SignatureSubmission(Submission):
    """What somebody typed to sign a statement. It counts nowhere; agreeing makes a `Signature` of it."""

    # No constraints: the statement that writes the row has just read both (submissions/models.py).
    statement = models.ForeignKey(
        Statement, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    version = models.ForeignKey(
        Version, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    name = fields.PersonField(max_length=255)
    postcode = fields.LineField(max_length=16, blank=True, db_default="")
    affiliation = fields.OrganisationField(max_length=120, blank=True, db_default="")
    personal_capacity = models.BooleanField(default=False, db_default=False)
    show_name = models.BooleanField(default=False, db_default=False)
    email_updates = models.BooleanField(default=False, db_default=False)
    unless_signed = models.BooleanField(
        default=False,
        db_default=False,
        help_text=_("Asked for beside something else: who has signed stays as they are."),
    )

    class Meta(Submission.Meta):
        verbose_name = _("signature waiting to be confirmed")
        verbose_name_plural = _("signatures waiting to be confirmed")

    def __str__(self) -> str:
        return f"Submission {self.reference}"


class Signature(models.Model):
    """One person under one statement: somebody who agreed. What was only asked for is a SignatureSubmission."""

    class State(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        HELD = "held", _("held for a look")
        REMOVED = "removed", _("removed")
        WITHDRAWN = "withdrawn", _("withdrawn")
        ANONYMISED = "anonymised", _("anonymised")

    class Channel(models.TextChoices):
        WEB = "web", _("website")
        EMBED = "embed", _("embedded form")
        PAPER = "paper", _("paper")
        IMPORT = "import", _("import")

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="signatures", db_index=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="signatures", db_index=False)
    name = fields.PersonField(max_length=255)
    email = fields.AddressField(max_length=254)
    email_canonical = models.CharField(max_length=254)
    address_key = AddressKeyField()
    mailbox_key = MailboxKeyField()
    domain_key = DomainKeyField()
    mailbox_position = models.PositiveSmallIntegerField(default=1, db_default=1, editable=False)
    submission_id = models.BigIntegerField(null=True, editable=False, help_text=_("What was agreed to last."))
    postcode = fields.LineField(max_length=16, blank=True, db_default="")
    affiliation = fields.OrganisationField(max_length=120, blank=True, db_default="")
    personal_capacity = models.BooleanField(default=False, db_default=False)
    show_name = models.BooleanField(default=False, db_default=False)
    email_updates = models.BooleanField(default=False, db_default=False)
    consent = models.ForeignKey(
        ConsentText, on_delete=models.PROTECT, null=True, related_name="signatures", db_index=False
    )
    language = models.CharField(max_length=8, default="en", db_default="en")
    via = models.CharField(max_length=32, blank=True, db_default="")
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.WEB, db_default=Channel.WEB)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CONFIRMED, db_default=State.CONFIRMED)
    created_at = models.DateTimeField(db_default=Now(), editable=False, help_text=_("When it was first asked for."))
    confirmed_at = models.DateTimeField(db_default=Now(), editable=False, help_text=_("When it was first agreed to."))
    agreed_at = models.DateTimeField(db_default=Now(), editable=False, help_text=_("When it was last agreed to."))
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    anonymised_at = models.DateTimeField(null=True, blank=True, editable=False)
    held_reason = fields.LineField(max_length=200, blank=True, db_default="")
    removed_reason = fields.LineField(max_length=200, blank=True, db_default="")
    ip_key = models.CharField(max_length=22, blank=True, db_default="", editable=False)
    # What stood before the last agreeing, carried out of the update itself: reading it beside the update would see the
    # row as it was before the lock, and count two agreeings at once twice (docs/decisions, "Asking is not agreeing").
    prior_state = models.CharField(max_length=10, null=True, editable=False)  # noqa: DJ001 - none is not empty
    prior_shown = models.BooleanField(null=True, editable=False)
    prior_version_id = models.BigIntegerField(null=True, editable=False)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        constraints = [
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
            models.Index(fields=["ip_key", "created_at"], name="signature_ip_key", condition=~Q(ip_key="")),
            # For staff, who search ten million rows; docs/decisions/0013 has what they cost a signer.
            models.Index(fields=["statement", "confirmed_at"], name="signature_when"),
            models.Index(fields=["statement", "id"], name="signature_statement"),
            models.Index(fields=["via", "id"], name="signature_via", condition=~Q(via="")),
            models.Index(fields=["channel", "id"], name="signature_channel", condition=~Q(channel="web")),
            models.Index(
                F("state"), F("id"), name="signature_odd", condition=Q(state__in=["held", "removed", "withdrawn"])
            ),
            models.Index(fields=["confirmed_at"], name="signature_held", condition=Q(state="held")),
            models.Index(Domain("email_canonical"), F("id"), name="signature_domain"),
            models.Index(OpClass(Upper("name"), "text_pattern_ops"), name="signature_name"),
            BrinIndex(fields=["created_at"], name="signature_created", autosummarize=True),
        ]

    def __str__(self) -> str:
        return self.name
