"""The picture of a statement: over its page, in lists and in shared links."""

from typing import NamedTuple

from django.db import transaction

from core import audit
from core.audit import Staff
from petitions.statements.models import Statement
from publishers.models import Picture


class Undescribed(Exception):
    """A picture is for everybody, so it says what it shows."""


class Drawn(NamedTuple):
    """The same picture for wide screens and for phones (publishers/drawing.py)."""

    large: Picture
    small: Picture


@transaction.atomic
def show(
    *, statement: Statement, picture: Drawn | None, words: str, focus: str = Statement.Focus.MIDDLE, by: Staff = None
) -> None:
    """Show this picture, or none. `words` say what it shows; `focus` is what stays in sight where it is cut.

    Raises Undescribed.
    """
    if picture and not words:
        raise Undescribed
    before = Statement.objects.values_list("image", flat=True).select_for_update(no_key=True).get(pk=statement.pk)
    large, small = picture or (None, None)
    statement.image, statement.image_small, statement.image_words, statement.image_focus = large, small, words, focus
    statement.save(update_fields=["image", "image_small", "image_words", "image_focus"])
    Statement.objects.touch(statement)
    if before != statement.image_id:
        audit.record(by=by, on=statement, what="Changed its picture" if picture else "Took its picture off")
