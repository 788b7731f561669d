"""The mail of an update: whom it is for, preview, a test, then start, progress, Pause and Stop. GET asks, POST acts."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMultiAlternatives
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from core.admin import HouseAdmin
from core.http import no_store
from core.staff_request import staff
from mail import rendering
from mail.models import OutgoingEmail
from petitions import emails
from petitions.actions.models import Event
from petitions.admin import aiming
from petitions.admin.aiming import AimForm
from petitions.admin.forms import PlanForm
from petitions.news import results, segments, updates
from petitions.news.models import Mailing, Update

# The mail's own styles and nothing else: it runs no script and loads nothing.
MAIL_CSP = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; form-action 'none'"
OTHERS = {"pause": updates.pause, "resume": updates.resume, "stop": updates.stop}
DONE = {
    "aim": gettext_lazy("Kept. It goes to whom you chose."),
    "start": gettext_lazy("On its way. This page shows how far it has got."),
    "plan": gettext_lazy("Planned. Until then you can take it back here."),
    "pause": gettext_lazy("Paused. Nothing more goes out until you press “Go on”."),
    "resume": gettext_lazy("It goes on."),
    "stop": gettext_lazy("Stopped. What has not gone out stays here."),
}
read_or_post = require_http_methods(["GET", "HEAD", "POST"])


class MailsUpdates(HouseAdmin):
    """Mixed into the staff page of updates."""

    def get_urls(self) -> list[URLPattern]:
        views = read_or_post(self.mail), require_safe(self.html), require_safe(self.count)
        page, shown, count = (self.admin_site.admin_view(view) for view in views)
        return [
            path("<int:pk>/mail/count/", count, name="petitions_update_mail_count"),
            path("<int:pk>/mail/", page, name="petitions_update_mail"),
            path("<int:pk>/mail/html/", shown, name="petitions_update_mail_html"),
            *super().get_urls(),
        ]

    def mail(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Preview and numbers before sending; progress and results afterwards."""
        update = self._mailable(request, pk)
        mailing = Mailing.objects.filter(update=update).first() or Mailing(update=update)
        asked = request.POST if request.method == "POST" else None
        plan, aim = PlanForm(asked), AimForm(asked, update=update, mailing=mailing)
        if request.method == "POST" and self._is_complete(request, mailing, plan, aim):
            self._act(request, update, plan, aim)
            return redirect("admin:petitions_update_mail", pk)
        progress = results.progress(mailing) if mailing.has_begun else None
        audience = segments.audience(update.statement, mailing)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": update,
            "title": _("Mail this update"),
            "mailing": mailing,
            "lately": updates.mailed_lately(update),
            "audience": audience,
            "who": aiming.words(audience),
            "people": aiming.people(audience.gets),
            "progress": progress,
            "finished": bool(mailing.queued_at and progress and not progress.waiting),
            "is_tested": mailing.tested == updates.digest(update, mailing),
            "plan": plan if request.POST.get("action") == "plan" else PlanForm(),
            "aim": aim,
            "mail": (mail := self._rendered(request, update)),
            "mail_from": rendering.from_of(mail),
            **self.surroundings(request, update),
        }
        return TemplateResponse(request, "admin/petitions/update/mail.html", context)

    def count(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How many would get it, of a choice that is not saved."""
        update = self._mailable(request, pk)
        aim = AimForm(request.GET, update=update, mailing=Mailing(update=update))
        if not aim.is_valid():
            return no_store(
                JsonResponse({"words": " ".join(str(one) for errors in aim.errors.values() for one in errors)})
            )
        found = segments.audience(update.statement, aim.segment)
        return no_store(JsonResponse({"words": aiming.words(found), "people": aiming.people(found.gets)}))

    def _is_complete(self, request: HttpRequest, mailing: Mailing, plan: PlanForm, aim: AimForm) -> bool:
        """Whether what was pressed has what it needs; a mail that has begun is chosen for no more."""
        if request.POST.get("action") == "plan" and not plan.is_valid():
            return False
        return mailing.started_at is not None or aim.is_valid()

    def html(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The mail's HTML part alone, as a mail program shows it: with its own styles, without scripts or pictures."""
        response = HttpResponse(rendering.html_of(self._rendered(request, self._mailable(request, pk))))
        response["Content-Security-Policy"] = MAIL_CSP
        response["X-Frame-Options"] = "SAMEORIGIN"
        return response

    def _rendered(self, request: HttpRequest, update: Update) -> EmailMultiAlternatives:
        """The mail that somebody who signed today would get."""
        to = staff(request).user.email or update.statement.who.contact_email
        row = OutgoingEmail(kind="update", recipient=to, uuid=uuid.uuid4())
        return rendering.render(row, emails.news_for_staff(update, to, is_test=False))

    def _mailable(self, request: HttpRequest, pk: int) -> Update:
        update = self.get_object(request, str(pk))
        if update is None:
            raise Http404
        if not self.has_change_permission(request, update) or not request.user.has_perm("petitions.send_mailing"):
            raise PermissionDenied
        return update

    def _act(self, request: HttpRequest, update: Update, plan: PlanForm, aim: AimForm) -> None:
        action, by = request.POST.get("action"), staff(request).user
        try:
            if action in {"aim", "test", "start", "plan"} and aim.is_valid():
                updates.aim(update=update, by=by, **aim.cleaned_data)
            if action == "test":
                self._test(request, update, by.email)
            elif action in {"start", "plan"}:
                updates.start(update=update, at=plan.cleaned_data["at"] if action == "plan" else None, by=by)
            elif action in OTHERS:
                OTHERS[action](update=update, by=by)
            if action in DONE:
                self.message_user(request, str(DONE[action]), messages.SUCCESS)
        except updates.MailingError as error:
            self.message_user(request, str(error), messages.ERROR)

    def _test(self, request: HttpRequest, update: Update, address: str) -> None:
        if not address:
            self.message_user(request, _("Your account has no email address."), messages.ERROR)
            return
        updates.send_test(update=update, to=address)
        self.message_user(request, _("A test is on its way to %(address)s.") % {"address": address})


class TellsOfChanges(HouseAdmin):
    """Mixed into the staff page of events: a change of plans asks whether to tell those who follow."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(read_or_post(self.tell))
        return [path("<int:pk>/tell/", view, name="petitions_event_tell"), *super().get_urls()]

    def response_change(self, request: HttpRequest, obj: Event) -> HttpResponse:
        may = request.user.has_perm("petitions.send_mailing")
        if may and obj.has_moved and segments.audience(obj.statement).gets:
            return redirect("admin:petitions_event_tell", obj.pk)
        return super().response_change(request, obj)

    def tell(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask; on POST write the news and lead to its mail."""
        event = self.get_object(request, str(pk))
        if event is None:
            raise Http404
        if not self.has_change_permission(request, event) or not request.user.has_perm("petitions.send_mailing"):
            raise PermissionDenied
        if request.method == "POST":
            update = updates.announce_change(event=event, by=staff(request).user)
            return redirect("admin:petitions_update_mail", update.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": event,
            "title": _("The plans have changed"),
            "audience": segments.audience(event.statement),
        }
        return TemplateResponse(request, "admin/petitions/event/tell.html", context)
