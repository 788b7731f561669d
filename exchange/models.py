"""Lists that a group brings along, row by row until they are in, and archives that it takes away."""

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.moments import DayField
from core.sealed import SealedJSONField
from core.text import fields
from petitions.models import Statement
from submissions.models import ConsentText

CODE_BYTES = 6  # of a pack: its page has no names, so nobody need not guess it


class Brings(models.TextChoices):
    """Kinds of rows that a list may have."""

    PEOPLE = "people", _("people with addresses")
    NAMES = "names", _("names of people, without addresses")
    ORGANISATIONS = "organisations", _("organisations")
    COMMENTS = "comments", _("a post and its comments")


class Import(models.Model):
    """One import: its file, the consent, its progress (exchange/running.py has the transitions)."""

    class State(models.TextChoices):
        READ = "read", _("read, not yet checked")
        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("checked")
        RUNNING = "running", _("being brought in")
        ASKING = "asking", _("asking each by mail")
        STOPPED = "stopped", _("stopped")
        FAILED = "failed", _("failed")
        DONE = "done", _("done")
        UNDONE = "undone", _("undone")

    statement = models.ForeignKey(
        Statement, on_delete=models.CASCADE, null=True, related_name="imports", verbose_name=_("statement")
    )
    source = models.CharField(_("comes from"), max_length=20)
    brings = models.CharField(_("brings"), max_length=13, choices=Brings.choices)
    file_name = fields.LineField(_("file"), max_length=120, blank=True)
    file_sha256 = models.CharField(max_length=64, editable=False)
    encoding = models.CharField(max_length=20, blank=True)
    separator = models.CharField(max_length=3, blank=True)
    headings = models.JSONField(default=list)
    columns = models.JSONField(default=dict, help_text=_("Which column of the list each of ours is taken from."))
    remarks = models.JSONField(default=list, help_text=_("What the reader found odd about the file as a whole."))
    # What was agreed, which no file says.
    collected_by = fields.LineField(_("who collected it"), max_length=120, blank=True)
    words = fields.ProseField(_("the words they agreed to"), max_length=2000, blank=True)
    agreed_when = fields.LineField(_("when and where"), max_length=120, blank=True)
    may_mail = models.BooleanField(_("they may be mailed"), default=False, db_default=False)
    may_show = models.BooleanField(_("their names may be shown"), default=False, db_default=False)
    day_first = models.BooleanField(_("03/04/2021 is 3 April"), default=True, db_default=True)
    date_if_none = DayField(_("signed on, where the list has no date"), null=True, blank=True)
    # Whose consent nobody is sure of is asked once by mail (inquiring.py).
    asks = models.BooleanField(_("ask each once by mail: keep me, or take me off"), default=False, db_default=False)
    answer_by = DayField(_("last day to answer"), null=True, blank=True)
    silence_keeps = models.BooleanField(_("who does not answer is kept"), default=False, db_default=False)
    consent = models.ForeignKey(ConsentText, on_delete=models.PROTECT, null=True, related_name="+", editable=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.READ, editable=False)
    goes_on = models.BooleanField(
        default=False, db_default=False, editable=False, help_text=_("Brought in once checked.")
    )
    rows_in_all = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    rows_checked = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    problem = models.CharField(max_length=300, blank=True, db_default="", editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="import_ran_with_words",
                condition=~Q(state__in=["running", "asking", "done"], brings="people") | Q(consent__isnull=False),
                violation_error_message=_("Say first what these people agreed to."),
            ),
            models.CheckConstraint(
                name="import_asks_until_a_day",
                condition=~Q(state__in=["running", "asking"], asks=True) | Q(answer_by__isnull=False, brings="people"),
                violation_error_message=_("Say until which day people can answer."),
            ),
            models.CheckConstraint(
                name="import_knows_its_statement",
                condition=Q(statement__isnull=False) | Q(brings="comments"),
                violation_error_message=_("Choose the statement that they signed."),
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="import_busy", condition=Q(state__in=["checking", "running"])),
            models.Index(fields=["id"], name="import_asking", condition=Q(state__in=["asking", "stopped"])),
        ]

    def __str__(self) -> str:
        return self.file_name or str(self.get_brings_display())

    @property
    def is_busy(self) -> bool:
        """Whether the worker still has to do something about it."""
        return self.state in {self.State.CHECKING, self.State.RUNNING}


class ImportRow(models.Model):
    """One row of a list: its cells as they came, the values read, and the result."""

    class Status(models.TextChoices):
        UNREAD = "unread", _("not yet checked")
        NEW = "new", _("new")
        ODD = "odd", _("odd: held for a look")
        HERE = "here", _("already here")
        TWICE = "twice", _("twice in the list")
        OUT = "out", _("asked us for silence, or removed here")
        INVALID = "invalid", _("can't be read")
        SKIPPED = "skipped", _("left out by their kind")
        BEFORE = "before", _("asked by mail before")
        ASKED = "asked", _("asked by mail, or about to be")
        OFF = "off", _("wish to be off the list")
        SILENT = "silent", _("did not answer in time")
        IN = "in", _("brought in")
        KEPT = "kept", _("kept at the undo: somebody acted on it")
        BACK = "back", _("taken back")

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows", db_index=False)
    line = models.PositiveIntegerField()
    cells = SealedJSONField(of="import cells", default=list)
    read_as = models.JSONField(default=dict)
    private = SealedJSONField(
        of="import row", default=dict, help_text=_("Of what it was read as: address and postcode.")
    )
    mailbox_key = models.BinaryField(max_length=16, default=b"", db_default=b"")
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.UNREAD, db_default="unread")
    reason = models.CharField(max_length=300, blank=True, default="", db_default="")
    result_id = models.BigIntegerField(null=True)
    digest = models.BigIntegerField(null=True, help_text=_("Of the row that it became, as it stood then."))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "line"], name="importrow_once")]
        indexes = [
            models.Index(fields=["of", "status", "line"], name="importrow_status"),
            models.Index(fields=["of", "mailbox_key"], name="importrow_mailbox", condition=~Q(mailbox_key=b"")),
        ]

    def __str__(self) -> str:
        return f"Line {self.line}"


class Inquiry(models.Model):
    """One mail that asks somebody on a list: keep me, or take me off. One for a mailbox and a statement, for good."""

    class State(models.TextChoices):
        WAITING = "waiting", _("not yet asked")
        ASKED = "asked", _("asked")
        KEPT = "kept", _("keep me")
        OFF = "off", _("take me off")
        SILENT = "silent", _("no answer in time")
        HERE = "here", _("signed here meanwhile")

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="inquiries", db_index=False)
    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="+", db_index=False)
    row = models.OneToOneField(ImportRow, on_delete=models.SET_NULL, null=True, related_name="inquiry")
    address_key = models.BinaryField(max_length=16, editable=False)
    mailbox_key = models.BinaryField(max_length=16, editable=False)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING, db_default="waiting")
    queued_at = models.DateTimeField(null=True, help_text=_("When its mail was put into the outbox."))
    mailed_at = models.DateTimeField(null=True, help_text=_("When a mail server took it."))
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mailbox_key", "statement"], name="inquiry_once"),
            models.CheckConstraint(
                name="inquiry_state_is_known",
                condition=Q(state__in=["waiting", "asked", "kept", "off", "silent", "here"]),
            ),
            models.CheckConstraint(
                name="inquiry_asked_when_queued",
                condition=~Q(state__in=["asked", "silent"]) | Q(queued_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["statement"], name="inquiry_statement"),
            models.Index(fields=["of", "state", "id"], name="inquiry_of"),
            models.Index(fields=["queued_at"], name="inquiry_queued", condition=Q(queued_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"Inquiry {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether its answer still decides."""
        return self.state in {self.State.WAITING, self.State.ASKED}


class Matching(models.Model):
    """Which columns were matched how the last time that lists with these headings came."""

    headings_sha256 = models.CharField(max_length=64, primary_key=True)
    columns = models.JSONField(default=dict)
    matched_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"Matched {self.matched_at:%Y-%m-%d}"


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
    data = models.BinaryField()
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
    handed_on = models.DateField(_("on"))
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
