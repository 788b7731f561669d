"""Whose news a signer of a joint statement wants: its own publisher's is `email_updates`, that of others `news_of`."""

import re

from django.utils.translation import gettext as _

from core import identity
from petitions.signatures import signing
from petitions.signatures.models import Signature, SignatureSubmission
from petitions.statements import counting

_PRESSED = re.compile(r"news_(on|off)_([0-9]{1,18})")


def said(row: Signature | SignatureSubmission) -> str:
    """In words, by name; of what is not agreed to yet, without who has left meanwhile."""
    statement, wanted = row.statement, row.news_of or []
    if isinstance(row, SignatureSubmission):
        wanted = [pk for pk in wanted if pk in statement.joint_with]
    whose = [*([statement.publisher_id] if row.email_updates else []), *wanted]
    names = ", ".join(identity.publisher(pk).name for pk in whose)
    return _("Yes, from %(publisher)s") % {"publisher": names} if names else _("No")


def begin_own(row: Signature) -> str:
    """What the button says that lets its own publisher write."""
    if not (row.statement.joint_with or row.news_of):
        return _("Email me about this campaign")
    return _("Email me news from %(publisher)s") % {"publisher": identity.publisher(row.statement.publisher_id).name}


def stop_own(row: Signature) -> str:
    """What the button says that stops it."""
    if not (row.statement.joint_with or row.news_of):
        return _("Stop emails")
    return _("Stop emails from %(publisher)s") % {"publisher": identity.publisher(row.statement.publisher_id).name}


def acts(row: Signature) -> list[tuple[str, str]]:
    """What its owner can press about the news of others than its own publisher, each with its words.

    Who has left it can be stopped, and not begun again.
    """
    asked = [pk for pk in row.statement.joint_with if pk not in row.news_of]
    on, off = _("Email me news from %(publisher)s"), _("Stop emails from %(publisher)s")
    named = [(f"news_off_{pk}", off, pk) for pk in row.news_of] + [(f"news_on_{pk}", on, pk) for pk in asked]
    return [(name, words % {"publisher": identity.publisher(pk).name}) for name, words, pk in named]


def press(signature_id: int, name: str) -> bool:
    """Do what one of `acts` is called; False for anything else. Raises signing.NotThere."""
    pressed = _PRESSED.fullmatch(name)
    if pressed is None:
        return False
    choose(signature_id=signature_id, publisher=int(pressed[2]), on=pressed[1] == "on")
    return True


def choose(*, signature_id: int, publisher: int, on: bool) -> counting.Moved:
    """Change whose news they want besides its own publisher's, under a joint statement. Raises NotThere, also for
    somebody who publishes it no longer and is to begin.
    """
    without = "array_remove(sig.news_of, %(publisher)s::bigint)"
    may = "AND EXISTS (SELECT 1 FROM petitions_statement st WHERE st.id = sig.statement_id"
    return signing.alter(
        signature_id,
        f"sig.state IN ('confirmed', 'held') {f'{may} AND %(publisher)s = ANY(st.joint_with))' if on else ''}",
        f"news_of = {f'array_append({without}, %(publisher)s::bigint)' if on else without}",
        publisher=publisher,
    )
