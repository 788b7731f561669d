"""The thread under a statement and what people write there. Names of fields and states are a contract (DESIGN 4)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.urls import reverse

from petitions.models import ConsentText, Statement

LONGEST = 5000  # characters of a comment


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
        OPEN = "open", "open"
        CLOSED = "closed", "closed"
        HIDDEN = "hidden", "hidden"

    statement = models.OneToOneField(Statement, on_delete=models.CASCADE, related_name="thread")
    mode = models.CharField(max_length=6, choices=Mode.choices, default=Mode.OPEN, db_default=Mode.OPEN)
    closes_at = models.DateTimeField(null=True, blank=True, help_text="Nobody can write from then on.")
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    closed_message = models.CharField(
        max_length=300, blank=True, db_default="", help_text="Empty: “Comments are now closed.”"
    )
    # Kept true by threads.recount in the transaction that changes what readers see; no page counts rows.
    published = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    forgotten_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ThreadQuerySet.as_manager()

    class Meta:
        verbose_name = "comment thread"
        constraints = [
            models.CheckConstraint(
                name="thread_closed_has_time",
                condition=Q(mode="hidden") | Q(mode="open", closed_at=None) | Q(mode="closed", closed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.statement)


class CommentQuerySet(models.QuerySet):
    """Comments by who may read them."""

    def visible(self) -> "CommentQuerySet":
        """Those that everybody reads: the one rule of every page, feed and data file."""
        return self.filter(state=Comment.State.PUBLISHED, hidden_at=None)

    def roots(self) -> "CommentQuerySet":
        """Those that stand by themselves, and the places of those that are gone but were answered."""
        answered = self.model.objects.visible().filter(parent=models.OuterRef("pk"))
        shown = Q(state=Comment.State.PUBLISHED, hidden_at=None) | models.Exists(answered)
        return self.filter(shown, parent=None)

    def waiting(self) -> "CommentQuerySet":
        """Those that a moderator should read."""
        return self.filter(state=Comment.State.WAITING)

    def expired(self) -> "CommentQuerySet":
        """Never confirmed within UNCONFIRMED_DAYS."""
        days = timedelta(settings.UNCONFIRMED_DAYS)
        return self.filter(state=Comment.State.UNCONFIRMED, created_at__lt=Now() - days)


class Comment(models.Model):
    """What one person wrote, in plain text."""

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", "waiting for its writer's confirmation"
        WAITING = "waiting", "waiting"
        PUBLISHED = "published", "published"
        SPAM = "spam", "spam"
        BINNED = "binned", "in the bin"

    class SpamCheck(models.TextChoices):
        NONE = "", "not asked for"
        DUE = "due", "to be asked"
        CLEAN = "clean", "not spam"
        SPAM = "spam", "spam"
        FAILED = "failed", "no answer"

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="comments", db_index=False)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replies")
    author_name = models.CharField("name", max_length=255)
    author_email = models.EmailField("email", max_length=254, blank=True, db_default="")
    email_canonical = models.CharField(max_length=254, blank=True, db_default="", editable=False)
    body = models.TextField("comment", max_length=LONGEST)
    digest = models.CharField(max_length=64, db_default="", editable=False)
    state = models.CharField(
        max_length=11, choices=State.choices, default=State.UNCONFIRMED, db_default=State.UNCONFIRMED
    )
    is_organiser = models.BooleanField("organiser", default=False, db_default=False)
    also_sign = models.BooleanField(default=False, db_default=False, editable=False)
    consent_text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    held_reason = models.CharField("why it waits", max_length=200, blank=True, db_default="")
    spam_check = models.CharField(max_length=6, choices=SpamCheck.choices, blank=True, db_default="", editable=False)
    spam_tries = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    ip_key = models.CharField(max_length=22, blank=True, db_default="", editable=False)
    code_tries = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    created_at = models.DateTimeField("written", db_default=Now(), editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    hidden_at = models.DateTimeField("hidden by reports", null=True, blank=True, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    decided_reason = models.CharField(max_length=500, blank=True, db_default="", editable=False)
    # The state before the last decision, for `moderation.undo`.
    was = models.CharField(max_length=11, choices=State.choices, blank=True, db_default="", editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        constraints = [
            # The same words twice by one person are one comment: double taps, impatience, and the back button.
            models.UniqueConstraint(
                F("thread"),
                F("email_canonical"),
                F("digest"),
                Coalesce(F("parent"), 0),
                condition=~Q(email_canonical=""),
                name="comment_once_per_person",
            ),
            models.CheckConstraint(
                name="comment_read_by_others_was_confirmed",
                condition=~Q(state__in=["waiting", "published"]) | Q(confirmed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="comment_published_has_time", condition=~Q(state="published") | Q(published_at__isnull=False)
            ),
            models.CheckConstraint(name="comment_not_its_own_parent", condition=~Q(parent=F("id"))),
        ]
        indexes = [
            models.Index(fields=["thread", "created_at", "id"], name="comment_roots", condition=Q(parent=None)),
            models.Index(
                fields=["thread", "-published_at", "-id"],
                name="comment_newest",
                condition=Q(state="published", hidden_at=None),
            ),
            models.Index(fields=["id"], name="comment_waiting", condition=Q(state="waiting")),
            models.Index(fields=["email_canonical"], name="comment_mailbox", condition=~Q(email_canonical="")),
            models.Index(fields=["ip_key", "created_at"], name="comment_ip_key", condition=~Q(ip_key="")),
            models.Index(fields=["thread", "digest"], name="comment_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.author_name}: {self.body[:60]}"

    def get_absolute_url(self) -> str:
        """The thread from this comment on; it stays right when others come and go."""
        return f"{reverse('comments', args=[self.thread.statement.slug])}?at={self.pk}#comment-{self.pk}"

    @property
    def is_visible(self) -> bool:
        """Whether everybody reads it."""
        return self.state == self.State.PUBLISHED and self.hidden_at is None

    @property
    def expires_at(self) -> datetime:
        """When it is deleted unless its writer confirms it."""
        return self.created_at + timedelta(days=settings.UNCONFIRMED_DAYS)


class Report(models.Model):
    """One reader who thinks that a comment should not be here. No account, no address."""

    class Reason(models.TextChoices):
        ABUSE = "abuse", "It attacks or threatens somebody"
        PRIVATE = "private", "It names a private person or gives their details"
        HATE = "hate", "It is hateful"
        SPAM = "spam", "It is spam or an advert"
        OTHER = "other", "Something else"

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="reports", db_index=False)
    reason = models.CharField(max_length=8, choices=Reason.choices)
    words = models.CharField(max_length=300, blank=True, db_default="")
    ip_key = models.CharField(max_length=22, blank=True, db_default="", editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    looked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "ip_key"], name="report_once_per_network")]

    def __str__(self) -> str:
        return self.get_reason_display()


class Preference(models.Model):
    """What one moderator wants: mail when something waits, and single keys in the queue."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="comment_preference")
    digest = models.BooleanField("email me when something waits, at most once an hour", default=True, db_default=True)
    keys = models.BooleanField("single keys in the queue of comments", default=False, db_default=False)
    digested_at = models.DateTimeField(null=True, blank=True, editable=False)

    def __str__(self) -> str:
        return f"Preferences of {self.user}"
