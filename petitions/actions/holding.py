"""That somebody comes to an event, as one of the things that a mailbox has (submissions/holdings.py)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import search
from core.forms import HouseForm, PersonNameField
from petitions.actions import attending
from petitions.actions.models import Attendance
from petitions.statements import availability
from submissions import holdings
from submissions.holdings import Act, Holding, Item, Mailbox
from submissions.kinds import Row, Words

State = Attendance.State


class OwnForm(HouseForm):
    """The name of somebody who comes, to correct it."""

    name = PersonNameField(label=gettext_lazy("Your name"), help_text=gettext_lazy("Only the organisers read it."))
    are_alike = False

    def __init__(self, *args: Any, attendance: Attendance, **kwargs: Any) -> None:
        initial = {"name": attendance.name}
        super().__init__(*args, scope=f"own-attendance.{attendance.pk}", initial=initial, **kwargs)


@holdings.register
class Attendances(Holding[Attendance]):
    """The events that a mailbox's owner comes to."""

    name, heading, one = "attendance", gettext_lazy("Events you come to"), gettext_lazy("Coming to an event")
    searched = "name"

    def rows(self, mailbox: Mailbox) -> QuerySet[Attendance]:
        return Attendance.objects.filter(mailbox.keys).select_related("event__statement")

    def called(self, name: str) -> QuerySet[Attendance]:
        return search.found(Attendance.objects.select_related("event__statement"), [self.searched], name)

    def address_of(self, row: Attendance) -> str:
        return row.email

    def made_at(self, row: Attendance) -> datetime:
        return row.agreed_at

    def item(self, row: Attendance) -> Item:
        event = row.event
        facts = [Row(_("Name"), row.name), Row(_("When"), str(event.period))]
        facts += [Row(_("Where"), event.place)] if event.place else []
        return Item(
            pk=row.pk,
            title=event.title,
            language=event.statement.language,
            url=event.get_absolute_url() if availability.is_public(event.statement) else "",
            state=said(row),
            facts=facts,
            acts=acts(row),
            can_correct=row.state != State.WITHDRAWN,
        )

    def act(self, row: Attendance, name: str) -> bool:
        return {"withdraw": attending.withdraw, "put_back": attending.put_back}[name](attendance_id=row.pk)

    def form(self, row: Attendance, data: Mapping[str, Any] | None = None) -> HouseForm | None:
        return OwnForm(data, attendance=row) if row.state != State.WITHDRAWN else None

    def correct(self, row: Attendance, form: HouseForm) -> Words:
        """The organisers read the new name; nobody else reads any."""
        done = attending.correct(attendance_id=row.pk, name=form.cleaned_data["name"])
        return _("Done. Your name is corrected.") if done else ""

    def erase(self, row: Attendance) -> None:
        attending.erase(attendance_id=row.pk)


def acts(row: Attendance) -> list[Act]:
    """The buttons of its owner."""
    if row.state == State.WITHDRAWN:
        return [Act("put_back", _("I can come after all"), _("Done. You are on the list again."))]
    minutes = {"minutes": settings.WITHDRAWN_MINUTES}
    asks = _("Your place goes to whoever waits for one. We delete your name and address after %(minutes)s minutes.")
    done = _("Done. You are off the list. Your name and address are deleted within %(minutes)s minutes.")
    return [Act("withdraw", _("I can't come any more"), done % minutes, asks=asks % minutes)]


def said(row: Attendance) -> str:
    """How it stands, in words for its owner."""
    if row.state == State.WITHDRAWN:
        minutes = {"minutes": settings.WITHDRAWN_MINUTES}
        return _("You said that you can't come. It is deleted within %(minutes)s minutes of that.") % minutes
    if row.state == State.WAITING:
        return _("All places are taken. You are on the waiting list, and we email you when there is room.")
    return _("You are on the list.")
