"""The rules that threads are kept by."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.text import fields


class Approve(models.TextChoices):
    """Whose comments are read by a moderator before they are published."""

    EVERYBODY = "everybody", gettext_lazy("every comment")
    FIRST_TIMERS = "first_timers", gettext_lazy("comments of people who are new here")
    LINKS = "links", gettext_lazy("only comments with links or watched words")


class Order(models.TextChoices):
    """Which comment is read first."""

    OLDEST = "oldest", gettext_lazy("oldest first")
    NEWEST = "newest", gettext_lazy("newest first")


class Rules(models.Model):
    """How a thread is kept. The site's row says everything; a thread's row only what is different there."""

    approve = models.CharField(
        gettext_lazy("a moderator reads"), max_length=12, choices=Approve.choices, blank=True, db_default=""
    )
    trusted_after = models.PositiveSmallIntegerField(
        gettext_lazy("comments until trusted"),
        null=True,
        blank=True,
        help_text=gettext_lazy("Published comments after which a confirmed mailbox goes straight in. 0: never."),
    )
    links_allowed = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=gettext_lazy("A comment with more links than this waits for a moderator.")
    )
    watched_words = fields.ProseField(
        blank=True,
        db_default="",
        help_text=gettext_lazy(
            "A comment with one of these waits. Whole words, one a line; what follows a # is for you."
        ),
    )
    refused_words = fields.ProseField(
        blank=True, db_default="", help_text=gettext_lazy("The writer is asked to change a comment with one of these.")
    )
    depth = models.PositiveSmallIntegerField(
        gettext_lazy("levels"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(2)],
        help_text=gettext_lazy("2: comments can be answered. 1: they cannot."),
    )
    per_page = models.PositiveSmallIntegerField(
        gettext_lazy("comments on a page"),
        null=True,
        blank=True,
        validators=[MinValueValidator(5), MaxValueValidator(100)],
    )
    order = models.CharField(max_length=6, choices=Order.choices, blank=True, db_default="")
    close_after_days = models.PositiveSmallIntegerField(
        gettext_lazy("days open"),
        null=True,
        blank=True,
        help_text=gettext_lazy("Threads close so many days after the statement was published. 0: never."),
    )
    reports_hide = models.PositiveSmallIntegerField(
        gettext_lazy("reports that hide"),
        null=True,
        blank=True,
        help_text=gettext_lazy("So many reports by readers hide a comment until a moderator looks. 0: never."),
    )

    class Meta:
        abstract = True


class SiteRules(Rules):
    """The rules of every thread that says nothing else: one row, made by the first migration."""

    class Meta:
        verbose_name = gettext_lazy("rules for all threads")
        verbose_name_plural = gettext_lazy("rules for all threads")
        constraints = [models.CheckConstraint(name="siterules_one_row", condition=Q(id=1))]

    def __str__(self) -> str:
        return _("Rules for all threads")
