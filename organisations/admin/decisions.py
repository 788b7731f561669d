"""Decisions about several endorsements at once, and the keys of the queue."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.admin import Key, OfWordsRead, OwnRecord, decision
from organisations import deciding
from organisations.admin.forms import REASONS
from organisations.models import Endorsement


def snapshot(endorsement: Endorsement) -> list[Any]:
    """Snapshot to see whether a colleague has decided since: state, initial or not, time, and the question."""
    decided_at, asked_at = endorsement.decided_at, endorsement.asked_at
    stands = [endorsement.state, endorsement.is_initial, decided_at and decided_at.isoformat()]
    return [*stands, endorsement.question, asked_at and asked_at.isoformat()]


_action = partial(decision, permission="decide", made_of=OwnRecord, refuses=deciding.DecidingError, keep=snapshot)


def _verb(verb: Callable[..., Any]) -> Callable[..., Any]:
    return lambda row, **typed: verb(endorsement=row, **typed)


def _other(endorsement: Endorsement, by: Any) -> None:
    deciding.make_initial(endorsement=endorsement, initial=False, by=by)


ACTIONS = [
    _action(
        "approve",
        _("Approve"),
        consequence=_(
            "They are listed at once, and their representatives get a mail. Look at each one's evidence first."
        ),
        done=_("approved"),
        made_of=OfWordsRead,
        act=_verb(deciding.approve),
    ),
    _action(
        "decline",
        _("Decline with a reason"),
        consequence=_("They are not listed, and their representatives get a mail with your reason."),
        done=_("declined"),
        made_of=OfWordsRead,
        act=_verb(deciding.decline),
        asks_why=True,
    ),
    _action(
        "undo",
        _("Undo the decision"),
        consequence=_(
            "Each stands as it did before: in the queue, or on the list with the words it had. "
            "A mail that has not gone out yet is stopped."
        ),
        done=_("put back as they were"),
        act=_verb(deciding.undo),
        keep=None,
    ),
    _action(
        "make_initial",
        _("Put among the initial supporters"),
        consequence=_("They stand first, after those that are there."),
        done=_("put among the initial supporters"),
        act=_verb(deciding.make_initial),
    ),
    _action(
        "make_other",
        _("Put among the other supporters"),
        consequence=_("They stand under “Also supporting”."),
        done=_("put among the other supporters"),
        act=_verb(_other),
    ),
]

KEYS = [
    Key("a", _("Approve: it is listed"), action="approve"),
    Key("u", _("Undo the decision"), action="undo"),
    Key("s", _("Decline as an advert"), action="decline", why=REASONS[-1]),
    Key("d", _("Decline with a reason"), action="decline"),
    Key("r", _("Ask a question"), opens=True),
    Key("q", _("List it under another name, or as a branch"), opens=True),
]
