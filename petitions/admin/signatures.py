"""Looking at signatures and deciding about them, however many there are."""

import re
from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import truncatechars
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core import audit, desk, search
from core.addresses import mailbox_key, masked
from core.admin import BigTableAdmin, CannotUndo, Decided, Key, OfWordsRead, QueueMixin, SeenFilter, decision
from core.audit import Staff
from petitions.admin.decided import history_of
from petitions.admin.exporting import exports_for
from petitions.admin.found import CeilingFilter, SignedAlikeFilter, WindowFilter, answer_filters, busy, like, of_domain
from petitions.desk import assigned
from petitions.signatures import optional, signing, undo
from petitions.signatures.models import Signature
from submissions.traps import words

State = Signature.State


def _verb(verb: Callable[..., object], done: str) -> Callable[..., None]:
    """The verb for a row, and the line in the record, which is written last."""

    def act(row: Signature, *, by: Staff, **typed: str) -> None:
        verb(signature_id=row.pk, by=by, **typed)
        why = typed.get("reason", "")
        audit.record(by=by, on=row, what=done.capitalize(), why=why, label=f"Signature {row.pk}")

    return act


DECISIONS = [
    decision(
        "hold",
        _("Hold for a look"),
        permission="decide",
        consequence=_("They stop counting until somebody has looked. Nothing is deleted and nobody is told."),
        done=_("held"),
        act=_verb(signing.hold, "held"),
        made_of=OfWordsRead,
        refuses=signing.NotThere,
        keep=undo.snapshot,
        asks_why=True,
    ),
    decision(
        "release",
        _("Release"),
        permission="decide",
        consequence=_("They count, and get a mail that says so."),
        done=_("released"),
        act=_verb(signing.release, "released"),
        made_of=OfWordsRead,
        refuses=signing.NotThere,
        keep=undo.snapshot,
    ),
    decision(
        "remove",
        _("Remove as duplicate or fake"),
        permission="decide",
        consequence=_("They no longer count. They stay here with your reason and can be restored."),
        password_from=10,
        done=_("removed"),
        act=_verb(signing.remove, "removed"),
        made_of=OfWordsRead,
        refuses=signing.NotThere,
        keep=undo.snapshot,
        asks_why=True,
    ),
    decision(
        "restore",
        _("Restore"),
        permission="decide",
        consequence=_("They are what they were before they were removed."),
        done=_("restored"),
        act=_verb(signing.restore, "restored"),
        made_of=OfWordsRead,
        refuses=signing.NotThere,
        keep=undo.snapshot,
    ),
]


# In which states each decision does something.
APPLIES_TO = {
    "hold": {State.CONFIRMED},
    "release": {State.HELD},
    "remove": {State.CONFIRMED, State.HELD},
    "restore": {State.REMOVED},
}
KEY_OF_A_NETWORK = re.compile(r"[\w-]{22}")
PARTS = 30  # beyond so many statements one list of all of them is no slower

KEYS = [
    Key("a", _("Release: it counts"), action="release"),
    Key("u", _("Hold for a look"), action="hold", why="Held by a moderator"),
    Key("s", _("Remove as fake"), action="remove", why="Fake"),
    Key("d", _("Remove as duplicate"), action="remove", why="Duplicate"),
    Key("r", _("Restore what was removed"), action="restore"),
    Key("q", _("All from the same domain")),
]


def _answer(field: optional.OptionalField) -> Callable[[Signature], str]:
    """A line of the page for the answer to one question, in words."""

    @admin.display(description=field.label)
    def answer(obj: Signature) -> str:
        return field.said(getattr(obj, field.name))

    return answer


ANSWERS: list[Any] = list(map(_answer, optional.FIELDS))  # functions, which the stubs do not expect in a fieldset


def _ids(statements: QuerySet) -> list[int]:
    return [pk for row in statements.order_by().distinct() for pk in row.values()]


@admin.register(Signature)
class SignatureAdmin(QueueMixin, BigTableAdmin):
    """Everybody who signed. Nothing is edited here; what can be done has a name and is written down."""

    is_about_people = True
    list_display = ["name", "mailbox", "origin", "under", "stands_now", "created_at"]
    list_filter = [
        "state",
        WindowFilter,
        CeilingFilter,
        ("statement", SeenFilter),
        "channel",
        SignedAlikeFilter,
        *answer_filters(),
    ]
    list_select_related = ["statement"]
    search_fields = ["name"]
    search_help_text = _("Any part of a name, the whole address, a domain such as @example.org, or a network's key.")
    actions = DECISIONS
    keys = KEYS
    change_form_template = "admin/petitions/signature/change_form.html"
    change_list_template = "admin/petitions/signature/change_list.html"
    fieldsets = [
        (None, {"fields": ["name", "email", "statement", "version", "status"]}),
        ("Typed", {"fields": [*ANSWERS, "language", "via", "channel", "ip_key"]}),
        ("Chosen", {"fields": ["show_name", "email_updates", "consent"]}),
        ("When", {"fields": ["created_at", "confirmed_at", "agreed_at", "removed_at", "withdrawn_at"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Only what this person looks after; the statements are named, so that the database can use their index."""
        mine = assigned(request.user)
        everybody = admin.ModelAdmin.get_queryset(self, request)
        return everybody if mine is None else everybody.filter(statement__in=_ids(mine))

    def in_parts(self, request: HttpRequest, rows: QuerySet) -> list[QuerySet]:
        """One query set per statement for people who look after a few; one if the list is filtered by statement."""
        mine = assigned(request.user)
        ids = [] if mine is None or {"statement__id__exact", desk.OF} & request.GET.keys() else _ids(mine)
        return [rows.filter(statement=pk) for pk in ids] if 1 < len(ids) <= PARTS else [rows]

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Whether this person may hold, release, remove and restore."""
        return request.user.has_perm("petitions.change_signature")

    def undo_decision(self, row: Signature, decided: Decided, *, by: Any) -> str:
        """Back to how it stood before the decision."""
        try:
            undo.undo_last(signature=row, was=decided.was, left=decided.left, by=by)
        except undo.DecidedSince as error:
            raise CannotUndo from error
        return ""

    @admin.display(description=_("Address"))
    def mailbox(self, obj: Signature) -> SafeString:
        """The address, masked; its domain leads to all that share it."""
        local, _, domain = masked(obj.email).rpartition("@")
        return format_html('{}@<a data-key="q" href="{}">{}</a>', local, like(obj, "domain"), domain)

    @admin.display(description=_("From"))
    def origin(self, obj: Signature) -> SafeString | str:
        """The network and the source code, each a link to all that share it."""
        found = [("network", obj.ip_key and f"network {obj.ip_key[:6]}"), ("via", obj.via)]
        links = [(like(obj, kind), words) for kind, words in found if words]
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "–"

    @admin.display(description=_("Statement"))
    def under(self, obj: Signature) -> SafeString:
        """The statement, as a link to all its signatures."""
        return format_html('<a href="{}">{}</a>', like(obj, "statement"), truncatechars(obj.statement.title, 40))

    @admin.display(description=_("Status"))
    def status(self, obj: Signature) -> str:
        """The state, and why it is held or was removed."""
        why = words(obj.removed_reason or obj.held_reason)
        return f"{obj.get_state_display()}: {why}" if why else obj.get_state_display()

    @admin.display(description=_("Status"))
    def stands_now(self, obj: Signature) -> SafeString:
        """The status in the list, with a stamp of the row, so that a bulk decision is about what was read."""
        hidden = '{}<input type="hidden" name="seen-{}" value="{}">{}'
        return format_html(hidden, self.status(obj), obj.pk, obj.submission_id or "", self.stood(obj))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Search by what an index can find and a moderator needs."""
        term = search_term.strip()
        if term.startswith("@"):
            return of_domain(queryset, term[1:].lower()), False
        if "@" in term:
            return queryset.filter(mailbox_key=mailbox_key(term)), False
        if KEY_OF_A_NETWORK.fullmatch(term) and queryset.filter(ip_key=term).exists():
            return queryset.filter(ip_key=term), False
        return search.found(queryset, self.search_fields, term), False

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """The list; its first page begins with the sources that were unusually busy in the last hour."""
        looks: dict[str, Any] = {}
        if not request.GET and request.method == "GET":
            looks["busy"] = busy(self.get_queryset(request))
        looks["title"] = "Signatures"
        looks["statement"] = one = request.GET.get("statement__id__exact", "")
        looks["exports"] = exports_for(request.user) if one.isdecimal() else []
        looks["can_rule"] = request.user.has_perm("petitions.add_rule")
        return super().changelist_view(request, {**looks, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """One signature, with the decisions this person may take now, and all that were taken about its mailbox."""
        signature = self.get_object(request, object_id)
        state = signature.state if signature is not None and self.has_decide_permission(request) else None
        looks = {
            "decisions": [
                {"name": made.name, "label": made.label} for made in DECISIONS if state in APPLIES_TO[made.name]
            ],
            "history": history_of(signature) if signature else [],
        }
        return super().change_view(request, object_id, form_url, {**looks, **(extra_context or {})})
