"""Reading an archive on the desk: tried first, then read, all of it or nothing."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import AskForm
from core.staff_request import staff
from exchange import files
from exchange.admin.kept import KeptAdmin
from exchange.archive import reading
from exchange.files import Looks, Unreadable

LARGEST = 32 * 1024**2  # bytes of an archive that is read while somebody waits
NO_ARCHIVE = gettext_lazy("This is no archive. Lists are brought in under Imports.")


class ReadForm(forms.Form):
    """Which archive, and whether it is only tried."""

    file = forms.FileField(
        label=gettext_lazy("Archive"),
        help_text=gettext_lazy("At most 32 MB. Larger ones are read on the server with `undersigned import`."),
    )
    only_try = forms.BooleanField(
        label=gettext_lazy("Only try it, and keep nothing"), required=False, initial=True,
        help_text=gettext_lazy("Everything is read and proved, and you see what would come in."),
    )  # fmt: skip


class ReadMixin(KeptAdmin):
    """The page that reads one, for the ModelAdmin of archives."""

    def read(self, request: HttpRequest) -> HttpResponse:
        """Choose it, say why and who you are."""
        may_all = request.user.has_perm("petitions.view_every_statement")
        if not (self.has_add_permission(request) and may_all):
            raise PermissionDenied
        posted = request.POST if request.method == "POST" else None
        form = ReadForm(posted, request.FILES or None)
        ask = AskForm(posted, request=request, asks={"reason", "password"})
        report = self._read(request, form) if form.is_valid() and ask.is_valid() else None
        return self.drawn(request, "read", title=_("Read an archive"), form=form, ask=ask, report=report)

    def _read(self, request: HttpRequest, form: ReadForm) -> reading.Report | None:
        file, only_try = form.cleaned_data["file"], form.cleaned_data["only_try"]
        try:
            if files.look(file, most=LARGEST) != Looks.ARCHIVE:
                raise Unreadable(NO_ARCHIVE)
            report = reading.read(file, dry_run=only_try, by=staff(request).user)
        except Unreadable as unreadable:
            form.add_error("file", str(unreadable))
            return None
        said = _("It would come in as the table says. Nothing was kept.") if only_try else _("It is in.")
        self.message_user(request, said, messages.SUCCESS)
        return report
