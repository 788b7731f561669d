"""Events as calendars take them: iCalendar (RFC 5545 and 7986), and links that fill in a calendar's own form."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from core import identity, items
from core.period import DAY, Period, comes_twice
from petitions.actions.models import Event
from petitions.statements import sharing
from petitions.statements.models import Statement

if TYPE_CHECKING:
    import icalendar

KEPT = timedelta(days=30)
PAST = timedelta(days=365)
REFRESH = timedelta(hours=6)
SHORTEST = timedelta(hours=1)  # for calendars that insist on an end
STATUS = {
    Event.Status.SCHEDULED: "CONFIRMED",
    Event.Status.POSTPONED: "TENTATIVE",
    Event.Status.CANCELLED: "CANCELLED",
}


def followed() -> QuerySet[Event]:
    """Events that a followed calendar holds: a year back; cancelled ones for 30 days, so that every reader hears."""
    gone = Q(status=Event.Status.CANCELLED, changed_at__lte=Now() - KEPT)
    found = Event.objects.filter(statement__in=Statement.objects.listed_here(), starts_at__gte=Now() - PAST)
    return found.exclude(gone).select_related("statement").order_by("starts_at", "pk")


def write(events: Iterable[Event], *, name: str = "") -> bytes:
    """An .ics file: CRLF, lines of at most 75 octets, UTF-8, with the rules of each time zone it uses.

    With `name` it is a calendar to follow, which says what it is called and how often to look (RFC 7986 5.1, 5.7).
    """
    import icalendar  # noqa: PLC0415 - 4 MB that few processes need

    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Undersigned//EN")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    if name:
        calendar.add("name", name)
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT6H")
    entries = items.each(events, lambda event: (event, _entry(event)))
    for _event, entry in entries:
        calendar.add_component(entry)
    days = [event.starts_at.date() for event, _entry in entries]
    if any(not event.whole_days for event, _entry in entries):
        # Only the years that matter: dateutil misreads the rules of a whole century.
        calendar.add_missing_timezones(min(days) - PAST, max(days) + PAST)
    return calendar.to_ical()


def _entry(event: Event) -> "icalendar.Event":
    """No ORGANIZER: with one, calendars take it for an invitation that wants an answer."""
    import icalendar  # noqa: PLC0415 - as above

    entry = icalendar.Event()
    entry.add("uid", str(event.uid))  # of no host, which may change (RFC 7986 5.3)
    entry.add("dtstamp", event.changed_at)
    entry.add("last-modified", event.changed_at)
    entry.add("sequence", event.sequence)
    for name, time in _times(event.period).items():
        entry.add(name, time)
    entry.add("summary", event.title)
    if event.place:
        entry.add("location", event.place)
    entry.add("description", description(event))
    entry.add("url", address(event))
    entry.add("status", STATUS[Event.Status(event.status)])
    entry.to_ical()  # what cannot be written says so here, and not when all are
    return entry


def _times(period: Period) -> dict[str, date | datetime]:
    """Days as days, the end being the day after the last (RFC 5545 3.6.1); times by the clocks of the place."""
    if period.whole_days:
        return {"dtstart": period.first_day, "dtend": period.last_day + DAY}
    times: dict[str, date | datetime] = {"dtstart": _wall(period.local_start)}
    if period.local_end:
        times["dtend"] = _wall(period.local_end)
    return times


def _wall(time: datetime) -> datetime:
    """A local time that comes twice would be read as the first of both (RFC 5545 3.3.5), so it is written in UTC."""
    return _whole(time.astimezone(UTC) if comes_twice(time) else time)


def _whole(time: datetime) -> datetime:
    """Without parts of a second, which calendars do not have."""
    return time.replace(microsecond=0)


def address(event: Event) -> str:
    """The whole address of the event's page."""
    return identity.origin() + event.get_absolute_url()


def description(event: Event) -> str:
    """The description of an event in plain text, with the link to sign."""
    parts = [event.summary, event.accessibility, event.online_url, event.details_url]
    sign = f"{event.statement.sign_label}: {sharing.address(event.statement, 'calendar')}"
    return "\n\n".join(part.strip() for part in [*parts, sign] if part.strip())


def links(event: Event) -> dict[str, str]:
    """Addresses that open a filled-in form at `google`, `outlook` (private) and `microsoft` (work)."""
    return {
        "google": _google(event),
        "outlook": _microsoft("outlook.live.com", event),
        "microsoft": _microsoft("outlook.office.com", event),
    }


def _ends(period: Period) -> tuple[date, date]:
    """The first day and the day after the last, or both times by the clocks of the place."""
    if period.whole_days:
        return period.first_day, period.last_day + DAY
    return _whole(period.local_start), _whole(period.local_end or period.local_start + SHORTEST)


def _google(event: Event) -> str:
    times = [
        time.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") if isinstance(time, datetime) else time.strftime("%Y%m%d")
        for time in _ends(event.period)
    ]
    query = {
        "action": "TEMPLATE",
        "text": event.title,
        "dates": "/".join(times),
        "details": description(event),
        "location": event.place,
        "ctz": event.timezone,
    }
    return f"https://calendar.google.com/calendar/render?{urlencode(query, quote_via=quote, safe='/')}"


def _microsoft(host: str, event: Event) -> str:
    start, end = _ends(event.period)
    query = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": event.title,
        "startdt": start.isoformat(),
        "enddt": end.isoformat(),
        **({"allday": "true"} if event.whole_days else {}),
        "body": description(event),
        "location": event.place,
    }
    return f"https://{host}/calendar/0/deeplink/compose?{urlencode(query, quote_via=quote, safe='/:')}"
