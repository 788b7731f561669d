"""What there is to say, gathered: numbers, and titles that everybody reads; no word of a visitor, and no name."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import desk
from integrations.notices import telling
from integrations.notices.models import About, Notice
from integrations.sources import passed
from mail.desk import failing_requests
from mail.trouble import trouble
from petitions.models import Statement
from petitions.statements import counting, sharing

REMIND = timedelta(hours=6)  # while the same is still so
HOUR = timedelta(hours=1)


def look() -> int:
    """Find what is new for each notice and tell what may be told now; returns how many were told."""
    notices = list(Notice.objects.filter(off_at=None).select_for_update(skip_locked=True).order_by("pk"))
    if not notices:
        return 0
    now, told = timezone.now(), 0
    found = {about: list(find()) for about, find in FINDS.items() if any(about in one.about for one in notices)}
    for notice in notices:
        fresh = [line for about in notice.about for line in _fresh(notice, about, found[About(about)], now)]
        # Of each thing only the newest words are still to be said.
        notice.pending = list({line["key"]: line for line in [*notice.pending, *fresh]}.values())
        told += _tell(notice, now)
        notice.save(update_fields=["seen", "pending", "said_at"])
    return told


def _tell(notice: Notice, now: datetime) -> bool:
    """At most `per_hour` an hour, evenly: what comes between two is one message."""
    is_early = notice.said_at is not None and now - notice.said_at < HOUR / notice.per_hour
    if not notice.pending or is_early:
        return False
    telling.queue_one(notice, [line["words"] for line in notice.pending])
    notice.pending, notice.said_at = [], now
    return True


Line = tuple[str, str, str]  # what it is about, how it stands (told anew when that changes), and the words


def _fresh(notice: Notice, about: str, lines: list[Line], now: datetime) -> Iterator[dict[str, str]]:
    was: dict[str, list[str]] = notice.seen.get(about, {})
    is_first = about not in notice.seen and about == About.MILESTONE
    kept: dict[str, list[str]] = {}
    for key, found, words in lines:
        before, at = was.get(key, ["", ""])
        standing = found
        is_news, is_reminder = standing != before, bool(at) and datetime.fromisoformat(at) < now - REMIND
        if about == About.MILESTONE:
            standing = max(found, before, key=lambda number: int(number or 0))
            is_news, is_reminder = standing != before and not is_first, False
        if is_news or is_reminder:
            kept[key] = [standing, now.isoformat()]
            yield {"key": f"{about}:{key}", "words": words}
        else:
            kept[key] = [standing, at or now.isoformat()]
    notice.seen[about] = kept


def waiting() -> Iterator[Line]:
    """How many wait in each queue; said anew when something waits that was empty, or ten times as many do."""
    for label, number in desk.labelled_queues():
        if number:
            words = ngettext("%(label)s: %(number)s waits.", "%(label)s: %(number)s wait.", number)
            told = words % {"label": label, "number": f"{number:,}"}
            yield str(label), str(len(str(number))), f"{told} {settings.ORIGIN}{reverse('admin:index')}"


def milestones() -> Iterator[Line]:
    """The highest of 100, 200, 500, 1,000 … and the goal that each statement has passed."""
    statements = list(Statement.objects.public())
    numbers = counting.numbers(statements) if statements else {}
    for statement in statements:
        reached = passed(0, numbers[statement.pk].people, statement.goal)
        if "count" not in numbers[statement.pk].off:
            words = _("%(number)s signatures reached: “%(title)s”.") % {
                "number": f"{reached:,}", "title": statement.title
            }  # fmt: skip
            address = sharing.address(statement)
            yield str(statement.pk), str(reached) if reached else "", f"{words} {address}"


def failing() -> Iterator[Line]:
    """Mail that does not leave, and requests that fail."""
    where = settings.ORIGIN + reverse("admin:set_up")
    if trouble():
        yield "mail", "failing", _("Mail is failing.") + f" {where}"
    if failing_requests().exists():
        yield "requests", "failing", _("Requests to other hosts are failing.") + f" {where}"


FINDS = {About.WAITING: waiting, About.MILESTONE: milestones, About.TROUBLE: failing}
