"""Who comes to an event: the list for the steward at the door, as a page, on paper and as a file; and repeating it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from core import audit, csv, desk
from core.addresses import masked
from core.admin import HouseAdmin
from core.http import no_store
from core.staff_request import staff
from petitions.actions import attending, repeating
from petitions.actions.kind import AttendanceKind
from petitions.actions.models import Attendance, AttendanceSubmission, Event
from petitions.admin.mailing import read_or_post
from submissions.admin import UnansweredAdmin

State = Attendance.State


class RepeatForm(forms.Form):
    """How often, and how many times."""

    every = forms.ChoiceField(
        label=gettext_lazy("It comes again"), choices=repeating.Every.choices, widget=forms.RadioSelect
    )
    times = forms.IntegerField(
        label=gettext_lazy("How many more times"), min_value=1, max_value=repeating.MOST, initial=4
    )


class WhoComes(HouseAdmin):
    """Mixed into the staff page of events."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/coming/", view(require_safe(self.coming)), name="petitions_event_coming"),
            path("<int:pk>/coming.csv", view(require_safe(self.coming_csv)), name="petitions_event_coming_csv"),
            path("<int:pk>/repeat/", view(read_or_post(self.repeat)), name="petitions_event_repeat"),
            *super().get_urls(),
        ]

    def coming(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The list, made for paper: a box to tick and a name; no address."""
        event = self._own(request, pk, "petitions.view_attendance")
        listed = _listed(event)
        audit.look(by=staff(request).user, at=Attendance, what=audit.LOOKED, why="the list for the door")
        context = {
            "title": _("Who comes"),
            "coming": [row for row in listed if row.state == State.COMING],
            "waiting": [row for row in listed if row.state == State.WAITING],
            "asked": AttendanceSubmission.objects.filter(event=event, agreed_at=None, ended_at=None).count(),
            "can_take_off": request.user.has_perm("petitions.delete_attendance"),
        }
        return no_store(self._drawn(request, event, "coming", **context))

    def coming_csv(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The same as a table for spreadsheets, every cell guarded."""
        event = self._own(request, pk, "petitions.view_attendance")
        audit.look(by=staff(request).user, at=Attendance, what=audit.LOOKED, why="the list for the door, as a file")
        lines = [csv.line([_("Name"), _("Place")])]
        lines += [csv.line([row.name, str(row.get_state_display())]) for row in _listed(event)]
        response = HttpResponse(csv.BOM + b"".join(lines), content_type="text/csv; charset=utf-8")
        name = f"{event.slug}-{timezone.localdate():%Y-%m-%d}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return no_store(response)

    def repeat(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask how often; show the dates; on the second press make the copies."""
        event = self._own(request, pk, "petitions.add_event")
        form = RepeatForm(request.POST if request.method == "POST" else None, initial={"every": repeating.Every.WEEK})
        dates = repeating.dates(event, **form.cleaned_data) if form.is_valid() else []
        if dates and request.POST.get("action") == "make":
            try:
                made = repeating.repeat(event=event, **form.cleaned_data, by=staff(request).user)
            except repeating.NothingToRepeat:
                form.add_error(None, _("All these dates are there already."))
            else:
                said = ngettext("%(number)s event made.", "%(number)s events made.", len(made))
                self.message_user(request, said % {"number": len(made)}, messages.SUCCESS)
                here = reverse("admin:petitions_event_changelist")
                return redirect(f"{here}?{desk.OF}={event.statement_id}")
        page = self._drawn(request, event, "repeat", title=_("Repeat it"), form=form, dates=dates)
        page.status_code = 422 if form.errors else 200
        return page

    def _own(self, request: HttpRequest, pk: int, permission: str) -> Event:
        """An event of a statement that this person looks after. Raises Http404, PermissionDenied."""
        event = self.get_object(request, str(pk))
        if event is None:
            raise Http404
        if not request.user.has_perm(permission):
            raise PermissionDenied
        return event

    def _drawn(self, request: HttpRequest, event: Event, name: str, **context: Any) -> TemplateResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "original": event, "event": event}
        shared |= self.surroundings(request, event)
        return TemplateResponse(request, f"admin/petitions/event/{name}.html", {**shared, **context})


def _listed(event: Event) -> list[Attendance]:
    """Who has a place by name, as at the door; then who waits, in turn."""
    rows = list(event.attendances.exclude(state=State.WITHDRAWN).order_by("queued_at", "pk"))
    coming = sorted((row for row in rows if row.state == State.COMING), key=lambda row: row.name.casefold())
    return coming + [row for row in rows if row.state == State.WAITING]


@admin.register(Attendance)
class AttendanceAdmin(HouseAdmin):
    """Everybody who comes to events. Taking somebody off makes room for who waits."""

    is_about_people = True
    list_display = ["name", "mailbox", "event", "state", "agreed_at"]
    list_filter = ["state"]
    list_select_related = ["event__statement"]
    search_fields = ["name"]
    search_help_text = gettext_lazy("Part of a name.")
    ordering = ["-pk"]
    fields = ["event", "name", "mailbox", "state", "agreed_at", "queued_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only who proves their mailbox is expected."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("Address"))
    def mailbox(self, obj: Attendance) -> str:
        """The address, masked."""
        return masked(obj.email)

    def delete_model(self, request: HttpRequest, obj: Attendance) -> None:
        attending.take_off(attendance=obj, by=staff(request).user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for attendance in queryset.select_related("event"):
            attending.take_off(attendance=attendance, by=staff(request).user)


@admin.register(AttendanceSubmission)
class AttendanceSubmissionAdmin(UnansweredAdmin):
    """Who said that they come and has not confirmed it."""

    kind = AttendanceKind
    list_select_related = ["event__statement"]
