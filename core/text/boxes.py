"""Form fields for text: tidied like their columns, and measured as stored."""

from typing import Any

from django import forms
from django.core.validators import URLValidator

from core.text import kinds
from core.text.kinds import Kind


class TextBox(forms.CharField):
    """Text of one kind. A pasted line break is a line break or a space, never a reason to refuse."""

    def __init__(self, *, kind: Kind = kinds.LINE, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)
        self.kind = kind
        if kind is kinds.LINK:
            self.validators.append(URLValidator(schemes=["http", "https"], message=kind.sentence))

    def to_python(self, value: Any) -> str:
        """The text as it is stored."""
        typed = super().to_python(value)
        return self.kind.tidy(typed) if typed else ""
