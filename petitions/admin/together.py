"""Asking other publishers of the site to publish a statement together: who was asked, and what they answered."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import choose_from
from core.staff_request import staff
from core.text.boxes import TextBox
from petitions.admin.pages import StatementPages
from petitions.signatures import joint_figures
from petitions.statements import copublishing
from petitions.statements.models import Statement
from publishers.models import Publisher

PERMISSION = "publish_statement"


class AskPublisherForm(forms.Form):
    """Whom to ask, and a line for them."""

    publisher = forms.ModelChoiceField(label=gettext_lazy("Publisher"), queryset=Publisher.objects.none())
    note = TextBox(
        label=gettext_lazy("A line from you"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, statement: Statement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = statement.copublishers.filter(ended_at=None).values("publisher")
        others = Publisher.objects.exclude(pk=statement.publisher_id or 0).exclude(pk__in=there)
        choose_from(self, "publisher", others)
        self.has_somebody = others.exists()


class TogetherMixin(StatementPages):
    """For the ModelAdmin of statements."""

    def together(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Who publishes it, and the form; POST asks another, or takes an invitation back."""
        statement, by = self._find(request, pk, PERMISSION), staff(request).user
        posted = request.POST if request.method == "POST" else None
        is_asking = posted is not None and "invite" in posted
        form = AskPublisherForm(posted if is_asking else None, statement=statement)
        if is_asking and form.is_valid():
            self._try_joint(
                request,
                lambda: copublishing.invite(statement=statement, by=by, **form.cleaned_data),
                _("They are asked by mail, and answer on their desk."),
            )
            return redirect(request.path)
        if posted is not None and not is_asking:
            number = posted.get("withdraw", "")
            row = get_object_or_404(statement.copublishers, pk=number if number.isdecimal() else 0)
            self._try_joint(request, lambda: copublishing.withdraw(copublisher=row, by=by), _("Taken back."))
            return redirect(request.path)
        rows = statement.copublishers.select_related("publisher", "invited_by")
        context = {
            "title": _("Publish together"),
            "form": form if form.has_somebody else None,
            "rows": rows,
            "shares": joint_figures.of(statement) if rows.exclude(accepted_at=None).exists() else [],
        }
        page = self._page(request, "together", statement, **context)
        page.status_code = HTTPStatus.UNPROCESSABLE_ENTITY if is_asking else HTTPStatus.OK
        return page

    def _try_joint(self, request: HttpRequest, verb: Any, done: str) -> None:
        try:
            verb()
        except copublishing.CopublishingError as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, done)
