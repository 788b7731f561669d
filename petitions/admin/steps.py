"""The steps in the life of a statement, as buttons on its staff page: each asks on GET and acts on POST."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.utils.functional import Promise as Lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from petitions.admin.forms import HandInForm, HideForm, OutcomeForm, ScheduleForm
from petitions.signatures import reaffirming
from petitions.statements import publishing
from petitions.statements.models import Statement

GRACE = settings.GRACE_AFTER_CLOSING_HOURS


@dataclass(frozen=True)
class Step:
    """One button. `name` is also its address; `run` is a verb of `publishing`."""

    name: str
    label: str | Lazy
    permission: str
    consequence: str | Lazy
    done: str | Lazy
    available: Callable[[Statement], bool]
    run: Callable[..., Any]
    form: type[forms.Form] = forms.Form
    shows_checklist: bool = False
    is_next: bool = False  # what one does next, when it can be done
    is_dangerous: bool = False  # what everybody notices at once: it stands apart

    def is_for(self, user: AbstractUser | AnonymousUser, statement: Statement) -> bool:
        """Whether this person may do this now."""
        return self.available(statement) and self.is_allowed(user)

    def is_allowed(self, user: AbstractUser | AnonymousUser) -> bool:
        """Whether this person may ever do this."""
        return user.has_perm(f"petitions.{self.permission}")


STEPS = [
    Step(
        name="publish",
        label=_("Publish"),
        permission="publish_statement",
        consequence=_(
            "Everybody can see and sign it at once. Title, addressee and text are locked: later changes are visible "
            "corrections."
        ),
        done=_("Published. Title, addressee and text are locked."),
        available=lambda statement: statement.status in {"draft", "scheduled"},
        run=publishing.publish,
        shows_checklist=True,
        is_next=True,
    ),
    Step(
        name="schedule",
        label=_("Schedule"),
        permission="publish_statement",
        consequence=_("Title, addressee and text are locked now; visitors see them from the time you choose."),
        done=_("Scheduled. Title, addressee and text are locked."),
        available=lambda statement: statement.status in {"draft", "scheduled"},
        run=publishing.publish,
        form=ScheduleForm,
        shows_checklist=True,
    ),
    Step(
        name="close",
        label=_("Close"),
        permission="publish_statement",
        consequence=format_lazy(
            _("Nobody can sign any more; the page stays. Who has signed can confirm for {hours} more hours."),
            hours=GRACE,
        ),
        done=_("Closed."),
        available=lambda statement: statement.status == "open",
        run=publishing.close,
        is_dangerous=True,
    ),
    Step(
        name="reopen",
        label=_("Reopen"),
        permission="publish_statement",
        consequence=_("People can sign again. A closing time that has passed is dropped."),
        done=_("Open again."),
        available=lambda statement: statement.status == "closed",
        run=publishing.reopen,
        is_dangerous=True,
    ),
    Step(
        name="hand_in",
        label=_("Record the hand-in"),
        permission="publish_statement",
        consequence=_("The page says when and to whom, and counts the days until you record an answer."),
        done=_("Hand-in recorded."),
        available=lambda statement: statement.status in {"open", "closed"},
        run=publishing.hand_in,
        form=HandInForm,
    ),
    Step(
        name="outcome",
        label=_("Record the outcome"),
        permission="publish_statement",
        consequence=_("It stands at the top of the page."),
        done=_("Outcome recorded."),
        available=lambda statement: statement.status in {"open", "closed"},
        run=publishing.record_outcome,
        form=OutcomeForm,
    ),
    Step(
        name="ask_again",
        label=_("Ask who stands by the correction"),
        permission="correct_statement",
        consequence=_(
            "One mail to everybody who signed an earlier version, with the note, what changed, and a button to stand "
            "by it; nothing else is in it. Once for each correction. The history then says how many stand by it."
        ),
        done=_("Asked. The mails go out within minutes."),
        available=lambda statement: statement.status in {"open", "closed"} and reaffirming.can_ask(statement),
        run=reaffirming.ask,
    ),
    Step(
        name="hide",
        label=_("Hide"),
        permission="hide_statement",
        consequence=_("The page and all that belongs to it go away at once. Visitors are told that it was taken down."),
        done=_("Hidden."),
        available=lambda statement: statement.status != "draft" and not statement.hidden_at,
        run=publishing.hide,
        form=HideForm,
        is_dangerous=True,
    ),
    Step(
        name="unhide",
        label=_("Show again"),
        permission="hide_statement",
        consequence=_("The page is back for everybody, with all signatures."),
        done=_("It can be seen again."),
        available=lambda statement: bool(statement.hidden_at),
        run=publishing.unhide,
        is_next=True,
    ),
]


def steps_for(user: AbstractUser | AnonymousUser, statement: Statement) -> list[Step]:
    """The buttons this person sees on this statement now."""
    return [step for step in STEPS if step.is_for(user, statement)]
