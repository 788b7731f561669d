"""The picture of a statement, on its form on the desk."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import HouseAdmin
from core.staff_request import staff
from petitions.admin.forms import StatementForm
from petitions.statements import picturing
from petitions.statements.models import Statement

PICTURE = (
    "picture_shown", "picture_file", "kept_picture", "image_words", "image_focus", "drop_picture", "first",
)  # fmt: skip
PICTURED = {"image_words", "image_focus"}


class PictureMixin(HouseAdmin):
    """For the ModelAdmin of statements."""

    def _picture(self, request: HttpRequest, obj: Statement, form: forms.ModelForm) -> None:
        """Show the picture that was sent, or none; its words and focus may change by themselves."""
        typed = form.cleaned_data
        drawn = form.drawn if isinstance(form, StatementForm) else None
        if not drawn and not typed["drop_picture"] and not PICTURED & set(form.changed_data):
            return
        if not drawn and obj.image and obj.image_small and not typed["drop_picture"]:
            drawn = picturing.Drawn(obj.image, obj.image_small)
        picturing.show(
            statement=obj,
            picture=None if typed["drop_picture"] else drawn,
            words=typed["image_words"],
            focus=typed["image_focus"],
            by=staff(request).user,
        )

    @admin.display(description=gettext_lazy("Picture now"))
    def picture_shown(self, obj: Statement) -> SafeString:
        """The picture, or that there is none."""
        if not obj.pictures:
            return format_html("{}", _("None"))
        small = obj.pictures[-1]
        return format_html(
            '<img class="picture-shown" src="{}" width="{}" height="{}" alt="">', small.path, small.width, small.height
        )
