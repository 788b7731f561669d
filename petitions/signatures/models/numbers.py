"""Sums of signatures that pages show instead of counting rows."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from petitions.statements.models import Statement


class SignedHour(models.Model):
    """How many were confirmed under a statement in one hour (UTC); what the plot is drawn from."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="hours", db_index=False)
    hour = models.DateTimeField()
    confirmed = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["statement", "hour"], name="signedhour_once")]


FEWEST = 10  # people in a place that is named: of fewer somebody could tell who they are


class SignedPlace(models.Model):
    """How many who count under a statement live in one place, by one source of answers.

    petitions/signatures/places.py counts them; `field` is the question's name, or `paper`.
    """

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="places", db_index=False)
    field = models.CharField(max_length=30)
    place = models.CharField(max_length=16)
    people = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["statement", "field", "place"], name="signedplace_once"),
            models.CheckConstraint(
                name="signedplace_is_a_crowd",
                condition=Q(people__gte=FEWEST),
                violation_error_message=_("A place with fewer people is not named."),
            ),
        ]


class PlaceCount(models.Model):
    """When the places of a statement were counted last, how long that took, and how many had answered at all."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="+", db_index=False)
    field = models.CharField(max_length=30)
    given = models.PositiveIntegerField()
    counted_at = models.DateTimeField()
    took = models.DurationField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["statement", "field"], name="placecount_once")]
