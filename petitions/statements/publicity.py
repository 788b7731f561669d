"""How publicly names are listed: columns of a statement, a part of their own (petitions/signatures/listing.py)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Publicity(models.Model):
    """In which order names stand, and when a new one appears.

    Newest first, whoever reads the list every hour learns who signed when; the alphabet and a batch tell nobody.
    """

    class NamesOrder(models.TextChoices):
        NEWEST = "", _("newest first")
        ALPHABET = "alphabet", _("from A to Z")

    class NamesBatch(models.TextChoices):
        NONE = "", _("at once")
        HOUR = "hour", _("at the next full hour")
        DAY = "day", _("on the next day")

    names_order = models.CharField(
        _("public names"),
        max_length=8,
        choices=NamesOrder.choices,
        blank=True,
        default=NamesOrder.NEWEST,
        db_default=NamesOrder.NEWEST,
        help_text=_("From A to Z, nobody can tell who signed when. It takes a few minutes until the list is in order."),
    )
    names_batch = models.CharField(
        _("a new name appears"),
        max_length=4,
        choices=NamesBatch.choices,
        blank=True,
        default=NamesBatch.NONE,
        db_default=NamesBatch.NONE,
        help_text=_("Several together: nobody can tell by the minute who signed."),
    )
    # Kept by listing.put_in_order: until which time of confirming names have their place, and whether all do.
    names_placed_until = models.DateTimeField(null=True, editable=False)
    names_are_placed = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta:
        abstract = True

    @property
    def lists_by_alphabet(self) -> bool:
        """Whether its names stand from A to Z now: so chosen, and every name has its place."""
        return self.names_order == self.NamesOrder.ALPHABET and self.names_are_placed
