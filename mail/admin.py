"""Mail that could not be delivered, and trying again."""

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest

from core.addresses import masked
from core.admin.base import BigTableAdmin
from core.admin.decisions import decision
from core.admin.filters import UsualFilter
from mail.models import OutgoingEmail


class NotFailed(Exception):
    """This mail has not failed, so there is nothing to try again."""


def try_again(row: OutgoingEmail) -> None:
    """Put a failed mail back in the queue, due now, with all its attempts. Raises NotFailed."""
    failed = OutgoingEmail.objects.filter(pk=row.pk, state=OutgoingEmail.State.FAILED)
    again = {"state": OutgoingEmail.State.QUEUED, "attempts": 0, "due_at": Now(), "claimed_until": None}
    if not failed.update(**again, finished_at=None, outcome=""):
        raise NotFailed


class MailStateFilter(UsualFilter):
    """Failing mail first: what staff come here for."""

    title = "state"
    parameter_name = "state"
    USUAL = "Failed"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("all", "All"), *((value, label) for value, label in OutgoingEmail.State.choices if value != "failed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        state = self.value() or OutgoingEmail.State.FAILED
        return queryset if state == "all" else queryset.filter(state=state)


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(BigTableAdmin):
    """Mail that could not be delivered, and why; the rest of the queue behind a filter."""

    is_about_people = True
    list_display = ["mailbox", "kind", "said", "attempts", "created_at", "finished_at"]
    list_filter = [MailStateFilter, "lane"]
    search_fields = ["recipient"]
    fields = ["kind", "recipient", "lane", "state", "attempts", "created_at", "due_at", "finished_at", "outcome"]
    search_help_text = "The whole address."
    actions = [
        decision(
            "try_again",
            "Try again",
            permission="retry",
            consequence="The mail goes back to the queue and is sent within seconds.",
            done="put back in the queue",
            act=try_again,
            refuses=NotFailed,
        )
    ]

    @admin.display(description="Recipient")
    def mailbox(self, obj: OutgoingEmail) -> str:
        """The address, masked."""
        return masked(obj.recipient)

    @admin.display(description="Outcome")
    def said(self, obj: OutgoingEmail) -> str:
        """What the mail server answered, which often repeats the address."""
        return obj.outcome.replace(obj.recipient, masked(obj.recipient))

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Who may send a mail again."""
        return request.user.has_perm("mail.change_outgoingemail")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        term = search_term.strip()
        return (queryset.filter(recipient__iexact=term) if term else queryset), False
