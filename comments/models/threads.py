"""The conversation under one statement, open, closed or hidden."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from comments.models.rules import Rules, SiteRules
from core.moments import MomentField
from core.text import fields
from petitions.models import Statement


class ThreadQuerySet(models.QuerySet):
    """Threads with the time at which they end, which three things decide."""

    def with_end(self) -> "ThreadQuerySet":
        """Adds `ends_at`: closed by hand, by date, or so many days after publishing; None when nothing ends it."""
        days = Coalesce(F("close_after_days"), models.Subquery(SiteRules.objects.values("close_after_days")[:1]), 0)
        after = models.Case(
            models.When(
                models.ExpressionWrapper(Q(days__gt=0), models.BooleanField()),
                then=models.ExpressionWrapper(
                    F("statement__published_at") + F("days") * timedelta(days=1), models.DateTimeField()
                ),
            )
        )
        # Least() leaves out what is NULL, as PostgreSQL does.
        return self.annotate(days=days).annotate(
            ends_at=models.functions.Least("closed_at", "closes_at", after, output_field=models.DateTimeField())
        )


class Thread(Rules):
    """The conversation under one statement. The database makes one for each statement."""

    class Mode(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")
        HIDDEN = "hidden", _("hidden")

    statement = models.OneToOneField(Statement, on_delete=models.CASCADE, related_name="thread")
    mode = models.CharField(max_length=6, choices=Mode.choices, default=Mode.OPEN, db_default=Mode.OPEN)
    closes_at = MomentField(null=True, blank=True, help_text=_("Nobody can write from then on."))
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    closed_message = fields.LineField(
        max_length=300, blank=True, db_default="", help_text=_("Empty: “Comments are now closed.”")
    )
    # Kept true by threads.recount in the transaction that changes what readers see; no page counts rows.
    published = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    forgotten_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ThreadQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment thread")
        constraints = [
            models.CheckConstraint(
                name="thread_closed_has_time",
                condition=Q(mode="hidden") | Q(mode="open", closed_at=None) | Q(mode="closed", closed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.statement)
