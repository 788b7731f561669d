"""The mail of an update: preview, numbers, a test, then start, progress and Stop. Each asks on GET and acts on POST."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from core import richtext
from petitions import updates
from petitions.models import Event, Mailing, Update

read_or_post = require_http_methods(["GET", "HEAD", "POST"])


class MailsUpdates:
    """Mixed into the staff page of updates."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(read_or_post(self.mail))
        return [path("<int:pk>/mail/", view, name="petitions_update_mail"), *super().get_urls()]

    def mail(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Everything to know before pressing Send, and what became of it afterwards."""
        update = self._mailable(request, pk)
        if request.method == "POST":
            self._act(request, update)
            return redirect("admin:petitions_update_mail", pk)
        mailing = Mailing.objects.filter(update=update).first() or Mailing(update=update)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": update,
            "title": "Mail this update",
            "mailing": mailing,
            "audience": updates.audience(update.statement),
            "progress": updates.progress(mailing) if mailing.started_at else None,
            "is_tested": mailing.tested == updates.digest(update),
            "text": render_to_string("emails/update.txt", self._preview(update)),
        }
        return TemplateResponse(request, "admin/petitions/update/mail.html", context)

    def _preview(self, update: Update) -> dict[str, Any]:
        return {
            "update": update,
            "statement": update.statement,
            "text": richtext.plain_text(update.body),
            "signed_at": update.statement.published_at,
            "update_url": update.get_absolute_url(),
            "statement_url": update.statement.get_absolute_url(),
            "stop_url": "(each reader's own link)",
        }

    def _mailable(self, request: HttpRequest, pk: int) -> Update:
        update = self.get_object(request, str(pk))
        if update is None:
            raise Http404
        if not self.has_change_permission(request, update) or not request.user.has_perm("petitions.send_mailing"):
            raise PermissionDenied
        return update

    def _act(self, request: HttpRequest, update: Update) -> None:
        action = request.POST.get("action")
        try:
            if action == "test" and request.user.email:
                updates.send_test(update=update, to=request.user.email)
                self.message_user(request, f"A test is on its way to {request.user.email}.")
            elif action == "test":
                self.message_user(request, "Your account has no email address.", messages.ERROR)
            elif action == "start":
                updates.start(update=update, by=request.user)
                self.message_user(request, "On its way. This page shows how far it has got.", messages.SUCCESS)
            elif action == "stop":
                updates.stop(update=update, by=request.user)
                self.message_user(request, "Stopped. What has not gone out stays here.", messages.SUCCESS)
        except updates.MailingError as error:
            self.message_user(request, str(error), messages.ERROR)


class TellsOfChanges:
    """Mixed into the staff page of events: a change of plans asks whether to tell those who follow."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(read_or_post(self.tell))
        return [path("<int:pk>/tell/", view, name="petitions_event_tell"), *super().get_urls()]

    def response_change(self, request: HttpRequest, obj: Event) -> HttpResponse:
        may = request.user.has_perm("petitions.send_mailing")
        if may and getattr(obj, "has_moved", False) and updates.audience(obj.statement).gets:
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
            update = updates.announce_change(event=event, by=request.user)
            return redirect("admin:petitions_update_mail", update.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": event,
            "title": "The plans have changed",
            "audience": updates.audience(event.statement),
        }
        return TemplateResponse(request, "admin/petitions/event/tell.html", context)
