"""What staff do around statements: who looks after which, rules, meetings, sheets of paper, signatures by the hour."""

import secrets

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from petitions.models.statements import Statement

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without what looks alike on a poster


class Assignment(models.Model):
    """One person of the staff who looks after one statement."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="assignments")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name="person"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "statement"], name="assignment_once")]

    def __str__(self) -> str:
        return f"{self.user} for “{self.statement}”"


class Rule(models.Model):
    """Remove all signatures that match, in batches by the worker, reversible as a whole (petitions/rules.py)."""

    class State(models.TextChoices):
        RUNNING = "running", "running"
        CANCELLED = "cancelled", "cancelled"
        DONE = "done", "done"
        UNDOING = "undoing", "being undone"
        UNDONE = "undone", "undone"

    statement = models.ForeignKey(
        Statement,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="rules",
        help_text="Empty: all of them.",
    )
    domain = models.CharField(max_length=120, blank=True, help_text="What stands after the @, such as mill.example.")
    via = models.CharField("came by", max_length=32, blank=True, help_text="A source code, as in ?via=…")
    ip_key = models.CharField("network", max_length=22, blank=True, help_text="The key that a signature's page shows.")
    signed_from = models.DateTimeField(null=True, blank=True)
    signed_until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=160)
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
        verbose_name = "removal rule"
        constraints = [
            models.CheckConstraint(
                name="rule_says_something",
                condition=~Q(domain="", via="", ip_key="", signed_from=None, signed_until=None),
                violation_error_message="This rule is empty: it would remove everybody. Fill in at least one line.",
            ),
            models.CheckConstraint(
                name="rule_until_after_from",
                condition=Q(signed_from=None) | Q(signed_until=None) | Q(signed_until__gt=F("signed_from")),
                violation_error_message="The end must be after the start.",
            ),
        ]

    def __str__(self) -> str:
        parts = [
            ("address at", self.domain),
            ("came by", self.via),
            ("from network", self.ip_key),
            ("signed from", self.signed_from and f"{self.signed_from:%-d %b %H:%M %Z}"),
            ("until", self.signed_until and f"{self.signed_until:%-d %b %H:%M %Z}"),
        ]
        return ", ".join(f"{words} {value}" for words, value in parts if value)

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
    place = models.CharField(max_length=120, help_text="Such as Mill Hall, Eastside.")
    code = models.CharField(max_length=12, unique=True, default=meeting_code, editable=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    expected = models.PositiveIntegerField(
        "people at most",
        default=200,
        validators=[MinValueValidator(1)],
        help_text="Beyond so many, signatures with its code are treated like any others.",
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
                violation_error_message="The end must be after the start.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place}, {self.starts_at:%-d %B %Y}"


class Sheet(models.Model):
    """One sheet of paper with names on it; counted apart, because nobody can confirm a mailbox on paper."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="sheets")
    number = models.PositiveIntegerField("sheet number")
    typed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    typed_at = models.DateTimeField(db_default=Now(), editable=False)
    forgotten_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = "paper sheet"
        constraints = [models.UniqueConstraint(fields=["statement", "number"], name="sheet_typed_once")]

    def __str__(self) -> str:
        return f"Sheet {self.number}"


class SheetLine(models.Model):
    """One name on a sheet."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="lines")
    name = models.CharField(max_length=255)
    postcode = models.CharField(max_length=16, blank=True)

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
