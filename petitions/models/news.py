"""What happens around a statement: dated events, and news."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from core import richtext
from petitions.models.statements import Statement


class Event(models.Model):
    """Something dated that readers can come to."""

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", "scheduled"
        POSTPONED = "postponed", "postponed"
        CANCELLED = "cancelled", "cancelled"

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="events")
    title = models.CharField(max_length=120)
    slug = models.SlugField(max_length=80, unique=True)
    summary = models.TextField(max_length=600, blank=True, help_text="What will happen; what to bring.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    timezone = models.CharField(max_length=40, default="Europe/London")
    venue = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=200, blank=True)
    online_url = models.URLField(blank=True)
    details_url = models.URLField(blank=True)
    accessibility = models.TextField(max_length=600, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.SCHEDULED)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                name="event_ends_after_start",
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                violation_error_message="The end must be after the start.",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Update(models.Model):
    """News on a statement."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="updates")
    title = models.CharField(max_length=100)
    slug = models.SlugField(max_length=80)
    body = richtext.RichTextField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-published_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["statement", "slug"], name="update_unique_slug")]

    def __str__(self) -> str:
        return self.title
