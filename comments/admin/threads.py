"""Threads: open, closed and hidden, their dates, and the rules of one and of all."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as dated
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comments import threads
from comments.models import Comment, SiteRules, Thread
from comments.models.threads import ThreadQuerySet
from core.admin import HouseAdmin, OwnRecord, decision
from core.staff_request import staff
from petitions.admin.beside import way
from petitions.models import Statement

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class Counted(TypedDict):
        """Annotations for the list: when the thread ends or ended, and how many comments wait."""

        ends_at: datetime | None
        waiting: int

    Known = WithAnnotations[Thread, Counted]


def _verb(verb: Callable[..., Thread]) -> Callable[..., Thread]:
    return lambda row, by: verb(thread=row, by=by)


ACTIONS = [
    decision(
        name,
        label,
        permission="close",
        made_of=OwnRecord,
        consequence=consequence,
        done=done,
        act=_verb(verb),
        refuses=threads.ThreadError,
    )
    for name, label, done, consequence, verb in [
        (
            "close",
            _("Close selected threads"),
            "closed",
            _("Nobody can write any more. Published comments stay."),
            threads.close,
        ),
        ("open", _("Open selected threads"), "opened", _("Everybody can write again."), threads.reopen),
        ("hide", _("Hide selected threads"), "hidden", _("Visitors see no sign of the comments."), threads.hide),
    ]
]
RULES = [
    "approve", "trusted_after", "links_allowed", "watched_words", "refused_words", "depth", "per_page", "order",
    "close_after_days", "reports_hide",
]  # fmt: skip


def _with_short_lists(form: type[forms.ModelForm]) -> type[forms.ModelForm]:
    for name in {"watched_words", "refused_words"} & set(form.base_fields):
        form.base_fields[name].widget.attrs["rows"] = 5
    return form


@way
def to_thread(statement: Statement) -> tuple[str, str]:
    """From a statement to the rules of its thread."""
    thread = statement.thread
    address = reverse("admin:comments_thread_change", args=[thread.pk])
    return address, gettext("Comments (%(mode)s): who reads them first, when they close") % {
        "mode": thread.get_mode_display()
    }


@admin.register(Thread)
class ThreadAdmin(HouseAdmin):
    """One thread for each statement; the database makes it."""

    list_display = ["statement", "status", "readers_see", "wait", "moderator_reads"]
    list_filter = ["mode"]
    list_select_related = ["statement"]
    search_fields = ["statement__title"]
    search_help_text = _("Part of the statement's title.")
    ordering = ["-statement__published_at", "-pk"]
    actions = ACTIONS
    change_form_template = "admin/comments/thread/change_form.html"
    readonly_fields = ["statement", "status", "readers_see"]
    fieldsets = [
        (None, {"fields": ["statement", "status", "readers_see"]}),
        ("Closing", {"fields": ["closes_at", "close_after_days", "closed_message"]}),
        (
            _("Rules of this thread"),
            {
                "description": _("Empty: as in the rules for all threads."),
                "fields": [rule for rule in RULES if rule != "close_after_days"],
            },
        ),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Thread | None = None) -> bool:
        return False

    def has_close_permission(self, request: HttpRequest) -> bool:
        """Whether this person may close, open and hide."""
        return request.user.has_perm("comments.change_thread")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        waiting = Comment.objects.waiting().filter(thread=OuterRef("pk")).order_by().values("thread")
        number = Coalesce(Subquery(waiting.annotate(n=Count("pk")).values("n")), 0)
        return cast(ThreadQuerySet, super().get_queryset(request)).with_end().annotate(waiting=number)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        return _with_short_lists(super().get_form(request, obj, change, **kwargs))

    def save_model(self, request: HttpRequest, obj: Thread, form: forms.ModelForm, change: bool) -> None:
        threads.keep_rules(thread=obj, by=staff(request).user)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        """The verb has written its own record."""
        return LogEntry()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """The thread's rules, with the buttons that this person may press."""
        thread = self.get_object(request, object_id)
        useful = self._useful(thread) if thread and self.has_close_permission(request) else set()
        steps = [{"name": made.name, "label": made.label.partition(" ")[0]} for made in ACTIONS if made.name in useful]
        return super().change_view(request, object_id, form_url, {"steps": steps, **(extra_context or {})})

    def _useful(self, thread: "Known") -> set[str]:
        """Which buttons would change something."""
        if thread.mode == Thread.Mode.HIDDEN:
            return {"open"}
        over = thread.ends_at is not None and thread.ends_at <= timezone.now()
        return {"open" if over else "close", "hide"}

    @admin.display(description=_("Status"), ordering="mode")
    def status(self, obj: "Known") -> str:
        """Its status, in a few words."""
        if obj.mode == Thread.Mode.HIDDEN:
            return gettext("Hidden")
        if obj.ends_at is None:
            return gettext("Open")
        day = dated(timezone.localtime(obj.ends_at), "j F Y")
        said = gettext("Closed %(day)s") if obj.ends_at <= timezone.now() else gettext("Open until %(day)s")
        return said % {"day": day}

    @admin.display(description=_("Comments"), ordering="published")
    def readers_see(self, obj: Thread) -> str:
        """How many readers see."""
        return f"{obj.published:,}"

    @admin.display(description=_("Waiting"), ordering="waiting")
    def wait(self, obj: "Known") -> SafeString | str:
        """How many wait, with a link to them."""
        if not obj.waiting:
            return "0"
        return format_html('<a href="../comment/?like=thread-{}&amp;state=waiting">{}</a>', obj.pk, obj.waiting)

    @admin.display(description=_("A moderator reads"))
    def moderator_reads(self, obj: Thread) -> str:
        """Whose comments wait for a moderator here."""
        return obj.get_approve_display() or "as on the whole site"


@admin.register(SiteRules)
class SiteRulesAdmin(HouseAdmin):
    """The rules that hold where a thread says nothing else."""

    fieldsets = [
        (_("Who waits"), {"fields": ["approve", "trusted_after", "links_allowed", "watched_words", "refused_words"]}),
        (_("How it looks"), {"fields": ["depth", "order", "per_page"]}),
        (_("Closing and reports"), {"fields": ["close_after_days", "reports_hide"]}),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SiteRules | None = None) -> bool:
        return False

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        """Here nothing may be left empty but the words: there is no other rule behind these."""
        form = _with_short_lists(super().get_form(request, obj, change, **kwargs))
        for name in set(RULES) - {"watched_words", "refused_words"}:
            if name in form.base_fields:
                form.base_fields[name].required = True
        return form

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one row, so the list leads to it."""
        return redirect("admin:comments_siterules_change", 1)

    def save_model(self, request: HttpRequest, obj: SiteRules, form: forms.ModelForm, change: bool) -> None:
        threads.keep_site_rules(rules=obj, by=staff(request).user)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        """The verb has written its own record."""
        return LogEntry()
