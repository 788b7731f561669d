"""Accounts elsewhere, and whose log-in they are."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Identity(models.Model):
    """One account at a provider: issuer and subject, which never change. Without `user` it waits to be linked."""

    issuer = models.CharField(max_length=255, editable=False)
    subject = models.CharField(max_length=255, editable=False)
    calls_itself = models.CharField(
        max_length=200, editable=False, help_text=_("As the account calls itself, which proves nothing.")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="identities",
        verbose_name=_("log-in"),
        help_text=_("Make sure by another way that it is them who tried: names can be made up."),
    )
    linked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, editable=False, related_name="+"
    )
    tried_at = models.DateTimeField(db_default=Now(), editable=False)
    used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("account elsewhere")
        verbose_name_plural = _("accounts elsewhere")
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="identity_is_one_account")]
        indexes = [models.Index(fields=["tried_at"], name="identity_waits", condition=models.Q(user=None))]

    def __str__(self) -> str:
        return f"{self.calls_itself or self.subject}"
