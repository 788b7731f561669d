"""Forms of the desk that say in a sentence what the database refuses, also where their own checks do not see it.

Django proves a constraint in a form only if all its columns are in it. Staff who type a closing time before the time of
publishing, which the form does not have, would meet an error page.
"""

from typing import Any

import psycopg
from django.apps import apps
from django.contrib import admin
from django.db import IntegrityError, transaction
from django.db.models import BaseConstraint
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse

SAID = "database_said"


class ProvingAdmin(admin.ModelAdmin):
    """A ModelAdmin whose forms come back with the sentence of the constraint that the database found violated."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Django's view; if the database refuses what the form took, the same form with the reason."""
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            with transaction.atomic():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError as error:
            said = sentence_of(error)
            if not said:
                raise
        request.__dict__[SAID] = said
        for _name, files in request.FILES.lists():
            for file in files:
                file.seek(0)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> type[ModelForm]:
        """Django's form, which knows what the database has said to it before."""
        form: type[ModelForm] = super().get_form(request, obj, change=change, **kwargs)
        said = request.__dict__.get(SAID)
        return type(form.__name__, (_Refused, form), {"said": said}) if said else form


class _Refused(ModelForm):
    """Adds the reason when the form's own checks have found nothing."""

    said = ""

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # the stubs leave it out
        if not self.errors:
            self.add_error(None, self.said)


def sentence_of(error: IntegrityError) -> str:
    """What the violated constraint says to people, or nothing."""
    cause = error.__cause__
    name = cause.diag.constraint_name if isinstance(cause, psycopg.Error) else ""
    found = next((one for model in apps.get_models() for one in model._meta.constraints if one.name == name), None)
    silent = {None, BaseConstraint.default_violation_error_message}
    return str(found.get_violation_error_message()) if found and found.violation_error_message not in silent else ""
