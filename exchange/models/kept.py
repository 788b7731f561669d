"""What a group takes away: archives, packs to hand over, and farewells, written by the worker for staff to download."""

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.moments import DayField
from core.sealed import SealedFileField
from core.text import fields
from petitions.models import Statement

CODE_BYTES = 6  # of a pack: its page has no names, so nobody need not guess it


class Kept(models.Model):
    """What staff ask for and the worker writes, file by file, to be taken away for a week (exchange/keeping.py)."""

    class State(models.TextChoices):
        RUNNING = "running", _("being written")
        STOPPED = "stopped", _("stopped")
        FAILED = "failed", _("failed")
        DONE = "done", _("done")

    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING, editable=False)
    files_in_all = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    files_written = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    rows = models.PositiveBigIntegerField(default=0, db_default=0, editable=False)
    problem = models.CharField(max_length=300, blank=True, db_default="", editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    parts: Any  # the pieces, by the foreign key of each concrete model's own

    class Meta:
        abstract = True
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{str(self._meta.verbose_name).capitalize()} {self.pk}"


class Piece(models.Model):
    """One piece of one file, packed; the first has the file's line of the manifest."""

    path = models.CharField(max_length=400)
    number = models.PositiveIntegerField()
    data = SealedFileField(of="file", help_text=_("Packed; about everybody who is in it."))
    entry = models.JSONField(default=dict)

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint(fields=["of", "path", "number"], name="%(class)s_once")]

    def __str__(self) -> str:
        return f"{self.path} {self.number}"


class Archive(Kept):
    """One archive of the site, or of one statement."""

    statement = models.ForeignKey(
        Statement, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("statement"),
        help_text=_("Empty: the whole site."),
    )  # fmt: skip


class ArchivePart(Piece):
    """One piece of one file of an archive."""

    of = models.ForeignKey(Archive, on_delete=models.CASCADE, related_name="parts", db_index=False)


def _code() -> str:
    return secrets.token_hex(CODE_BYTES)


class Pack(Kept):
    """What is handed over to whom a statement is addressed to: text, numbers, organisations, names (exchange/packs/).

    Its files go after a week. What it was – hashes and numbers, no names – stays, so that whoever has it can prove it.
    """

    class Order(models.TextChoices):
        LETTER = "letter", _("by letter")
        PLACE = "place", _("by place")

    statement = models.ForeignKey(
        Statement, on_delete=models.CASCADE, related_name="packs", verbose_name=_("statement")
    )
    code = models.CharField(max_length=2 * CODE_BYTES, default=_code, unique=True, editable=False)
    order = models.CharField(_("names"), max_length=6, choices=Order.choices, default=Order.LETTER)
    facts = models.JSONField(default=dict, editable=False, help_text=_("The certificate: numbers, hashes, no names."))
    files = models.JSONField(default=list, editable=False, help_text=_("Each file with its SHA-256."))
    sha256 = models.CharField(max_length=64, blank=True, db_default="", editable=False)

    class Meta(Kept.Meta):
        verbose_name = _("hand-over pack")
        verbose_name_plural = _("hand-over packs")
        constraints = [
            models.CheckConstraint(
                name="pack_done_has_a_hash",
                condition=~Q(state="done") | Q(sha256__regex=r"^[0-9a-f]{64}$"),
                violation_error_message=_("A pack that is done has its SHA-256."),
            )
        ]


class PackPart(Piece):
    """One piece of one file of a pack."""

    of = models.ForeignKey(Pack, on_delete=models.CASCADE, related_name="parts", db_index=False)


class HandOver(models.Model):
    """That a pack was handed to somebody: to whom, and when."""

    pack = models.ForeignKey(Pack, on_delete=models.CASCADE, related_name="hand_overs")
    recipient = fields.LineField(_("to whom"), max_length=120, filled=True)
    handed_on = DayField(_("on"))
    note = fields.LineField(_("note"), max_length=300, blank=True, db_default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["handed_on", "id"]

    def __str__(self) -> str:
        return f"{self.recipient}, {self.handed_on}"


class Farewell(Kept):
    """A closed statement as plain pages that outlive the server (exchange/farewell/)."""

    statement = models.ForeignKey(
        Statement, on_delete=models.CASCADE, related_name="farewells", verbose_name=_("statement")
    )
    found = models.JSONField(default=list, editable=False, help_text=_("Addresses of its pages and of what they show."))

    class Meta(Kept.Meta):
        verbose_name = _("farewell")
        verbose_name_plural = _("farewells")


class FarewellPart(Piece):
    """One piece of one file of a farewell."""

    of = models.ForeignKey(Farewell, on_delete=models.CASCADE, related_name="parts", db_index=False)
