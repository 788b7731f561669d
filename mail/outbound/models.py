"""Requests to other hosts, and the hosts that staff allow."""

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from mail.leases import Leased

# A name with a dot, in lower case as DNS has it, perhaps with a port; no number that a resolver takes for an address.
HOST = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?(:[1-9][0-9]{0,4})?$"


class AllowedHost(models.Model):
    """A host that this site may send requests to. No row, no request."""

    host = models.CharField(
        max_length=253,
        unique=True,
        error_messages={"unique": _("This host is on the list already.")},
        help_text=_("Such as hooks.example.org, or hooks.example.org:8443 for another port than 443."),
    )
    why = models.CharField(
        _("reason"),
        max_length=200,
        help_text=_("What is sent there and who asked for it, such as “Our newsletter list”."),
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, editable=False, related_name="+"
    )
    added_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("host we may send to")
        verbose_name_plural = _("hosts we may send to")
        constraints = [
            models.CheckConstraint(
                name="allowedhost_is_a_name",
                condition=Q(host__regex=HOST),
                violation_error_message=_("Write the name of the host alone: no https://, no path, no IP address."),
            ),
            models.CheckConstraint(
                name="allowedhost_has_a_reason",
                condition=~Q(why=""),
                violation_error_message=_("Say why this host is needed."),
            ),
        ]

    def __str__(self) -> str:
        return self.host


class OutgoingRequest(Leased):
    """One request to another host; also the log of it. What it says is made as it is sent and does not rest here."""

    kind = models.CharField(max_length=40)
    host = models.CharField(max_length=260)
    once = models.CharField(
        max_length=80, blank=True, default="", db_default="", help_text=_("What must not be asked for twice.")
    )
    sequence = models.CharField(
        max_length=80, blank=True, default="", db_default="", help_text=_("Requests of one sequence leave in order.")
    )
    context = models.JSONField(default=dict, db_default={})
    uuid = models.UUIDField(db_default=RandomUUID(), editable=False)
    status = models.PositiveSmallIntegerField(null=True, editable=False)
    took_ms = models.PositiveIntegerField(_("milliseconds"), null=True, editable=False)

    class Meta:
        verbose_name = _("request to another host")
        verbose_name_plural = _("requests to other hosts")
        constraints = [
            models.UniqueConstraint(fields=["once"], name="outgoingrequest_once", condition=~Q(once="")),
        ]
        indexes = [
            models.Index(fields=["host", "due_at", "id"], name="outgoingrequest_queue", condition=Q(state="queued")),
            models.Index(
                fields=["sequence", "id"],
                name="outgoingrequest_sequence",
                condition=Q(state="queued") & ~Q(sequence=""),
            ),
            models.Index(fields=["finished_at"], name="outgoingrequest_finished"),
            models.Index(fields=["created_at"], name="outgoingrequest_failed", condition=Q(state="failed")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"
