"""Template tags for Django's templates: the admin and form fields."""

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

from core import components, forms

register = template.Library()
register.filter(forms.is_checkbox)
register.filter(components.iso)


@register.filter
def dressed(field: BoundField) -> SafeString:
    """The field's own element, in the house's class beside any it has."""
    own = field.field.widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"form-control {own}".strip()})
