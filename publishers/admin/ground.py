"""“On what ground” on the desk: an administrator chooses, with a reason; notice and forms follow at once."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from core import controls
from core.http import no_store
from core.staff_request import staff
from core.text.boxes import TextBox
from core.text.kinds import PROSE
from publishers import bases, grounding, staffing
from publishers.admin.documents import publisher_of
from publishers.models import Publisher

PERMISSION = "publishers.choose_basis"
WIDE = forms.TextInput(attrs={"class": "vTextField"})


class GroundForm(forms.Form):
    """The ground, what it needs besides, and why."""

    basis = forms.ChoiceField(label=gettext_lazy("The ground"), choices=bases.CHOICES, widget=forms.RadioSelect)
    law = TextBox(
        label=gettext_lazy("The law that gives the task"),
        max_length=200,
        required=False,
        widget=WIDE,
        help_text=gettext_lazy(
            "Only for a public task. The notice names it, such as “Local Government Act 1972, s 111”."
        ),
    )
    joint = TextBox(
        kind=PROSE,
        label=gettext_lazy("Who answers together with you"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60, "class": "vLargeTextField"}),
        help_text=gettext_lazy("One a line: a name, and how to reach them. Empty: you alone (Article 26)."),
    )
    children = TextBox(
        label=gettext_lazy("A line for children"),
        max_length=300,
        required=False,
        widget=WIDE,
        help_text=gettext_lazy("Beside the button and in the notice, such as “Under 13? Ask a parent first.”"),
    )
    reason = TextBox(
        label=gettext_lazy("Why"),
        max_length=120,
        widget=WIDE,
        help_text=gettext_lazy("It stays in the record, such as “Decided by the committee on 3 May”."),
    )


def _kept(publisher: Publisher) -> dict[str, str]:
    return {
        "basis": publisher.basis,
        "law": publisher.basis_law,
        "joint": publisher.joint_controllers,
        "children": publisher.children_words,
    }


@controls.page("legal-ground/", name="ground")
@require_http_methods(["GET", "HEAD", "POST"])
def ground(request: HttpRequest) -> HttpResponse:
    """Choose it."""
    publisher = publisher_of(request)
    if not staffing.may(request.user, PERMISSION, publisher.pk):
        raise PermissionDenied
    form = GroundForm(request.POST if request.method == "POST" else None, initial=_kept(publisher))
    if form.is_valid() and _chosen(request, publisher, form):
        messages.success(request, _("Kept. The privacy notice and the forms say so from now on."))
        return no_store(redirect(f"{reverse('admin:documents')}?of={publisher.slug}"))
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": _("On what ground"),
        "publisher": publisher,
        "form": form,
        "bases": bases.BASES.values(),
    }
    status = 422 if form.is_bound else 200
    return no_store(TemplateResponse(request, "admin/publishers/ground.html", context, status=status))


def _chosen(request: HttpRequest, publisher: Publisher, form: GroundForm) -> bool:
    typed = dict(form.cleaned_data)
    try:
        grounding.choose(publisher=publisher, why=typed.pop("reason"), by=staff(request).user, **typed)
    except grounding.Ungrounded as refused:
        form.add_error(refused.field, str(refused))
        return False
    return True
