"""Preferences of moderators."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Preference(models.Model):
    """One moderator's preference: whether to get mail when something waits."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="comment_preference")
    digest = models.BooleanField(
        _("email me when something waits, at most once an hour"), default=True, db_default=True
    )
    digested_at = models.DateTimeField(null=True, blank=True, editable=False)

    def __str__(self) -> str:
        return gettext("Preferences of %(user)s") % {"user": self.user}
