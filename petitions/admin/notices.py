"""Telling people of a new privacy notice, from the desk: who is told and what, and one button that is asked about."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from core import controls
from core.http import no_store
from core.staff_request import staff
from core.text.boxes import TextBox
from core.text.kinds import PROSE
from petitions.signatures import notices

PERMISSION = "petitions.tell_of_notice"


class TellForm(forms.Form):
    """What changed, and that it is meant."""

    words = TextBox(
        kind=PROSE,
        label=gettext_lazy("What changed"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60, "class": "vLargeTextField"}),
        help_text=gettext_lazy("In plain words; it stands in the mail."),
    )
    sure = forms.BooleanField(
        label=gettext_lazy("Send it to all of them. It can’t be called back, and goes once for this notice."),
        error_messages={"required": gettext_lazy("Tick the box if they are all to be written to.")},
    )


@controls.page("privacy-notice/", name="tell_of_notice")
@require_http_methods(["GET", "HEAD", "POST"])
def tell(request: HttpRequest) -> HttpResponse:
    """How many were told another notice; the mail to them, or how far it is."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    sent = notices.mailing()
    form = TellForm(request.POST if request.method == "POST" and not sent else None)
    if form.is_valid():
        _tell(request, form.cleaned_data["words"])
        return no_store(redirect("admin:tell_of_notice"))
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": _("Tell of the new privacy notice"),
        "sent": sent,
        "affected": 0 if sent else notices.affected(),
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return no_store(TemplateResponse(request, "admin/petitions/notice.html", context, status=status))


def _tell(request: HttpRequest, words: str) -> None:
    try:
        notices.tell(words=words, by=staff(request).user)
    except notices.AlreadyTold:
        messages.warning(request, _("Somebody has sent it already."))
    except notices.NobodyToTell:
        messages.warning(request, _("There is nobody to tell."))
    else:
        messages.success(request, _("The mail is on its way."))
