"""The consent text of people who agreed elsewhere: in which words, who says so, and what our own mail added to that."""

import hashlib

from django.utils.translation import gettext as _
from django.utils.translation import override

from exchange.models import Import
from submissions.models import ConsentText


def of(listed: Import, *, silent: bool = False) -> ConsentText:
    """The text for those of a list, made when it is new. `silent`: who was asked by mail and did not answer."""
    said = f"{listed.words}\n\n{listed.collected_by}, {listed.agreed_when}"
    if listed.asks:
        said = f"{said}\n\n{_added(listed, silent)}"
    sha256 = hashlib.sha256(f"import\0{said}".encode()).hexdigest()
    return ConsentText.objects.get_or_create(sha256=sha256, defaults={"text": said, "notice": ""})[0]


def _added(listed: Import, silent: bool) -> str:
    with override(listed.statement.language if listed.statement else None):
        if silent:
            return _("We asked once by mail whether to keep them, and had no answer by %(day)s.") % {
                "day": listed.answer_by
            }
        return _("We asked once by mail whether to keep them, and they said yes.")
