"""Lists that a group brings along, row by row until they are in."""

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
