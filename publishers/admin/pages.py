"""Pages that a publisher writes, on the desk."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import ForeignKey, Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from core import redirects
from core.admin import HouseAdmin
from core.staff_request import staff
from publishers import writing
from publishers.admin.forms import PageForm
from publishers.models import Page, Publisher


@admin.register(Page)
class PageAdmin(HouseAdmin):
    """About, Press, anything; public once somebody says so."""

    form = PageForm
    list_display = ["title", "slug", "is_public", "in_menu", "changed_at"]
    search_fields = ["title", "slug"]
    search_help_text = gettext_lazy("Part of the title or of the address.")
    readonly_fields = ["old_addresses"]
    actions = None

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """Who may not publish does not see the box for it."""
        public = ["is_public"] if request.user.has_perm("publishers.publish_page") else []
        old = ["old_addresses"] if obj else []
        return ["publisher", "title", "slug", *old, "summary", "body", "language", "in_menu", *public]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Page | None = None) -> dict[str, Sequence[str]]:
        return {} if obj or not self.has_add_permission(request) else {"slug": ["title"]}

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: object
    ) -> forms.ModelChoiceField | None:
        """The publisher, which is the first unless somebody says another."""
        kwargs.setdefault("initial", Publisher.objects.first())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Page | None = None) -> bool:
        """Only what nobody can read: a public page is taken off the site first."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.published_at is None)

    def view_on_site(self, obj: Page) -> str | None:
        """The public page, when there is one."""
        return obj.get_absolute_url() if obj.published_at else None

    def save_model(self, request: HttpRequest, obj: Page, form: forms.ModelForm, change: bool) -> None:
        """Store it and publish it through their verbs."""
        by = staff(request).user
        try:
            writing.save(page=obj, by=by)
        except writing.PageError as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        wanted = form.cleaned_data.get("is_public", bool(obj.published_at))
        if wanted != bool(obj.published_at):
            (writing.publish if wanted else writing.withdraw)(page=obj, by=by)

    @admin.display(description=gettext_lazy("Public"), boolean=True)
    def is_public(self, obj: Page) -> bool:
        """Whether everybody can read it."""
        return obj.published_at is not None

    @admin.display(description=gettext_lazy("Old addresses"))
    def old_addresses(self, obj: Page) -> str:
        """Addresses that lead here."""
        return ", ".join(redirects.to(obj.get_absolute_url())) or "–"
