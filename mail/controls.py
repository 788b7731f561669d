"""The button on the set-up page that sends a test."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core import controls
from core.staff_request import staff
from mail import outbox
from mail.models import OutgoingEmail


@controls.page("set-up/test-mail/", name="set_up_test_mail")
@require_POST
def send_test(request: HttpRequest) -> HttpResponse:
    """Queue a test mail to the member of staff who asked for it."""
    if not request.user.has_perm("core.change_switch"):
        raise PermissionDenied
    person = staff(request).user
    if not person.email:
        messages.error(request, _("Your log-in has no e-mail address. Add one first."))
    else:
        lane = OutgoingEmail.Lane.CONFIRM
        outbox.queue(kind="staff_test", recipient=person.email, lane=lane, context={})
        messages.success(request, _("Sent to %(email)s. Did it arrive? Look in spam, too.") % {"email": person.email})
    return redirect("admin:set_up")
