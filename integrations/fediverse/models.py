"""A publisher's account in the fediverse, who follows it, and what it has told."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.sealed import SealedJSONField, SealedLineField
from petitions.models import Event, Statement, Update
from publishers.models import Publisher


class Actor(models.Model):
    """One publisher's account. Its name never changes once it was switched on: that is how others know it."""

    publisher = models.OneToOneField(Publisher, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(
        max_length=60,
        unique=True,
        help_text=_("What stands before the @: small letters, digits and _. It can't be changed once it was on."),
    )
    public_key = models.TextField(editable=False, blank=True, db_default="")
    private_key = models.TextField(editable=False, blank=True, db_default="", help_text=_("Sealed."))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, editable=False, related_name="+"
    )
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    on_at = models.DateTimeField(_("switched on"), null=True, editable=False)

    class Meta:
        verbose_name = _("account in the fediverse")
        verbose_name_plural = _("accounts in the fediverse")
        constraints = [
            models.CheckConstraint(
                name="actor_name_is_plain",
                condition=Q(name__regex=r"^[a-z0-9_]+$"),
                violation_error_message=_("Only small letters, digits and _."),
            ),
            models.CheckConstraint(
                name="actor_that_is_on_has_keys",
                condition=Q(on_at=None) | ~Q(private_key="") & ~Q(public_key=""),
            ),
        ]

    def __str__(self) -> str:
        return f"@{self.name}"

    @property
    def is_on(self) -> bool:
        """Whether it can be found and followed."""
        return self.on_at is not None


class Inbox(models.Model):
    """Where something is delivered to: of a server with many followers once for all of them."""

    id = models.BigAutoField(primary_key=True)
    url = SealedLineField(of="follower", max_length=500)
    url_key = models.BinaryField(max_length=16, unique=True)
    failing_since = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Inbox {self.pk}"


class Follower(models.Model):
    """Who follows an account; forgotten when they leave or are gone."""

    id = models.BigAutoField(primary_key=True)
    actor = models.ForeignKey(Actor, on_delete=models.CASCADE, related_name="followers", db_index=False)
    inbox = models.ForeignKey(Inbox, on_delete=models.CASCADE, related_name="followers")
    address = SealedLineField(of="follower", max_length=500)
    address_key = models.BinaryField(max_length=16)
    follow_id = SealedLineField(of="follower", max_length=500)
    since = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["actor", "address_key"], name="follower_once")]
        indexes = [models.Index(fields=["actor", "inbox"], name="follower_inbox")]

    def __str__(self) -> str:
        return f"Follower {self.pk}"


class Received(models.Model):
    """What came in and waits for the worker; then, for an hour, only that something came from that server."""

    class Kind(models.TextChoices):
        FOLLOW = "follow"
        UNDO = "undo"
        DELETE = "delete"

    id = models.BigAutoField(primary_key=True)
    actor = models.ForeignKey(Actor, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    host = models.CharField(max_length=260)
    told = SealedJSONField(of="follower", default=dict, help_text=_("Who, and what proves it; until it was looked at."))
    came_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["came_at"], name="received_came")]

    def __str__(self) -> str:
        return f"Received {self.pk}"


class Post(models.Model):
    """Something that was told: a statement, news or an event. Its words are those of its row, made each time."""

    class Telling(models.TextChoices):
        CREATE = "create"
        UPDATE = "update"
        DELETE = "delete"
        ANNOUNCE = "announce"

    id = models.BigAutoField(primary_key=True)
    actor = models.ForeignKey(Actor, on_delete=models.CASCADE, related_name="posts", db_index=False)
    statement = models.ForeignKey(Statement, null=True, on_delete=models.SET_NULL, related_name="+")
    update = models.ForeignKey(Update, null=True, on_delete=models.SET_NULL, related_name="+")
    event = models.ForeignKey(Event, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    digest = models.CharField(max_length=16, help_text=_("Of its words as they were told last."))
    changed_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)
    announced_at = models.DateTimeField(null=True)
    telling = models.CharField(max_length=8, choices=Telling.choices, blank=True, db_default="")
    reached = models.BigIntegerField(default=0, db_default=0, help_text=_("The last inbox that it was queued for."))

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["actor", name],
                name=f"post_one_{name}",
                condition=Q(gone_at=None) & Q(**{f"{name}__isnull": False}),
            )
            for name in ("statement", "update", "event")
        ]
        indexes = [
            models.Index(fields=["actor", "id"], name="post_outbox", condition=Q(gone_at=None)),
            models.Index(fields=["id"], name="post_telling", condition=~Q(telling="")),
        ]

    def __str__(self) -> str:
        return f"Post {self.pk}"
