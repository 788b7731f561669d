"""Tools of staff: rules that remove many signatures at once, meetings, and sheets of paper."""

import secrets

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.moments import MomentField
from core.sealed import SealedPostcodeField
from core.text import fields
from petitions.statements.models import Statement

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
    signed_from = MomentField(null=True, blank=True)
    signed_until = MomentField(null=True, blank=True)
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
    """Six random characters that are easy to read off a poster."""
    return "m-" + "".join(secrets.choice(ALPHABET) for _ in range(6))


class Meeting(models.Model):
    """A hall full of people who sign over one Wi-Fi: their signatures are tagged, and not held for being many."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="meetings")
    place = fields.LineField(max_length=120, help_text=_("Such as Mill Hall, Eastside."), filled=True)
    code = models.CharField(max_length=12, unique=True, default=meeting_code, editable=False)
    starts_at = MomentField()
    ends_at = MomentField()
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
        return f"{self.place}, {localtime(self.starts_at):%-d %B %Y}"


class Sheet(models.Model):
    """One sheet of paper with names on it; counted apart, because nobody can confirm a mailbox on paper."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="sheets")
    number = models.PositiveIntegerField(_("sheet number"))
    typed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    typed_at = models.DateTimeField(db_default=Now(), editable=False)
    import_id = models.BigIntegerField(
        null=True, editable=False, help_text=_("The import of these names, which stood on no paper of ours.")
    )
    forgotten_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("paper sheet")
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "number"], condition=Q(import_id=None), name="sheet_typed_once"
            ),
            models.UniqueConstraint(fields=["import_id"], name="sheet_one_for_an_import"),
        ]

    def __str__(self) -> str:
        return f"Sheet {self.number}"


class SheetLine(models.Model):
    """One name on a sheet."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="lines")
    name = fields.PersonField(max_length=255)
    postcode = SealedPostcodeField(of="paper", max_length=16, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
