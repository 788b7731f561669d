"""Describing a publisher: the one verb by which its words and its look change, whoever asks."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.module_loading import autodiscover_modules

from core import audit, identity
from core.audit import Staff
from publishers.models import Picture, Publisher

_hooks: list[Callable[[Publisher], None]] = []
WORDS = (
    "name", "slug", "legal_name", "legal_address", "contact_email", "mail_from", "fediverse", "header_words", "accent",
    "pair", "introduction", "foot_words", "menu", "links", "share_words", "privacy_words", "accessibility_words",
    "pack", "quiet_subjects",
)  # fmt: skip


def on_change(hook: Callable[[Publisher], None]) -> Callable[[Publisher], None]:
    """Register what else changes with a publisher, in the same transaction, such as pages that are kept."""
    _hooks.append(hook)
    return hook


@transaction.atomic
def describe(
    *,
    publisher: Publisher,
    by: Staff = None,
    logo: Picture | None = None,
    header: tuple[Picture, Picture] | None = None,
    **words: Any,
) -> Publisher:
    """Give a publisher (new or kept) the `words` named in WORDS, and pictures (publishers/drawing.py); returns it.

    `drop_logo` and `drop_header` take theirs away. Raises TypeError for a word that it has no field for.
    """
    if unknown := words.keys() - set(WORDS) - {"drop_logo", "drop_header"}:
        raise TypeError(f"A publisher has no {', '.join(sorted(unknown))}")
    for name in set(WORDS) & words.keys():
        setattr(publisher, name, words[name])
    if words.get("drop_logo"):
        publisher.logo = None
    if words.get("drop_header"):
        publisher.header = publisher.header_small = None
    if logo:
        publisher.logo = logo
    if header:
        publisher.header, publisher.header_small = header
    publisher.changed_at = Now()  # the database's clock
    publisher.save()
    publisher.refresh_from_db()
    told(publisher)
    audit.record(by=by, on=publisher, what="Described the publisher")
    return publisher


def told(publisher: Publisher) -> None:
    """Have every page know of a change: in this transaction what is stored, and after it what is remembered."""
    autodiscover_modules("desk")
    for hook in _hooks:
        hook(publisher)
    identity.forget()
    transaction.on_commit(identity.forget)
