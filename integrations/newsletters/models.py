"""A newsletter somewhere else, and who of our signers is on it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.sealed import SealedAddressField, SealedLineField
from core.text import fields
from publishers.models import Publisher


class Program(models.TextChoices):
    """What the newsletter is sent with; connectors/ has one module for each."""

    LISTMONK = "listmonk", "listmonk"
    CIVICRM = "civicrm", "CiviCRM"
    ACTION_NETWORK = "action_network", "Action Network"
    MAILCHIMP = "mailchimp", "Mailchimp"


class Newsletter(models.Model):
    """One list of a publisher. The privacy notice names who receives it from the moment it is written down here."""

    class State(models.TextChoices):
        PAUSED = "paused", _("paused")
        RUNNING = "running", _("running")
        BROKEN = "broken", _("to be mended")
        OFF = "off", _("switched off")

    publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="+")
    recipient = fields.LineField(
        _("who receives it"),
        max_length=100,
        filled=True,
        help_text=_("As the privacy notice names them. Only who agreed once it did is handed over."),
    )
    program = models.CharField(max_length=20, choices=Program.choices)
    url = models.CharField(
        _("address"),
        max_length=300,
        help_text=_("Of the program, such as https://lists.example.org. Its host is allowed."),
    )
    username = models.CharField(
        _("user"), max_length=100, blank=True, db_default="", help_text=_("Only for listmonk: the API user.")
    )
    key = models.TextField(editable=False, help_text=_("Sealed."))
    list_id = models.CharField(
        _("list"), max_length=100, help_text=_("Its number or id there: a list, a group, a form, an audience.")
    )
    mapping = models.JSONField(default=dict, blank=True)
    state = models.CharField(
        max_length=8, choices=State.choices, default=State.PAUSED, db_default=State.PAUSED, editable=False
    )
    why = models.CharField(_("because"), max_length=400, blank=True, db_default="", editable=False)
    tried_at = models.DateTimeField(null=True, editable=False)
    answer = models.CharField(max_length=400, blank=True, db_default="", editable=False)
    reached = models.BigIntegerField(default=0, db_default=0, editable=False, help_text=_("The last signature read."))
    passed_at = models.DateTimeField(null=True, editable=False, help_text=_("When all had been read."))
    parted = models.BigIntegerField(
        default=0, db_default=0, editable=False, help_text=_("The last subscriber seen on the round.")
    )
    polled_at = models.DateTimeField(null=True, editable=False)
    seen = models.JSONField(default=dict, editable=False, help_text=_("How far we know who left there."))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, editable=False, related_name="+"
    )
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("newsletter")
        constraints = [
            models.CheckConstraint(
                name="newsletter_is_on_the_web",
                condition=Q(url__regex=r"^https?://[^/]"),
                violation_error_message=_("Write an address that begins with https://."),
            ),
            models.CheckConstraint(
                name="newsletter_has_a_list",
                condition=Q(list_id__regex=r"^[A-Za-z0-9_-]+$"),
                violation_error_message=_("The list is its number or id there, without blanks."),
            ),
            models.CheckConstraint(
                name="newsletter_says_who_receives",
                condition=~Q(recipient=""),
                violation_error_message=_("Say who receives it: the privacy notice names them."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient} ({self.get_program_display()})"


class Subscriber(models.Model):
    """One mailbox on one newsletter. Its row goes once nobody of that mailbox is there, or signed, any more."""

    class State(models.TextChoices):
        TO_ADD = "to_add", _("to be handed over")
        ADDING = "adding", _("being handed over")
        THERE = "there", _("handed over")
        TO_REMOVE = "to_remove", _("to be taken off")
        REMOVING = "removing", _("being taken off")
        LEFT = "left", _("left there")
        REFUSED = "refused", _("refused there")

    id = models.BigAutoField(primary_key=True)
    newsletter = models.ForeignKey(Newsletter, on_delete=models.CASCADE, related_name="subscribers", db_index=False)
    mailbox_key = models.BinaryField(max_length=16)
    email = SealedAddressField(
        of="subscriber", max_length=254, blank=True, db_default="", help_text=_("Until they are off the list.")
    )
    # What they are called there; some programs make it of the address. Looked for by the keyed hash beside it.
    remote_id = SealedLineField(of="subscriber", max_length=100, blank=True, db_default="")
    remote_key = models.BinaryField(max_length=16, default=b"", db_default=b"")
    is_ours = models.BooleanField(default=False, db_default=False, help_text=_("Not known there before."))
    was_asked = models.BooleanField(default=False, db_default=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.TO_ADD, db_default=State.TO_ADD)
    why = models.CharField(max_length=200, blank=True, db_default="")
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["newsletter", "mailbox_key"], name="subscriber_once_for_each_list"),
        ]
        indexes = [
            models.Index(
                fields=["newsletter", "id"],
                name="subscriber_waits",
                condition=Q(state__in=["to_add", "to_remove"]),
            ),
            models.Index(fields=["newsletter", "id"], name="subscriber_round"),
            models.Index(fields=["newsletter", "remote_key"], name="subscriber_remote"),
        ]

    def __str__(self) -> str:
        return f"Subscriber {self.pk}"


class Mark(models.Model):
    """Whose signature or silence has changed since the last look; the database writes it (integrations/schema.py)."""

    id = models.BigAutoField(primary_key=True)
    subscriber_id = models.BigIntegerField(help_text=_("No constraint: it is looked at once, and may have gone."))

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Mark {self.pk}"
