"""Comments in a thread, and readers' reports about them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from comments.models.threads import Thread
from core.fields import AddressKeyField, MailboxKeyField
from core.sealed import SealedAddressField
from core.text import fields
from submissions.models import ConsentText, Linked, Submission

LONGEST = 5000  # characters of a comment


class CommentQuerySet(models.QuerySet):
    """Comments by who may read them."""

    def visible(self) -> "CommentQuerySet":
        """Published comments: the one rule of every page, feed and data file."""
        return self.filter(state=Comment.State.PUBLISHED, hidden_at=None)

    def roots(self) -> "CommentQuerySet":
        """Top-level comments, and the empty places of deleted ones that were answered."""
        # An EXISTS may be answered by a list of all comments of the site; a value is looked up for those that need it.
        answer = Comment.objects.visible().filter(parent=models.OuterRef("pk")).values("pk")[:1]
        shown = Q(state=Comment.State.PUBLISHED, hidden_at=None) | Q(answer__isnull=False)
        return self.filter(parent=None).alias(answer=models.Subquery(answer)).filter(shown)

    def reported(self) -> "CommentQuerySet":
        """Comments hidden by reports, and those kept before and reported again."""
        again = Report.objects.filter(looked_at=None, comment__reports__looked_at__isnull=False)
        since = again.filter(comment=models.OuterRef("pk")).order_by("created_at").values("created_at")[:1]
        found = models.Q(hidden_at__isnull=False) | models.Q(pk__in=again.values("comment"))
        return self.filter(found, state=Comment.State.PUBLISHED).annotate(
            reported_at=Coalesce("hidden_at", models.Subquery(since))
        )

    def waiting(self) -> "CommentQuerySet":
        """Comments that a moderator should read."""
        return self.filter(state=Comment.State.WAITING)


class CommentSubmission(Submission):
    """The form as filled in to comment. It is not published; agreeing makes a `Comment` of it."""

    email = SealedAddressField(of="comment", max_length=254, blank=True)
    # No constraints: the statement that writes the row has just read both (submissions/models.py).
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    parent = models.ForeignKey(
        "comments.Comment", on_delete=models.DO_NOTHING, null=True, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    author_name = fields.PersonField(max_length=255)
    body = fields.ProseField(max_length=LONGEST)
    words_digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"Submission {self.reference}"


class Comment(Linked):
    """One comment, in plain text: agreed to in a CommentSubmission, imported, or a moderator's answer."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        PUBLISHED = "published", _("published")
        SPAM = "spam", _("spam")
        BINNED = "binned", _("in the bin")

    class Source(models.TextChoices):
        FORM = "form", _("written here")
        STAFF = "staff", _("the organiser's answer")
        IMPORT = "import", _("import")

    class SpamCheck(models.TextChoices):
        NONE = "", _("not asked for")
        DUE = "due", _("to be asked")
        CLEAN = "clean", _("not spam")
        SPAM = "spam", _("spam")
        FAILED = "failed", _("no answer")

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="comments", db_index=False)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replies")
    author_name = fields.PersonField(_("name"), max_length=255)
    author_email = SealedAddressField(_("email"), of="comment", max_length=254, blank=True, db_default="")
    address_key = AddressKeyField(of="author_email", null=True)
    mailbox_key = MailboxKeyField(of="author_email", null=True)
    body = fields.ProseField(_("comment"), max_length=LONGEST)
    words_digest = models.CharField(max_length=64, db_default="", editable=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING, db_default=State.WAITING)
    source = models.CharField(max_length=6, choices=Source.choices, default=Source.FORM, editable=False)
    submission_id = models.BigIntegerField(null=True, editable=False, help_text=_("What its writer agreed to."))
    is_organiser = models.BooleanField(_("organiser"), default=False, db_default=False)
    chosen_at = models.DateTimeField(
        _("chosen as a voice"), null=True, blank=True, editable=False, help_text=_("Shown near the form.")
    )
    consent = models.ForeignKey(ConsentText, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    held_reason = fields.LineField(_("why it waits"), max_length=200, blank=True, db_default="")
    spam_check = models.CharField(max_length=6, choices=SpamCheck.choices, blank=True, db_default="", editable=False)
    ip_key = models.CharField(max_length=22, blank=True, db_default="", editable=False)
    created_at = models.DateTimeField(_("written"), db_default=Now(), editable=False)
    confirmed_at = models.DateTimeField(db_default=Now(), editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    hidden_at = models.DateTimeField(_("hidden by reports"), null=True, blank=True, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The state before its writer took it back, for `posting.put_back`.
    withdrawn_from = models.CharField(max_length=9, choices=State.choices, blank=True, db_default="", editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    decided_reason = fields.LineField(max_length=500, blank=True, db_default="", editable=False)
    # The state before the last decision, for `moderation.undo`.
    was = models.CharField(max_length=9, choices=State.choices, blank=True, db_default="", editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        constraints = [
            # The same words twice by one person are one comment: double taps, impatience, and the back button.
            models.UniqueConstraint(
                F("thread"),
                F("mailbox_key"),
                F("words_digest"),
                Coalesce(F("parent"), 0),
                condition=Q(mailbox_key__isnull=False),
                name="comment_once_per_person",
            ),
            models.CheckConstraint(
                name="comment_has_a_ground", condition=Q(submission_id__isnull=False) | ~Q(source="form")
            ),
            models.CheckConstraint(name="comment_published_has_words", condition=~Q(state="published") | ~Q(body="")),
            models.CheckConstraint(
                name="comment_published_has_time", condition=~Q(state="published") | Q(published_at__isnull=False)
            ),
            models.CheckConstraint(name="comment_not_its_own_parent", condition=~Q(parent=F("id"))),
            models.CheckConstraint(
                name="comment_withdrawn_is_not_shown", condition=Q(withdrawn_at=None) | Q(state="binned")
            ),
        ]
        indexes = [
            models.Index(fields=["thread", "created_at", "id"], name="comment_roots", condition=Q(parent=None)),
            models.Index(
                fields=["thread", "-published_at", "-id"],
                name="comment_newest",
                condition=Q(state="published", hidden_at=None),
            ),
            models.Index(fields=["id"], name="comment_waiting", condition=Q(state="waiting")),
            models.Index(fields=["mailbox_key"], name="comment_mailbox", condition=Q(mailbox_key__isnull=False)),
            models.Index(fields=["withdrawn_at"], name="comment_withdrawn", condition=Q(withdrawn_at__isnull=False)),
            models.Index(fields=["ip_key", "created_at"], name="comment_ip_key", condition=~Q(ip_key="")),
            models.Index(fields=["thread", "words_digest"], name="comment_digest"),
            models.Index(fields=["thread", "-chosen_at"], name="comment_chosen", condition=Q(chosen_at__isnull=False)),
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


class Report(models.Model):
    """One reader's report of a comment, without account or address."""

    class Reason(models.TextChoices):
        ABUSE = "abuse", _("It attacks or threatens somebody")
        PRIVATE = "private", _("It names a private person or gives their details")
        HATE = "hate", _("It is hateful")
        SPAM = "spam", _("It is spam or an advert")
        OTHER = "other", _("Something else")

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="reports", db_index=False)
    reason = models.CharField(max_length=8, choices=Reason.choices)
    words = fields.ProseField(max_length=300, blank=True, db_default="")
    ip_key = models.CharField(max_length=22, blank=True, db_default="", editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    looked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "ip_key"], name="report_once_per_network")]

    def __str__(self) -> str:
        return self.get_reason_display()
