"""Base of submissions, decisions about mailboxes, and the record of unanswered mail."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.fields import AddressKeyField, DomainKeyField, MailboxKeyField
from core.sealed import SealedAddressField
from core.text import fields


class ConsentText(models.Model):
    """The exact consent sentence and the privacy notice it linked to, stored once for all who saw it.

    `recipients` are those who, as the notice says, get names and mailboxes; nobody else may. `newsletters` are those
    who get them of people who want to be written to. `publishers` are the row ids of those who answer for it.
    """

    text = models.TextField()
    notice = models.TextField()
    language = models.CharField(max_length=16, blank=True, db_default="")
    recipients = ArrayField(models.TextField(), default=list, db_default=[])
    newsletters = ArrayField(models.TextField(), default=list, db_default=[])
    publishers = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    sha256 = models.CharField(max_length=64, unique=True)
    first_shown_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return self.text


class Submission(models.Model):
    """One accepted POST from a visitor: what was typed, and its status. Agreeing makes the row that counts.

    Only ever added to. The database lets it be mailed, agreed or ended once, its code be tried and its words be emptied
    (submissions/schema.py); a second POST is a second row. A kind adds its columns in a concrete model and registers
    itself (submissions/kinds.py). `digest` is a keyed hash of all that was typed: equal posts have equal ones, and
    reference and code are made of it, so that one mail serves somebody who pressed the button twice.
    """

    reference = models.CharField(max_length=3, editable=False)
    digest = models.BinaryField(max_length=16)
    email = SealedAddressField(max_length=254, blank=True)  # each kind says `of` what
    address_key = AddressKeyField()
    mailbox_key = MailboxKeyField()
    domain_key = DomainKeyField()
    # No constraint: the row lives for weeks, and checking one that everybody shares is the dearest part of an INSERT.
    consent = models.ForeignKey(
        ConsentText, on_delete=models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    language = models.CharField(max_length=8, default="en", db_default="en")
    via = models.CharField(max_length=32, blank=True, db_default="")
    channel = models.CharField(max_length=8, default="web", db_default="web")
    ip_key = models.CharField(max_length=22, blank=True, db_default="", editable=False)
    signals = models.CharField(
        max_length=60, blank=True, db_default="", help_text=_("What a robot gave away, in codes.")
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    mailed_at = models.DateTimeField(null=True, editable=False)
    code_tries = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    agreed_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    result_id = models.BigIntegerField(
        null=True, editable=False, help_text=_("The row that agreeing wrote or renewed.")
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_agreed_or_ended", condition=Q(agreed_at__isnull=True) | Q(ended_at__isnull=True)
            )
        ]
        indexes = [
            models.Index(fields=["address_key", "id"], name="%(class)s_address"),
            models.Index(fields=["mailbox_key", "id"], name="%(class)s_mailbox"),
            models.Index(fields=["ip_key", "created_at"], name="%(class)s_ip_key", condition=~Q(ip_key="")),
            BrinIndex(fields=["created_at"], name="%(class)s_created", autosummarize=True),  # for chores.py
        ]

    def __str__(self) -> str:
        return self.reference


class Linked(models.Model):
    """Base of rows with a page of their own, behind a renewable link (submissions/own_links.py)."""

    link_number = models.PositiveSmallIntegerField(
        default=0, db_default=0, editable=False, help_text=_("How often its owner asked for another link.")
    )

    class Meta:
        abstract = True


class Decision(models.Model):
    """A decision of staff, a rule or a form's trap about a mailbox or a domain: it outlives rows and posts.

    Keyed by the statement it is about (None: all), the kind of what is agreed, and a keyed hash. A hold or a removal is
    live until somebody lifts it with a decision of their own, which names it in `undoes`.
    """

    class Makes(models.TextChoices):
        HOLD = "hold", _("hold")
        RELEASE = "release", _("release")
        REMOVE = "remove", _("remove")
        RESTORE = "restore", _("restore")

    makes = models.CharField(max_length=8, choices=Makes.choices)
    kind = models.CharField(max_length=16, help_text=_("What it is about, such as signature."))
    scope = models.BigIntegerField(null=True, blank=True, help_text=_("The statement; empty: everywhere."))
    subject = models.BinaryField(max_length=16, help_text=_("Keyed hash of the mailbox or the domain."))
    position = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("Which of two who share a mailbox."))
    reason = fields.LineField(max_length=200, blank=True)
    source = models.CharField(
        max_length=12, default="staff", db_default="staff", help_text=_("staff, form, rule or limit.")
    )
    source_id = models.BigIntegerField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    submission = models.BigIntegerField(null=True, blank=True, help_text=_("The submission that was looked at."))
    undoes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    lifted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        permissions = [("answer_requests", "Can answer people's requests about their data")]
        constraints = [
            models.CheckConstraint(
                name="decision_lifted_is_a_bar", condition=Q(lifted_at=None) | Q(makes__in=["hold", "remove"])
            ),
        ]
        indexes = [
            models.Index(
                fields=["subject"],
                name="decision_live",
                condition=Q(makes__in=["hold", "remove"], lifted_at__isnull=True),
            ),
            models.Index(fields=["subject", "id"], name="decision_subject"),
            models.Index(
                fields=["source", "source_id"],
                name="decision_source",
                condition=Q(source_id__isnull=False, lifted_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_makes_display()} #{self.pk}"


class Correspondence(Linked):
    """How often we wrote to a mailbox since it last answered, so that we write later and fewer (limits.py).

    The address itself is not here. `asked_at` is when its owner last asked for the link to their own page.
    """

    mailbox_key = models.BinaryField(max_length=16, unique=True)
    since = models.DateTimeField(null=True, editable=False, help_text=_("The first mail that nobody has answered."))
    mails = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    last_at = models.DateTimeField(null=True, editable=False)
    asked_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"Correspondence {self.pk}"


class WrongCodes(models.Model):
    """How many wrong codes were typed for a mailbox, or from a network, on one day (submissions/codes.py)."""

    key = models.CharField(max_length=40)
    day = models.DateField()
    number = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "day"], name="wrongcodes_once_a_day")]

    def __str__(self) -> str:
        return f"{self.number} on {self.day}"


class KnownDomain(models.Model):
    """A mail domain whose people are no flood by being many: a large provider, or one that has long been signing here.

    The ceilings (petitions/signatures/ceilings.py) count what is not here. The domain itself is not here.
    """

    domain_key = models.BinaryField(max_length=16, primary_key=True)
    since = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return gettext("Known since %(day)s") % {"day": f"{self.since:%Y-%m-%d}"}


__all__ = ["ConsentText", "Correspondence", "Decision", "KnownDomain", "Linked", "Submission", "WrongCodes"]
