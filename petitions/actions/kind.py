"""Coming to an event as a kind of submission: where it can be asked, what it says, and what agreeing does."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import tokens
from petitions.actions import attending
from petitions.actions.models import Attendance, AttendanceSubmission, Event
from petitions.statements import availability
from submissions import own_links
from submissions.kinds import Agreed, Choice, Details, Kind, Row, register

State = Attendance.State
OVER_AT = "coalesce(ev.ends_at, ev.starts_at)"


@register
class AttendanceKind(Kind[AttendanceSubmission]):
    """Somebody who comes to an event. Its sameness is the event and the mailbox."""

    name, number, model = attending.KIND, attending.NUMBER, AttendanceSubmission
    label = gettext_lazy("Coming")
    heading = gettext_lazy("Confirm that you are coming")
    button = gettext_lazy("Yes, I'm coming")
    done = gettext_lazy("You've already said that you are coming. Thank you.")
    mine = gettext_lazy("See or change it")

    source = """petitions_attendancesubmission s JOIN petitions_event ev ON ev.id = s.event_id
        JOIN petitions_statement st ON st.id = ev.statement_id"""
    placed = ("event_id",)
    place = f"""
        SELECT ev.id AS event_id FROM petitions_event ev JOIN petitions_statement st ON st.id = ev.statement_id
        WHERE ev.id = %(event)s AND {availability.PUBLIC_SQL} AND ev.takes_names AND ev.status = 'scheduled'
            AND {OVER_AT} > statement_timestamp()"""
    reachable = availability.PUBLIC_SQL
    in_time = f"({OVER_AT} > statement_timestamp() AND ev.status <> 'cancelled')"
    ends = OVER_AT
    superseded = """EXISTS (SELECT 1 FROM petitions_attendance a WHERE a.event_id = s.event_id
        AND a.mailbox_key = s.mailbox_key AND a.agreed_at >= s.created_at AND a.state <> 'withdrawn')"""
    title = "ev.title"

    def details(self, submissions: Sequence[AttendanceSubmission]) -> dict[int, Details]:
        return {pk: _details(one, attending.said_before(one)) for pk, one in _with_events(submissions).items()}

    def typed(self, submissions: Sequence[AttendanceSubmission]) -> dict[int, Details]:
        """Without what the mailbox has said before, which would tell a stranger that its owner comes."""
        return {pk: _details(one, None) for pk, one in _with_events(submissions).items()}

    def agree(self, submission_id: int, choice: str) -> Agreed | None:
        attendance = attending.agree(submission_id=submission_id)
        if attendance is None:
            return None
        return Agreed(attendance.pk, attendance.state, self.url(attendance.pk, is_reader=True))

    def url(self, result_id: int, *, is_reader: bool) -> str:
        """The person's own page; who may only have typed the address gets one that names and opens nothing."""
        known = Attendance.objects.filter(pk=result_id).only("link_number").first()
        if known is None:
            return ""
        own = own_links.on_page(attending.MANAGE, known) if is_reader else ""
        return own or reverse("manage", args=[tokens.make_token(attending.MANAGE, result_id, 0)])

    def needs_page(self, submission: AttendanceSubmission) -> bool:
        return attending.said_before(submission) is not None


def _with_events(submissions: Sequence[AttendanceSubmission]) -> dict[int, AttendanceSubmission]:
    related = AttendanceSubmission.objects.select_related("event__statement")
    return related.in_bulk([submission.pk for submission in submissions])


def _details(submission: AttendanceSubmission, known: Attendance | None) -> Details:
    event = submission.event
    rows = [Row(_("Name"), submission.name), Row(_("Event"), event.title), Row(_("When"), str(event.period))]
    if event.place:
        rows.append(Row(_("Where"), event.place))
    if known is not None and not attending.is_same_address(known, submission):
        note = _("This mailbox is on the list already, with its address written in another way.")
        return Details(rows=rows, note=note)
    return Details(rows=rows, choices=[Choice(AttendanceKind.button)], note=_note(event, known))


def _note(event: Event, known: Attendance | None) -> str:
    """What the button does where it is not plain: a change of name, or a turn on the waiting list."""
    if known is not None and known.state != State.WITHDRAWN:
        return _("This mailbox is on the list already, as %(name)s. The button changes the name.") % {
            "name": known.name
        }
    if event.is_full:
        return _("All places are taken. You will be on the waiting list, and we email you when there is room.")
    return ""
