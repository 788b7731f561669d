"""Leaving for good, on the desk: where old addresses lead now, and erasing everything once its name is typed."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import AskForm
from core.http import no_store
from core.staff_request import staff
from core.text.boxes import TextBox
from exchange.admin.kept import KeptAdmin
from exchange.leaving import erasing, redirects
from exchange.models import Archive
from petitions.models import Statement
from publishers.models import Publisher

FILES: dict[str, tuple[str, Callable[..., Iterator[bytes]]]] = {
    "csv": ("redirects.csv", redirects.as_csv),
    "nginx": ("redirects.map", redirects.as_nginx),
}


class LeaveForm(forms.Form):
    """Who leaves, and where to."""

    publisher = forms.ModelChoiceField(
        Publisher.objects.all(), required=False, label=gettext_lazy("Publisher"),
        help_text=gettext_lazy("Empty: the whole site."),
    )  # fmt: skip
    to = TextBox(
        max_length=200, label=gettext_lazy("Where it is now"),
        help_text=gettext_lazy("Such as https://sign.example.org. Old addresses lead there."),
    )  # fmt: skip

    def clean_to(self) -> str:
        """The address of the new site."""
        try:
            return redirects.clean_origin(self.cleaned_data["to"])
        except redirects.NoOrigin as error:
            raise forms.ValidationError(str(error)) from error


class NameForm(AskForm):
    """What is erased, typed once more; why, and who asks."""

    name = TextBox(max_length=200, label=gettext_lazy("Its name, to erase it"))
    field_order = ("name", "reason", "password")


class LeaveMixin(KeptAdmin):
    """The page, for the ModelAdmin of archives."""

    def leave(self, request: HttpRequest) -> HttpResponseBase:
        """Files of redirects at once; erasing with name, reason and password, after an archive was written."""
        if not (self.has_add_permission(request) and request.user.has_perm("petitions.view_every_statement")):
            raise PermissionDenied
        posted = request.POST if request.method == "POST" else None
        form = LeaveForm(posted)
        erases = posted is not None and posted.get("action") == "erase"
        ask = NameForm(posted if erases else None, request=request, asks={"name", "reason", "password"})
        certificate = None
        if posted is not None and form.is_valid() and not erases:
            return self._file(form, posted.get("action", ""))
        if erases and form.is_valid() and ask.is_valid():
            certificate = self._erased(request, form, ask)
        return self.drawn(request, "leave", title=_("Leave for good"), form=form, ask=ask, certificate=certificate,
                          site=erasing.name_of(None))  # fmt: skip

    def _file(self, form: LeaveForm, action: str) -> HttpResponseBase:
        name, write = FILES.get(action, FILES["csv"])
        chosen = form.cleaned_data["publisher"]
        statements = Statement.objects.order_by("pk")
        own = list(statements.filter(publisher=chosen) if chosen else statements)
        response = StreamingHttpResponse(
            write(own, to=form.cleaned_data["to"]), content_type="text/plain; charset=utf-8"
        )
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return no_store(response)

    def _erased(self, request: HttpRequest, form: LeaveForm, ask: NameForm) -> erasing.Certificate | None:
        since = Now() - timedelta(days=settings.ARCHIVE_DAYS)
        if not Archive.objects.filter(state=Archive.State.DONE, statement=None, created_at__gte=since).exists():
            ask.add_error(None, _("Have an archive of the whole site written first, and take it away."))
            return None
        typed, why = ask.cleaned_data["name"], ask.cleaned_data["reason"]
        try:
            by = staff(request).user
            return erasing.erase(publisher=form.cleaned_data["publisher"], typed=typed, why=why, by=by)
        except erasing.NotLeaving as error:
            ask.add_error("name", str(error))
            return None
