"""Saying that one comes to an event, the page that waits for the mail, and a person's own page."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core import tokens
from core.encoding import same_for_all
from core.http import no_store
from core.network import ip_key
from petitions.actions import attending, events, holding
from petitions.actions.forms import ComingForm
from petitions.actions.models import Attendance, Event
from submissions import own_links
from submissions.waiting import WaitingPage


class ComingWaiting(WaitingPage):
    """What waits for the mail of somebody who comes."""

    kind_name, purpose, url_name = attending.KIND, "coming-waiting", "coming_check_email"
    template = "petitions/coming_check_email.jinja"

    def change_url(self) -> str:
        return reverse("coming", args=[self.subject.slug])


@require_http_methods(["GET", "HEAD", "POST"])
def coming(request: HttpRequest, slug: str) -> HttpResponse:
    """The form alone; POST asks, and leads to the waiting page."""
    event = events.find(slug)
    if request.method != "POST":
        return same_for_all(_form_page(request, event, ComingForm(event=event), 200))
    form = ComingForm(request.POST, event=event)
    if not form.is_valid():
        return _form_page(request, event, form, 422)
    try:
        asked = attending.come(event=event, ip_key=ip_key(request), **form.typed)
    except attending.NobodyAsked:
        return _form_page(request, event, form, 409)
    return ComingWaiting.lead(event, email=form.cleaned_data["email"], asked=asked)


def _form_page(request: HttpRequest, event: Event, form: ComingForm, status: int) -> HttpResponse:
    context = {
        "event": event,
        "statement": event.statement,
        "form": form,
        "closed": status == 409 or not event.asks_who_comes,
    }
    return no_store(render(request, "petitions/coming.jinja", context, status=status))


@require_http_methods(["GET", "HEAD", "POST"])
def check_email(request: HttpRequest, slug: str) -> HttpResponse:
    """The page that waits for the mail."""
    return ComingWaiting.answer(request, events.find(slug))


@tokens.answers(attending.MANAGE)
def manage(request: HttpRequest, token: str, ids: tuple[int, ...]) -> HttpResponse:
    """A person's own page: how it stands, and the button that takes it back.

    Whoever may only have typed the address (a second id of 0 says so) is thanked, and reads and changes nothing.
    """
    attendance = Attendance.objects.select_related("event__statement").filter(pk=ids[0]).first()
    if attendance is None:
        return tokens.unknown(request)
    waits = ids[1:] == (0,)
    if not waits and not own_links.is_newest(attendance, ids):
        return tokens.replaced(request)
    done = "" if waits or request.method != "POST" else _press(attendance, request.POST.get("action", ""))
    attendance.refresh_from_db()
    context = {
        "statement": attendance.event.statement,
        "event": attendance.event,
        "thanks": waits,
        "done": done,
        "minutes": settings.WITHDRAWN_MINUTES,
    }
    if not waits:
        context |= {"attendance": attendance, "said": holding.said(attendance), "acts": holding.acts(attendance)}
    return render(request, "petitions/attendance.jinja", context)


def _press(attendance: Attendance, action: str) -> str:
    """Which button was pressed, once what it says is done."""
    if verb := {"withdraw": attending.withdraw, "put_back": attending.put_back}.get(action):
        return action if verb(attendance_id=attendance.pk) else ""
    numbered = {"attendance_id": attendance.pk, "link_number": attendance.link_number}
    return action if action == "new_link" and attending.renew_link(**numbered) else ""
