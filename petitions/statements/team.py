"""Who looks after a statement, and who was asked to."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.text import fields
from petitions.statements.models import Statement


class Assignment(models.Model):
    """One person of the staff who looks after one statement."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="assignments")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("person")
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        permissions = [("invite_staff", "Can invite people to work on the statements they look after")]
        constraints = [models.UniqueConstraint(fields=["user", "statement"], name="assignment_once")]

    def __str__(self) -> str:
        return f"{self.user} for “{self.statement}”"


class Invitation(models.Model):
    """A mailbox that was asked to work on statements; its link works once, until `expires_at`."""

    email = fields.AddressField(max_length=254)
    role = models.CharField(max_length=20, editable=False)
    moderates = models.BooleanField(default=False, db_default=False, editable=False)
    note = fields.LineField(max_length=300, blank=True)
    statements = models.ManyToManyField(Statement, related_name="invitations")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    link_number = models.PositiveSmallIntegerField(default=1, db_default=1, editable=False)  # older links are dead
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(editable=False)
    taken_at = models.DateTimeField(null=True, editable=False)
    taken_back_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Invitation {self.pk}"

    @property
    def is_waiting(self) -> bool:
        """Whether it can still be taken, as far as this machine's clock can tell."""
        return self.taken_at is None and self.taken_back_at is None and self.expires_at > timezone.now()
