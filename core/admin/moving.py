"""Old addresses that lead to new ones: of statements that were renamed, and of a site that was here before."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import redirects, resolver
from core.admin.base import HouseAdmin
from core.models import STAY_HERE, STAYS_HERE, Redirect
from core.staff_request import staff


class RedirectForm(forms.ModelForm):
    """An old address, and the page of this site that it leads to."""

    class Meta:
        model = Redirect
        fields = ["path", "target"]

    def clean_path(self) -> str:
        """Refuse the address of a page: that page would be shown, and not what it leads to."""
        path = self.cleaned_data["path"]
        found = [_page(path + slash) for slash in ("", "/")]
        if any(match and not resolver.captured(match) for match in found):  # a slug may well be an old one
            raise forms.ValidationError(_("A page of this site stands there, and would be shown instead."))
        return path

    def clean_target(self) -> str:
        """Refuse a target that this site has no page for."""
        target = self.cleaned_data["target"].strip().removeprefix(settings.ORIGIN)
        if re.search(STAYS_HERE, target) is None:
            raise forms.ValidationError(STAY_HERE)
        if _page(target.partition("?")[0].partition("#")[0]) is None:
            raise forms.ValidationError(_("This site has no such page."))
        return target

    def clean(self) -> dict[str, Any]:
        """Refuse a circle, which the database refuses as well."""
        data = super().clean() or self.cleaned_data
        if data.get("path") and redirects.ends(data.get("target", "")) == data["path"]:
            raise forms.ValidationError(redirects.IN_A_CIRCLE)
        return data


def _page(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:
        return None


@admin.register(Redirect)
class RedirectAdmin(HouseAdmin):
    """Redirects. Deleting one breaks the links that people have kept."""

    form = RedirectForm
    list_display = ["path", "target", "created_at"]
    search_fields = ["path", "target"]
    search_help_text = gettext_lazy("Part of the old or the new address.")
    readonly_fields = ["created_at"]

    def save_model(self, request: HttpRequest, obj: Redirect, form: forms.ModelForm, change: bool) -> None:
        """Save it; a loop with a redirect added meanwhile is reported."""
        try:
            redirects.keep(redirect=obj, by=staff(request).user)
        except redirects.InACircle as error:
            self.message_user(request, str(error), messages.ERROR)

    def get_readonly_fields(self, request: HttpRequest, obj: Redirect | None = None) -> list[str]:
        """The old address is read-only; its target may change."""
        return [*self.readonly_fields, *(["path"] if obj else [])]
