"""The model motion in the campaigner's own words."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import HouseAdmin
from organisations import motion
from organisations.models import Motion
from petitions.admin.beside import way
from petitions.models import Statement


@way
def to_motion(statement: Statement) -> tuple[str, str]:
    """From a statement to the motion that branches take to their meetings."""
    found = Motion.objects.filter(statement=statement).first()
    if found:
        return reverse("admin:organisations_motion_change", args=[found.pk]), _("The model motion in your words")
    return reverse("admin:organisations_motion_add") + f"?statement={statement.pk}", _(
        "Write the model motion yourself"
    )


@admin.register(Motion)
class MotionAdmin(HouseAdmin):
    """Three parts, one point a line; an empty part is written from the statement."""

    list_display = ["statement"]
    search_fields = ["statement__title"]
    autocomplete_fields = ["statement"]

    def get_readonly_fields(self, request: HttpRequest, obj: Motion | None = None) -> list[str]:
        """A motion stays with its statement: moved, it would replace the one that is there."""
        return ["reads", "statement"] if obj else ["reads"]

    @admin.display(description=gettext_lazy("How it reads"))
    def reads(self, obj: Motion) -> SafeString | str:
        """The whole motion as visitors get it."""
        if obj.statement_id is None:
            return _("Save it to see it.")
        return format_html('<pre class="reading">{}</pre>', motion.text(obj.statement).plain)

    def save_model(self, request: HttpRequest, obj: Motion, form: forms.ModelForm, change: bool) -> None:
        """Store it through its verb."""
        words = {name: form.cleaned_data[name] for name in ("notes", "believes", "resolves")}
        obj.pk = motion.write(statement=obj.statement, **words).pk
