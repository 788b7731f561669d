"""Mail about a new privacy notice: sent once for each, to those who were told another one."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.text import fields


class NoticeMailing(models.Model):
    """One such mail: `notice` is the SHA-256 of the notice, `reached` the last signature that was looked at."""

    notice = models.CharField(max_length=64, unique=True, editable=False)
    words = fields.ProseField(max_length=500, filled=True, help_text=_("What changed, in plain words."))
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, editable=False, related_name="+"
    )
    started_at = models.DateTimeField(db_default=Now(), editable=False)
    reached = models.BigIntegerField(default=0, db_default=0, editable=False)
    queued = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        default_permissions = ()
        permissions = [("tell_of_notice", "Can mail people about a new privacy notice")]
        constraints = [
            models.CheckConstraint(
                name="noticemailing_is_about_a_notice", condition=Q(notice__regex=r"^[0-9a-f]{64}$")
            ),
        ]

    def __str__(self) -> str:
        return gettext("Mail about the privacy notice of %(day)s") % {"day": f"{self.started_at:%Y-%m-%d}"}
