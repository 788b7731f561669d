"""Tokens with which programs come in, and what they were answered, so that a repeat does nothing twice."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.text import fields
from publishers.models import Publisher


class Scope(models.TextChoices):
    """What a token may do; reading what everybody may read needs none."""

    NAMES_READ = "names:read", _("read the names that signers show")
    SIGNATURES_WRITE = "signatures:write", _("ask people to confirm a signature")
    EVENTS_WRITE = "events:write", _("add and change events")
    ATTENDANCES_READ = "attendances:read", _("read who comes to events")
    NEWS_WRITE = "news:write", _("add and change news")
    MODERATE = "moderate", _("decide about comments, endorsements and signatures")


class Token(models.Model):
    """A program's key to the statements of one publisher. It does no more than its owner may do at the desk.

    Only a hash of it is here: 256 random bits need no slow one (OWASP, Password Storage Cheat Sheet, is about less).
    """

    publisher = models.ForeignKey(Publisher, verbose_name=_("publisher"), on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.CASCADE,
        related_name="+",
        help_text=_("It does no more than this person may do at the desk, and stops when they leave."),
    )
    name = fields.LineField(
        _("name"), max_length=80, filled=True, help_text=_("Which program has it, such as “Members’ list”.")
    )
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices))
    reason = fields.LineField(_("reason"), max_length=200, filled=True, help_text=_("What it is for."))
    digest = models.CharField(max_length=64, unique=True, editable=False, help_text=_("SHA-256 of the token."))
    hint = models.CharField(_("ends with"), max_length=4, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, editable=False, related_name="+"
    )
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(_("expires"), help_text=_("At most a year from now."))
    # To the hour: a busy program writes it no more often.
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    class Meta:
        verbose_name = _("token")
        constraints = [
            models.CheckConstraint(
                name="token_may_do_something",
                condition=Q(scopes__len__gt=0),
                violation_error_message=_("Choose at least one thing that it may do."),
            ),
            models.CheckConstraint(name="token_digest_is_a_hash", condition=Q(digest__regex=r"^[0-9a-f]{64}$")),
            models.CheckConstraint(
                name="token_expires_after_it_was_made",
                condition=Q(expires_at__gt=F("made_at")),
                violation_error_message=_("Choose a time to come."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """`valid`, `expired`, `revoked`, or `left`: its owner works here no more."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at <= timezone.now():
            return "expired"
        return "valid" if self.owner.is_active and self.owner.is_staff else "left"


class Replay(models.Model):
    """What a program was answered to a request with an Idempotency-Key, for when it asks again.

    Source: draft-ietf-httpapi-idempotency-key-header-07. A request that is under way is no row but a lock of its
    transaction, so a process that dies leaves nothing behind.
    """

    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text=_("Keyed hash of method, address and body."))
    status = models.PositiveSmallIntegerField()
    body = models.TextField(help_text=_("As it was sent; it names nobody."))
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="replay_once_per_key")]
        indexes = [models.Index(fields=["created_at"], name="replay_created")]

    def __str__(self) -> str:
        return f"Replay {self.pk}"
