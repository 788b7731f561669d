"""Who publishes a statement together with the publisher who began it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import richtext
from core.text import fields
from petitions.statements.models import Statement
from publishers.models import Publisher


class CopublisherQuerySet(models.QuerySet):
    """Co-publishers by where they stand."""

    def joined(self) -> "CopublisherQuerySet":
        """Those under whose name the statement stands now."""
        return self.filter(accepted_at__isnull=False, ended_at=None)

    def invited(self) -> "CopublisherQuerySet":
        """Those who were asked and have not answered."""
        return self.filter(accepted_at=None, ended_at=None)


class Copublisher(models.Model):
    """A publisher who was asked to publish a statement together with its own, and what became of that.

    The text, the count and the signatures are the statement's. Headline and preface are theirs, on their own pages.
    """

    class Ended(models.TextChoices):
        NOT = "", _("not ended")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("invitation withdrawn")
        LEFT = "left", _("left")

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="copublishers")
    publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="joint")
    headline = fields.LineField(
        max_length=160,
        blank=True,
        help_text=_("Your own words over the page, such as “We are proud to be a signatory to this joint statement”."),
    )
    preface = richtext.RichTextField(blank=True, help_text=_("Your own words before the statement. Nobody signs this."))
    position = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    note = fields.LineField(max_length=300, blank=True, help_text=_("A line from whoever asks."))
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    invited_at = models.DateTimeField(db_default=Now(), editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    accepted_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended = models.CharField(max_length=9, choices=Ended.choices, blank=True, default="", db_default="", editable=False)

    objects = CopublisherQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "publisher"],
                condition=Q(ended_at=None),
                name="copublisher_once",
                violation_error_message=_("They publish it already, or were asked to."),
            ),
            models.CheckConstraint(
                name="copublisher_ended_says_how",
                condition=Q(ended_at=None, ended="")
                | Q(ended_at__isnull=False, accepted_at=None, ended__in=["declined", "withdrawn"])
                | Q(ended_at__isnull=False, accepted_at__isnull=False, ended="left"),
                violation_error_message=_("Who has not accepted can’t leave, and who has accepted can’t decline."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publisher}: {self.statement}"

    @property
    def is_joined(self) -> bool:
        """Whether the statement stands under their name now."""
        return self.accepted_at is not None and self.ended_at is None

    @property
    def is_invited(self) -> bool:
        """Whether they have still to answer."""
        return self.accepted_at is None and self.ended_at is None
