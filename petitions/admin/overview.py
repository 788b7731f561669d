"""The overview of a statement: how it stands, what waits, what comes next, and one sentence about what to do now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from petitions.admin.checklist import checks
from petitions.admin.pages import StatementPages
from petitions.admin.place import Place
from petitions.admin.steps import Step
from petitions.signatures import statistics
from petitions.statements.models import Statement

SHOWN = 5


@dataclass(frozen=True)
class Next:
    """What to do now, in a sentence, and where."""

    words: str | Promise
    label: str | Promise = ""
    url: str = ""


@dataclass(frozen=True)
class Coming:
    """Something with a date: an event, a closing, a publishing."""

    at: datetime
    words: str
    url: str


def next_step(place: Place) -> Next:
    """The one thing that helps this statement most now, among what this person may do."""
    statement = place.statement
    allowed = {step.name: step for step in place.steps}
    if statement.hidden_at:
        return _step(place, allowed.get("unhide"), _("It is hidden: visitors are told that it was taken down."))
    if statement.status == "draft":
        return _before_publishing(place, allowed)
    if statement.status == "scheduled":
        at = timezone.localtime(statement.published_at).strftime("%-d %B, %H:%M")
        return Next(_("It publishes itself on %(at)s. Line up people to sign in the first hour.") % {"at": at})
    late = sorted((one for one in place.waiting if one.number), key=lambda one: (one.light != "red", -one.number))
    if late and late[0].light != "green":
        one = late[0]
        words = ngettext("%(what)s: %(number)s, %(age)s.", "%(what)s: %(number)s, the %(age)s.", one.number)
        shown = {"what": one.tile.label, "number": one.shown, "age": one.words}
        return Next(words % shown, _("Look at them"), one.url)
    return _later(place, allowed)


def _before_publishing(place: Place, allowed: dict[str, Step]) -> Next:
    draft = place.statement.versions.last()
    if draft is None or not draft.words:
        text = reverse("admin:petitions_statement_change", args=[place.statement.pk])
        return Next(_("There is nothing to sign yet. Write the statement first."), _("Write it"), text)
    return _step(place, allowed.get("publish"), _("It is written. Look at it as visitors will, then publish it."))


def _later(place: Place, allowed: dict[str, Step]) -> Next:
    statement = place.statement
    if statement.days_without_answer is not None:
        words = ngettext(
            "Handed in %(number)s day ago, and no answer is recorded.",
            "Handed in %(number)s days ago, and no answer is recorded.",
            statement.days_without_answer,
        )
        return _step(place, allowed.get("outcome"), words % {"number": statement.days_without_answer})
    if statement.status == "closed" and not statement.outcome:
        return _step(place, allowed.get("hand_in"), _("It is closed. Hand it in, and tell when and to whom."))
    if place.user.has_perm("petitions.add_update"):
        address = f"{reverse('admin:petitions_update_add')}?statement={statement.pk}"
        return Next(_("Nothing waits too long. Tell those who signed how it goes."), _("Write news"), address)
    return Next(_("Nothing waits too long."))


def _step(place: Place, step: Step | None, words: str) -> Next:
    if step is None:
        return Next(words)
    return Next(words, step.label, reverse(f"admin:petitions_statement_{step.name}", args=[place.statement.pk]))


def coming(statement: Statement) -> list[Coming]:
    """What is dated and not over, the nearest first."""
    now = timezone.now()
    found = [
        Coming(event.starts_at, event.title, reverse("admin:petitions_event_change", args=[event.pk]))
        for event in statement.events.filter(starts_at__gt=now).order_by("starts_at")[:SHOWN]
    ]
    settings = reverse("admin:petitions_statement_settings", args=[statement.pk])
    if statement.published_at and statement.published_at > now:
        schedule = reverse("admin:petitions_statement_schedule", args=[statement.pk])
        found.append(Coming(statement.published_at, _("Publishes itself"), schedule))
    if statement.closes_at and statement.closes_at > now and not statement.closed_at:
        found.append(Coming(statement.closes_at, _("Closes for signing"), settings))
    return sorted(found, key=lambda one: one.at)


class OverviewMixin(StatementPages):
    """For the ModelAdmin of statements."""

    def overview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The first tab of the place."""
        statement = self._find(request, pk)
        around = self.surroundings(request, statement)
        place: Place = around["place"]
        is_out = statement.published_at is not None and statement.status != "scheduled"
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": statement,
            "title": statement.title,
            "next": next_step(place),
            "coming": coming(statement),
            "plot": statistics.plots([statement])[0] if is_out else None,
            "checks": [] if is_out else checks(statement),
            **around,
        }
        return TemplateResponse(request, "admin/petitions/statement/overview.html", context)
