"""Sums of signatures that pages show instead of counting rows."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from petitions.statements.models import Statement


class SignedHour(models.Model):
    """How many were confirmed under a statement in one hour (UTC); what the plot is drawn from."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="hours", db_index=False)
    hour = models.DateTimeField()
    confirmed = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["statement", "hour"], name="signedhour_once")]


class SignedSum(models.Model):
    """How many under a statement, of one kind and key: all, by source, by language (petitions/signatures/sums.py)."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="sums", db_index=False)
    what = models.CharField(max_length=8)
    key = models.CharField(max_length=40, blank=True)
    people = models.PositiveIntegerField()
    brought_in = models.PositiveIntegerField()
    held = models.PositiveIntegerField()
    removed = models.PositiveIntegerField()
    withdrawn = models.PositiveIntegerField()
    shown = models.PositiveIntegerField()
    news = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["statement", "what", "key"], name="signedsum_once")]

    def __str__(self) -> str:
        return f"{self.what} {self.key}: {self.people}"


class AskedDay(models.Model):
    """How many mailboxes were asked under a statement on a day, by where they came from, and how many agreed."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="days_of_asking", db_index=False)
    day = models.DateField()
    source = models.CharField(max_length=40)
    asked = models.PositiveIntegerField()
    agreed = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["statement", "day", "source"], name="askedday_once"),
            models.CheckConstraint(name="askedday_agreed_were_asked", condition=Q(agreed__lte=F("asked"))),
        ]

    def __str__(self) -> str:
        return f"{self.day}, {self.source}: {self.agreed} of {self.asked}"


class SumsCount(models.Model):
    """When the sums of a statement were counted last, how long that took, and what no row of theirs says."""

    statement = models.OneToOneField(Statement, on_delete=models.CASCADE, related_name="+")
    waiting = models.PositiveIntegerField()
    gone = models.PositiveIntegerField()
    counted_at = models.DateTimeField()
    took = models.DurationField()

    def __str__(self) -> str:
        return gettext("Counted at %(moment)s") % {"moment": self.counted_at}


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
