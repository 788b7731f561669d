"""Columns of text, tidied on every path to the database (save, create, bulk, update, filter) and checked there."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.core import checks
from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.forms import Field as FormField

from core.text import boxes, kinds
from core.text.kinds import Kind


class Tidied(models.Field):
    """Base of all columns of text. `filled` ones are never empty, not even once a person is forgotten."""

    kind: ClassVar[Kind]
    measured = False  # whether the check counts characters; those of a varchar are counted by its type

    def __init__(self, *args: Any, filled: bool = False, **kwargs: Any) -> None:
        self.filled = filled
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | ({"filled": True} if self.filled else {})

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if self.filled and self.blank:
            found.append(
                checks.Error("A column that is filled can't be left blank in forms.", obj=self, id="text.E001")
            )
        return found

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        longest = self.max_length if self.measured else None
        return self.kind.check(connection.ops.quote_name(str(self.column)), is_filled=self.filled, longest=longest)

    def to_python(self, value: Any) -> Any:
        """Tidied; Django's columns of text come by here with whatever they write or look for (`get_prep_value`)."""
        return self._tidied(super().to_python(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Put the tidied text on the instance too, so that it equals what was stored."""
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = self._tidied(value)
            setattr(model_instance, self.attname, value)
        return value

    def _tidied(self, value: Any) -> Any:
        return self.kind.tidy(value) if isinstance(value, str) else value

    def _box(self, **kwargs: Any) -> FormField | None:
        return super().formfield(**{"form_class": boxes.TextBox, "kind": self.kind, **kwargs})


class LineField(Tidied, models.CharField):
    """One line of text in any script."""

    kind = kinds.LINE

    def formfield(self, **kwargs: Any) -> FormField | None:
        return super().formfield(**kwargs) if self.choices else self._box(**kwargs)


class PersonField(LineField):
    """The name of a person."""

    kind = kinds.PERSON


class OrganisationField(LineField):
    """The name of an organisation, a branch or a job."""

    kind = kinds.ORGANISATION


class ProseField(Tidied, models.TextField):
    """Plain text of several lines; `max_length` counts characters, in the database too."""

    kind = kinds.PROSE
    measured = True

    def formfield(self, **kwargs: Any) -> FormField | None:
        return self._box(**kwargs)


class AddressField(Tidied, models.EmailField):
    """A mailbox (RFC 5321). Typed ones are read by core/mailboxes.py, which says what is wrong."""

    kind = kinds.ADDRESS

    def formfield(self, **kwargs: Any) -> FormField | None:
        from core.forms import AddressField as Box  # noqa: PLC0415 - forms stand above columns

        return super(models.EmailField, self).formfield(**{"form_class": Box, **kwargs})


class LinkField(Tidied, models.URLField):
    """A web address with its scheme, http or https."""

    kind = kinds.LINK
    default_validators = [URLValidator(schemes=["http", "https"], message=kinds.LINK.sentence)]

    def formfield(self, **kwargs: Any) -> FormField | None:
        return self._box(**kwargs)


class SlugField(Tidied, models.SlugField):
    """The last part of a page's address."""

    kind = kinds.SLUG
    default_validators = [RegexValidator(r"\A[-a-z0-9_]*\Z", kinds.SLUG.sentence)]
