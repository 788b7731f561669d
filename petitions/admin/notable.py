"""Who stands first among the public names, and in which order: one page with a number for each."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from core import query, search
from core.staff_request import staff
from petitions.admin.pages import StatementPages
from petitions.signatures import notable
from petitions.signatures.models import Signature
from petitions.statements.models import Statement

FOUND = 20
LONGEST_SEARCH = 60


class NotableForm(forms.Form):
    """A number for each; without one they stand among all others."""

    def __init__(self, *args: Any, people: list[Signature], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in people:
            self.fields[str(one.pk)] = forms.IntegerField(
                label=one.name,
                min_value=1,
                max_value=999,
                required=False,
                initial=one.position or None,
                help_text=one.affiliation,
            )

    @property
    def order(self) -> dict[int, int]:
        """The places that were typed, by row id."""
        return {int(name): place for name, place in self.cleaned_data.items() if place}


class NotableMixin(StatementPages):
    """For the ModelAdmin of statements."""

    def notable(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Those who stand first, and whom one looks for (`?q=`); POST keeps their places."""
        statement = self._find(request, pk, "change_statement")
        words = query.text(request, "q")[:LONGEST_SEARCH]
        people = _first(statement) + _found(statement, words)
        form = NotableForm(request.POST if request.method == "POST" else None, people=people)
        if form.is_valid():
            try:
                notable.arrange(statement=statement, order=form.order, by=staff(request).user)
            except notable.NotShown:
                form.add_error(None, _("Somebody here no longer shows their name. Look again."))
            except notable.TooMany:
                form.add_error(None, _("At most %(most)s can stand first.") % {"most": notable.MOST})
            else:
                self.message_user(request, _("Kept. Readers see them in this order."), messages.SUCCESS)
                return redirect(request.path)
        page = self._page(request, "notable", statement, title=_("Who stands first"), form=form, q=words)
        page.status_code = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
        return page


def _first(statement: Statement) -> list[Signature]:
    rows = Signature.objects.named().filter(statement=statement, position__gt=0)
    return list(rows.order_by("position", "pk"))


def _found(statement: Statement, words: str) -> list[Signature]:
    rows = Signature.objects.named().filter(statement=statement, position=0)
    return list(search.found(rows, ["name"], words)[:FOUND]) if words else []
