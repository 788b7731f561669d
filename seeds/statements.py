"""The statements of the demo, published, signed and followed up by the same verbs as the site's own."""

from typing import Any

from django.utils.text import slugify

from mail import queue as outbox
from petitions.actions import attending, calls
from petitions.actions.events import save_event
from petitions.models import Attendance, CallToAction, Event, Signature, Statement, Update
from petitions.news import updates
from petitions.signatures import notable, optional
from petitions.statements import featuring, picturing, publishing
from publishers import drawing
from seeds import signatures, world
from seeds.people import mailbox, names
from seeds.world import Clock

WRITTEN = (
    "slug", "kind", "language", "title", "summary", "addressed_to", "contact_email", "goal", "preface",
    *optional.SWITCHES,
)  # fmt: skip


def load(clock: Clock) -> int:
    """Add the statements that are missing, each with everything around it. Returns how many that were."""
    missing = [written for written in world.statements() if not publishing.is_slug_taken(written["slug"])]
    for written in missing:
        _write(written, clock)
    return len(missing)


def _write(written: dict[str, Any], clock: Clock) -> None:
    """Write one statement; it stays a draft when its file does not say when it was published."""
    closed = written.get("closed_days_ago")
    statement = Statement.objects.create(
        **{name: written[name] for name in WRITTEN if name in written},
        closes_at=closed and clock.ago(closed),
    )
    if "picture" in written:
        _show(statement, written["picture"])
    publishing.write_draft(statement=statement, body=written["versions"][0]["body"])
    if "published_days_ago" in written:
        _publish(statement, written, clock)


def _publish(statement: Statement, written: dict[str, Any], clock: Clock) -> None:
    publishing.publish(statement=statement, at=clock.ago(written["published_days_ago"]))
    signatures.collect(statement, written, clock)
    for version in written["versions"][1:]:
        publishing.correct(statement=statement, **version)
    for news in written.get("updates", []):
        _tell(statement, news, clock)
    for event in world.read("events")["events"]:
        if event["statement"] == statement.slug:
            _announce(statement, event, clock)
    _call(statement, written)
    _put_first(statement, written.get("notable", []))
    if written.get("featured"):
        featuring.feature(statement=statement, on=True)
    if "outcome" in written:
        publishing.record_outcome(statement=statement, outcome=written["outcome"])


def _call(statement: Statement, written: dict[str, Any]) -> None:
    """What readers are called to do, in its own words; most statements have the usual."""
    if calls_written := written.get("calls"):
        slugs = dict(statement.events.values_list("slug", "pk"))
        rows = [
            CallToAction(
                **{name: words for name, words in one.items() if name != "event"}, event_id=slugs.get(one.get("event"))
            )
            for one in calls_written
        ]
        calls.arrange(statement=statement, calls=rows, heading=written["calls_heading"])


def _put_first(statement: Statement, people: list[str]) -> None:
    """Those whom readers know."""
    ids = dict(Signature.objects.named().filter(statement=statement, name__in=people).values_list("name", "pk"))
    notable.arrange(statement=statement, order={ids[name]: place for place, name in enumerate(people, 1)})


def _show(statement: Statement, written: dict[str, Any]) -> None:
    """As `drawing.hero` once drew it: drawing it anew would take longer than the rest of the world."""
    kept = []
    for name, (width, height) in written["files"].items():
        data = (world.DATA / "pictures" / f"{name}.webp").read_bytes()
        kept.append(drawing.keep(drawing.Drawing(data, width, height)))
    picturing.show(statement=statement, picture=picturing.Drawn(*kept), words=written["words"], focus=written["focus"])


def _tell(statement: Statement, news: dict[str, Any], clock: Clock) -> None:
    updates.save_update(
        update=Update(
            statement=statement,
            title=news["title"],
            slug=slugify(news["title"]),
            body=news["body"],
            published_at=clock.ago(news["days_ago"]),
        )
    )


def _announce(statement: Statement, event: dict[str, Any], clock: Clock) -> None:
    when = {"weeks": event["weeks_from_now"], "weekday": event["weekday"], "zone": event["timezone"]}
    written = ("slug", "title", "summary", "timezone", "venue", "address", "details_url", "accessibility", "status")
    saved = save_event(
        event=Event(
            statement=statement,
            starts_at=clock.coming(at=event["time"], **when),
            ends_at=clock.coming(at=event["ends"], **when),
            takes_names="places" in event,
            capacity=event.get("places"),
            telling=Event.Telling.ALWAYS,
            **{name: event[name].strip() for name in written},
        )
    )
    _gather(saved, event)


def _gather(event: Event, written: dict[str, Any]) -> None:
    """So many say that they come, each by their own mail; one more has not answered yet."""
    people = names(salt=f"{event.slug} coming", count=written.get("people", 0))
    for number, name in enumerate(people, start=1):
        asked = attending.come(event=event, name=name, email=f"{mailbox(name)}@example.org")
        if number < len(people):
            agreed = attending.agree(submission_id=asked.submission_id)
            _write_no_mail(agreed)


def _write_no_mail(agreed: Attendance | None) -> None:
    """The crowd of the demo gets none, so that its mailbox stays easy to read."""
    if agreed is not None:
        kinds = ("attendance_confirm", "attendance_receipt")
        outbox.call_back(recipient_key=bytes(agreed.mailbox_key), kinds=kinds, about={})
