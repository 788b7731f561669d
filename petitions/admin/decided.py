"""All decisions about a signature's mailbox, for its staff page."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from petitions.signatures import signing
from petitions.signatures.models import Signature
from submissions import decisions
from submissions.models import Decision
from submissions.traps import words

SAID: dict[str, Promise] = {
    Decision.Makes.HOLD: gettext_lazy("Held"),
    Decision.Makes.RELEASE: gettext_lazy("Released"),
    Decision.Makes.REMOVE: gettext_lazy("Removed"),
    Decision.Makes.RESTORE: gettext_lazy("Restored"),
}


@dataclass(frozen=True)
class Said:
    """One decision in words: what, why, who, when, and when it was undone, if it was."""

    what: str | Promise
    why: str
    who: str
    at: datetime
    undone_at: datetime | None


def history_of(signature: Signature) -> list[Said]:
    """The decisions about this person of the mailbox, the newest first; one query."""
    found = decisions.history(kind=signing.KIND, scope=signature.statement_id, subject=bytes(signature.mailbox_key))
    mine = [one for one in found if one.position in {None, signature.mailbox_position}]
    return [Said(SAID[one.makes], words(one.reason), _who(one), one.created_at, one.lifted_at) for one in mine]


def _who(decision: Decision) -> str:
    by = decision.by.get_username() if decision.by else ""
    if decision.source == "rule":
        rule = _("rule %(number)s") % {"number": decision.source_id}
        return f"{by}, {rule}" if by else rule
    return by or (_("the form") if decision.source == "form" else "–")
