"""Mail and requests that did not get through, trying again, and where requests may go."""

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.addresses import mailbox_key, masked
from core.admin.base import BigTableAdmin, HouseAdmin
from core.admin.decisions import decision
from core.admin.filters import UsualFilter
from core.staff_request import staff
from mail import desk
from mail.leases import Leased, NotFailed, try_again
from mail.models import AllowedHost, OutgoingEmail, OutgoingRequest
from mail.outbound import guard


class StateFilter(UsualFilter):
    """Show failed mail by default: staff come here for it."""

    title = _("state")
    parameter_name = "state"
    USUAL = _("Failed")

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        states = [(value, str(label)) for value, label in Leased.State.choices if value != Leased.State.FAILED]
        return [("all", str(_("All"))), *states]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        state = self.value() or Leased.State.FAILED
        return queryset if state == "all" else queryset.filter(state=state)


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(BigTableAdmin):
    """Mail that could not be delivered, and why; the rest of the queue behind a filter."""

    is_about_people = True
    list_display = ["mailbox", "kind", "said", "attempts", "created_at", "finished_at"]
    list_filter = [StateFilter, "lane"]
    search_fields = ["recipient"]
    fields = ["kind", "recipient", "lane", "state", "attempts", "created_at", "due_at", "finished_at", "outcome"]
    search_help_text = _("The whole address, in any spelling.")
    actions = [
        decision(
            "try_again",
            _("Try again"),
            permission="retry",
            consequence=_("The mail goes back to the queue and is sent within seconds."),
            done=_("put back in the queue"),
            act=try_again,
            refuses=NotFailed,
        )
    ]

    @admin.display(description=_("Recipient"))
    def mailbox(self, obj: OutgoingEmail) -> str:
        """The address, masked."""
        return masked(obj.recipient)

    @admin.display(description=_("Outcome"))
    def said(self, obj: OutgoingEmail) -> str:
        """The mail server's answer, masked because it often repeats the address."""
        return obj.outcome.replace(obj.recipient, masked(obj.recipient))

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Whether this person may send a mail again."""
        return request.user.has_perm("mail.change_outgoingemail")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        term = search_term.strip()
        return (queryset.filter(recipient_key=mailbox_key(term)) if term else queryset), False


class RequestStateFilter(StateFilter):
    """Requests that fail, given up or not, as the tile counts them."""

    USUAL = _("Failing")

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return super().queryset(request, queryset) if self.value() else queryset & desk.failing_requests()


@admin.register(OutgoingRequest)
class OutgoingRequestAdmin(BigTableAdmin):
    """Requests to other hosts, how often they were tried and the result: the log, without any content."""

    list_display = ["host", "kind", "state", "status", "outcome", "attempts", "took_ms", "created_at", "finished_at"]
    list_filter = [RequestStateFilter]
    exclude = ["context", "once", "sequence", "claimed_until"]
    search_fields = ["host"]
    search_help_text = _("The host, from its beginning.")
    actions = [
        decision(
            "try_again",
            _("Try again"),
            permission="retry",
            consequence=_("The request goes back to the queue and is sent within seconds."),
            done=_("put back in the queue"),
            act=try_again,
            refuses=NotFailed,
        )
    ]

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Whether this person may send a request again."""
        return request.user.has_perm("mail.change_outgoingrequest")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        term = search_term.strip().lower()
        return (queryset.filter(host__startswith=term) if term else queryset), False


class AllowedHostForm(forms.ModelForm):
    """A host, however it was pasted, and the reason."""

    class Meta:
        model = AllowedHost
        fields = ["host", "why"]

    def clean_host(self) -> str:
        """Of a whole address its host."""
        typed = self.cleaned_data["host"].strip()
        try:
            return guard.host_of(typed if "://" in typed else f"https://{typed}")
        except guard.Refused as error:
            raise forms.ValidationError(str(error)) from error


@admin.register(AllowedHost)
class AllowedHostAdmin(HouseAdmin):
    """Where requests may go. Nothing is sent to a host that is not here or in the operator's environment."""

    form = AllowedHostForm
    list_display = ["host", "why", "added_by", "added_at"]
    list_select_related = ["added_by"]
    readonly_fields = ["added_by", "added_at"]
    ordering = ["host"]

    def save_model(self, request: HttpRequest, obj: AllowedHost, form: forms.ModelForm, change: bool) -> None:
        """Record the last editor as the person who allowed it."""
        obj.added_by = staff(request).user
        super().save_model(request, obj, form, change)
