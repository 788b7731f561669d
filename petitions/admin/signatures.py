"""Looking at signatures and deciding about them, however many there are."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from core.addresses import canonical
from core.admin import BigTableAdmin, decision
from petitions import signing
from petitions.models import Signature, Statement


def _verb(verb: Any) -> Any:
    return lambda row, **typed: verb(signature_id=row.pk, **typed)


DECISIONS = [
    decision(
        "hold",
        "Hold for a look",
        permission="decide",
        consequence="They stop counting until somebody has looked. Nothing is deleted and nobody is told.",
        done="held",
        act=_verb(signing.hold),
        refuses=signing.NotConfirmed,
        asks_why=True,
    ),
    decision(
        "release",
        "Release",
        permission="decide",
        consequence="They count. Whoever has confirmed already gets a mail that says so.",
        done="released",
        act=_verb(signing.release),
        refuses=signing.NotConfirmed,
    ),
    decision(
        "remove",
        "Remove as duplicate or fake",
        permission="decide",
        consequence="They no longer count. They stay here with your reason and can be restored.",
        password_from=10,
        done="removed",
        act=_verb(signing.remove),
        refuses=signing.NotConfirmed,
        asks_why=True,
    ),
    decision(
        "restore",
        "Restore",
        permission="decide",
        consequence="They are what they were before they were removed.",
        done="restored",
        act=_verb(signing.restore),
        refuses=signing.NotConfirmed,
    ),
]


@admin.register(Signature)
class SignatureAdmin(BigTableAdmin):
    """Everybody who signed. Nothing is edited here; what can be done has a name and is written down."""

    list_display = ["name", "email", "statement", "state", "why", "created_at"]
    list_filter = ["state", "statement", "channel", "show_name", "created_at"]
    list_select_related = ["statement"]
    search_fields = ["name"]
    search_help_text = "The whole address, a domain such as @example.org, or the beginning of a name."
    actions = DECISIONS
    change_form_template = "admin/petitions/signature/change_form.html"
    fieldsets = [
        (None, {"fields": ["name", "email", "statement", "version", "state", "held_reason", "removed_reason"]}),
        ("Typed", {"fields": ["postcode", "affiliation", "personal_capacity", "language", "via", "channel"]}),
        ("Chosen", {"fields": ["show_name", "email_updates", "consent_text"]}),
        ("When", {"fields": ["created_at", "confirmed_at", "reminded_at", "removed_at", "withdrawn_at"]}),
    ]

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Who may hold, release, remove and restore."""
        return request.user.has_perm("petitions.change_signature")

    @admin.display(description="Why", empty_value="")
    def why(self, obj: Signature) -> str:
        """The reason it is held or was removed."""
        return obj.removed_reason or obj.held_reason

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Search by what an index can find or a moderator needs, never by a part in the middle of a name."""
        term = search_term.strip()
        if term.startswith("@"):
            return queryset.filter(email_canonical__endswith=term.lower()), False
        if "@" in term:
            # The unique index begins with the statement: naming them all lets it find the address in no time.
            statements = list(Statement.objects.order_by().values_list("pk", flat=True))
            return queryset.filter(statement__in=statements, email_canonical=canonical(term)), False
        return (queryset.filter(name__istartswith=term) if term else queryset), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """One signature, with the decisions this person may take."""
        allowed = [made for made in DECISIONS if self.has_decide_permission(request)]
        decisions = [{"name": made.__name__, "label": made.short_description} for made in allowed]
        return super().change_view(request, object_id, form_url, {"decisions": decisions, **(extra_context or {})})
