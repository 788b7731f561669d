"""Hand-over packs: made by the worker, downloaded for a week, and to whom each was handed."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import desk
from core.admin import AskForm, SeenFilter, choose_from
from core.encrypting import encrypted
from core.staff_request import staff
from core.text.boxes import TextBox
from exchange.admin.kept import KeptAdmin
from exchange.models import HandOver, Pack
from exchange.packs import handing, papers
from petitions.models import Statement


class PackForm(forms.Form):
    """Of what, and in which order."""

    statement = forms.ModelChoiceField(Statement.objects.none(), label=gettext_lazy("Statement"))
    order = forms.ChoiceField(
        label=gettext_lazy("Names"), choices=Pack.Order.choices, initial=Pack.Order.LETTER, widget=forms.RadioSelect,
        help_text=gettext_lazy("By place if the form asks for one; places of fewer than ten come last."),
    )  # fmt: skip


class HandOverForm(forms.ModelForm):
    """To whom it was given, and when."""

    recipient = TextBox(label=gettext_lazy("To whom"), max_length=120)
    note = TextBox(
        label=gettext_lazy("Note"), max_length=300, required=False, help_text=gettext_lazy("For yourselves.")
    )
    tells = forms.BooleanField(
        label=gettext_lazy("Say so on the statement's page"), required=False,
        help_text=gettext_lazy("It then counts the days until you record an answer."),
    )  # fmt: skip

    class Meta:
        model = HandOver
        fields = ["recipient", "handed_on", "note"]
        widgets = {"handed_on": forms.DateInput(attrs={"type": "date"})}


@admin.register(Pack)
class PackAdmin(KeptAdmin):
    """The packs of a statement, how far each is, and who was given it."""

    folder = "pack"
    list_display = ["__str__", "statement", "state", "created_by", "created_at"]
    list_filter = ["state", ("statement", SeenFilter)]
    list_select_related = ["statement", "created_by"]
    ordering = ["-pk"]

    def sealed(self, pieces: Any) -> tuple[Any, str]:
        recipient = settings.EXPORT_RECIPIENT
        return (encrypted(pieces, recipient), ".age") if recipient else (pieces, "")

    def file_name(self, asked: Pack) -> str:
        return f"{asked.statement.slug}-pack"

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None) -> HttpResponse:
        """Of which statement, in which order, why, and who asks."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        posted = request.POST if request.method == "POST" else None
        initial = self.get_changeform_initial_data(request)
        form, ask = PackForm(posted, initial=initial), AskForm(posted, request=request, asks={"reason", "password"})
        published = Statement.objects.filter(published_at__isnull=False)
        choose_from(form, "statement", desk.seen_by(request.user, published))
        if form.is_valid() and ask.is_valid():
            chosen, by = form.cleaned_data, staff(request).user
            pack = handing.start(
                statement=chosen["statement"], order=chosen["order"], why=ask.cleaned_data["reason"], by=by
            )
            return redirect("admin:exchange_pack_change", pack.pk)
        return self.drawn(request, "add", title=_("Make a hand-over pack"), form=form, ask=ask)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """How far it is; once it is done, who was given it, and a form to write that down."""
        pack = self._find(request, object_id if object_id.isdecimal() else 0, "view")
        may = request.user.has_perm("exchange.change_pack") and pack.state == Pack.State.DONE
        if request.method == "POST" and not may:
            raise PermissionDenied
        form = HandOverForm(request.POST if request.method == "POST" else None) if may else None
        may_tell = may and request.user.has_perm("petitions.publish_statement")
        if form is not None and not may_tell:
            del form.fields["tells"]
        if form is not None and form.is_valid():
            chosen = {"tells": False, **form.cleaned_data}
            handing.record(pack=pack, by=staff(request).user, **chosen)
            self.message_user(request, _("It is written down."), messages.SUCCESS)
            return redirect("admin:exchange_pack_change", pack.pk)
        shown = pack.hand_overs.select_related("created_by")
        return self.told(request, pack, form=form, hand_overs=shown, proof=papers.address(pack))
