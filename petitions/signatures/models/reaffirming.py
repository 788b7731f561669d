"""Asking signers whether they stand by a correction: one service mail for each version, with nothing else in it."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from petitions.statements.models import Statement, Version


class Reaffirming(models.Model):
    """That those who signed an earlier version were asked; `reached` is the last signature that was looked at."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="reaffirmings")
    version = models.OneToOneField(Version, on_delete=models.CASCADE, related_name="reaffirming")
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, editable=False, related_name="+"
    )
    started_at = models.DateTimeField(db_default=Now(), editable=False)
    reached = models.BigIntegerField(default=0, db_default=0, editable=False)
    queued = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        words = _("Mail about version %(number)s of %(statement)s")
        return words % {"number": self.version.number, "statement": self.statement}
