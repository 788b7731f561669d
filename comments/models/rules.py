"""The rules that threads are kept by."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q


class Approve(models.TextChoices):
    """Whose comments a person reads before everybody does."""

    EVERYBODY = "everybody", "every comment"
    FIRST_TIMERS = "first_timers", "comments of people who are new here"
    LINKS = "links", "only comments with links or watched words"


class Order(models.TextChoices):
    """Which comment is read first."""

    OLDEST = "oldest", "oldest first"
    NEWEST = "newest", "newest first"


class Rules(models.Model):
    """How a thread is kept. The site's row says everything; a thread's row only what is different there."""

    approve = models.CharField("a moderator reads", max_length=12, choices=Approve.choices, blank=True, db_default="")
    trusted_after = models.PositiveSmallIntegerField(
        "comments until trusted",
        null=True,
        blank=True,
        help_text="Published comments after which a confirmed mailbox goes straight in. 0: never.",
    )
    links_allowed = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="A comment with more links than this waits for a moderator."
    )
    watched_words = models.TextField(
        blank=True,
        db_default="",
        help_text="A comment with one of these waits. Whole words, one a line; what follows a # is for you.",
    )
    refused_words = models.TextField(
        blank=True, db_default="", help_text="The writer is asked to change a comment with one of these."
    )
    depth = models.PositiveSmallIntegerField(
        "levels",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(2)],
        help_text="2: comments can be answered. 1: they cannot.",
    )
    per_page = models.PositiveSmallIntegerField(
        "comments on a page", null=True, blank=True, validators=[MinValueValidator(5), MaxValueValidator(100)]
    )
    order = models.CharField(max_length=6, choices=Order.choices, blank=True, db_default="")
    close_after_days = models.PositiveSmallIntegerField(
        "days open",
        null=True,
        blank=True,
        help_text="Threads close so many days after the statement was published. 0: never.",
    )
    reports_hide = models.PositiveSmallIntegerField(
        "reports that hide",
        null=True,
        blank=True,
        help_text="So many reports by readers hide a comment until a moderator looks. 0: never.",
    )

    class Meta:
        abstract = True


class SiteRules(Rules):
    """The rules of every thread that says nothing else: one row, made by the first migration."""

    class Meta:
        verbose_name = "rules for all threads"
        verbose_name_plural = "rules for all threads"
        constraints = [models.CheckConstraint(name="siterules_one_row", condition=Q(id=1))]

    def __str__(self) -> str:
        return "Rules for all threads"
