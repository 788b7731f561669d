"""Names of organisations that a campaigner enters in one go."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core import desk
from core.admin import HouseAdmin
from core.staff_request import staff
from organisations import entering
from organisations.admin.forms import EnterForm
from organisations.models import Endorsement
from petitions.models import Statement


class EnterMixin(HouseAdmin):
    """For the ModelAdmin of endorsements."""

    def enter(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Names that are pasted, listed at once as entered by staff; also for a draft."""
        if not request.user.has_perm("organisations.change_endorsement"):
            raise PermissionDenied
        statement = get_object_or_404(desk.seen_by(request.user, Statement.objects.all()), pk=pk)
        form = EnterForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            typed = form.cleaned_data
            try:
                done = entering.enter(
                    statement=statement,
                    names=typed["names"],
                    kind=typed["kind"],
                    initial=typed["initial_ones"],
                    by=staff(request).user,
                )
            except entering.NoText:
                form.add_error(None, _("There is no text yet to stand behind. Write the statement first."))
            else:
                self._tell_entered(request, done)
                return redirect(request.path)
        title = _("Organisations behind “%(statement)s”") % {"statement": statement}
        listed = Endorsement.objects.listed().filter(statement=statement).order_by("-is_initial", "position", "pk")
        context = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, "form": form}
        context |= {"listed": listed[:100], **self.surroundings(request, statement)}
        page = TemplateResponse(request, "admin/organisations/endorsement/enter.html", context)
        page.status_code = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
        return page

    def _tell_entered(self, request: HttpRequest, done: entering.Entered) -> None:
        number = len(done.listed)
        words = ngettext("%(number)s organisation is listed.", "%(number)s organisations are listed.", number)
        self.message_user(request, words % {"number": number}, messages.SUCCESS)
        for names, said in [
            (done.there, _("On the list already: %(names)s")),
            (done.taken_back, _("Their representatives took their support back here: %(names)s")),
        ]:
            if names:
                self.message_user(request, said % {"names": ", ".join(names)}, messages.WARNING)
