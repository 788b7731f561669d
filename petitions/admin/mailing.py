"""The mail of an update: preview, numbers, a test, then start, progress and Stop. Each asks on GET and acts on POST."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMultiAlternatives
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.admin import HouseAdmin
from core.staff_request import staff
from mail import rendering
from mail.models import OutgoingEmail
from petitions import emails
from petitions.actions.models import Event
from petitions.admin.forms import PlanForm
from petitions.news import updates
from petitions.news.models import Mailing, Update

# The mail's own styles and nothing else: it runs no script and loads nothing.
MAIL_CSP = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; form-action 'none'"
read_or_post = require_http_methods(["GET", "HEAD", "POST"])


class MailsUpdates(HouseAdmin):
    """Mixed into the staff page of updates."""

    def get_urls(self) -> list[URLPattern]:
        page, shown = (self.admin_site.admin_view(view) for view in (read_or_post(self.mail), require_safe(self.html)))
        return [
            path("<int:pk>/mail/", page, name="petitions_update_mail"),
            path("<int:pk>/mail/html/", shown, name="petitions_update_mail_html"),
            *super().get_urls(),
        ]

    def mail(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Preview and numbers before sending; progress and results afterwards."""
        update = self._mailable(request, pk)
        form = PlanForm(request.POST or None)
        if request.method == "POST" and (request.POST.get("action") != "plan" or form.is_valid()):
            self._act(request, update, form)
            return redirect("admin:petitions_update_mail", pk)
        mailing = Mailing.objects.filter(update=update).first() or Mailing(update=update)
        begun = mailing.started_at is not None and mailing.started_at <= timezone.now()
        progress = updates.progress(mailing) if begun else None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": update,
            "title": _("Mail this update"),
            "mailing": mailing,
            "lately": updates.mailed_lately(update),
            "audience": updates.audience(update.statement),
            "progress": progress,
            "finished": bool(mailing.queued_at and progress and not progress.waiting),
            "is_tested": mailing.tested == updates.digest(update),
            "form": form,
            "mail": self._rendered(request, update),
            **self.surroundings(request, update),
        }
        return TemplateResponse(request, "admin/petitions/update/mail.html", context)

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

    def _act(self, request: HttpRequest, update: Update, form: PlanForm) -> None:
        action, by = request.POST.get("action"), staff(request).user
        try:
            if action == "test" and by.email:
                updates.send_test(update=update, to=by.email)
                self.message_user(request, _("A test is on its way to %(email)s.") % {"email": by.email})
            elif action == "test":
                self.message_user(request, _("Your account has no email address."), messages.ERROR)
            elif action == "start":
                updates.start(update=update, by=by)
                self.message_user(request, _("On its way. This page shows how far it has got."), messages.SUCCESS)
            elif action == "plan":
                updates.start(update=update, at=form.cleaned_data["at"], by=by)
                self.message_user(request, _("Planned. Until then you can take it back here."), messages.SUCCESS)
            elif action == "stop":
                updates.stop(update=update, by=by)
                self.message_user(request, _("Stopped. What has not gone out stays here."), messages.SUCCESS)
        except updates.MailingError as error:
            self.message_user(request, str(error), messages.ERROR)


class TellsOfChanges(HouseAdmin):
    """Mixed into the staff page of events: a change of plans asks whether to tell those who follow."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(read_or_post(self.tell))
        return [path("<int:pk>/tell/", view, name="petitions_event_tell"), *super().get_urls()]

    def response_change(self, request: HttpRequest, obj: Event) -> HttpResponse:
        may = request.user.has_perm("petitions.send_mailing")
        if may and obj.has_moved and updates.audience(obj.statement).gets:
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
            "audience": updates.audience(event.statement),
        }
        return TemplateResponse(request, "admin/petitions/event/tell.html", context)
