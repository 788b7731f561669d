"""Noting down who is to be taken off a newsletter: who withdrew, was removed or erased, or wants no news.

The database marks whose signature or silence has changed (schema.py), whatever changed it, and only marked people are
looked at. Beside that a ring is walked, RING at a time, for what a mark cannot know, such as a statement that changed
hands. So a look costs what has changed, however many are on the list.
"""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from integrations.newsletters import people
from integrations.newsletters.models import Mark, Newsletter, Subscriber
from petitions.models import Signature

MOST = 2000  # marks in one look
RING = 200
State = Subscriber.State


def mark(subscriber: Subscriber) -> None:
    """Have the next look see whether somebody stays on the list."""
    Mark.objects.create(subscriber_id=subscriber.pk)


def part() -> int:
    """One look; returns how many were marked or are to be taken off."""
    marks = list(Mark.objects.select_for_update(skip_locked=True).order_by("pk")[:MOST])
    Mark.objects.filter(pk__in=[one.pk for one in marks]).delete()
    marked = [one.subscriber_id for one in marks]
    return len(marks) + sum(_part(newsletter, marked) for newsletter in Newsletter.objects.order_by("pk"))


def _part(newsletter: Newsletter, marked: list[int]) -> int:
    following = newsletter.subscribers.filter(pk__gt=newsletter.parted).order_by("pk").values_list("pk", flat=True)
    ring = list(following[:RING])
    looked_at = newsletter.subscribers.filter(pk__in=[*marked, *ring])
    found = _take_off(newsletter, looked_at) + _forget(looked_at) if marked or ring else 0
    # Last, as in handing.py: who holds a subscriber may wait for the newsletter, and never the other way round.
    Newsletter.objects.filter(pk=newsletter.pk).update(parted=ring[-1] if len(ring) == RING else 0)
    return found


def _take_off(newsletter: Newsletter, looked_at: QuerySet[Subscriber]) -> int:
    may = people.may_be_handed_over(newsletter) | _held(newsletter)
    staying = Exists(may.filter(mailbox_key=OuterRef("mailbox_key")))
    on_it = looked_at.filter(state__in=[State.TO_ADD, State.ADDING, State.THERE]).exclude(staying)
    never_asked = on_it.filter(was_asked=False).delete()[0]
    return never_asked + on_it.update(state=State.TO_REMOVE, changed_at=Now())


def _held(newsletter: Newsletter) -> Any:
    """Who is held for a look is neither handed over nor taken off."""
    held = Q(state=Signature.State.HELD) & people.wants_news_of(newsletter.publisher_id)
    return Signature.objects.filter(held, consent__newsletters__contains=[newsletter.recipient])


def _forget(looked_at: QuerySet[Subscriber]) -> int:
    """Of those who left there, or were refused, nothing is kept once they have no signature here any more."""
    has_signed = Exists(Signature.objects.filter(mailbox_key=OuterRef("mailbox_key")))
    gone = looked_at.filter(state__in=[State.LEFT, State.REFUSED]).exclude(has_signed)
    told = gone.filter(is_ours=True).exclude(remote_id="").update(state=State.TO_REMOVE, changed_at=Now())
    return told + gone.filter(state__in=[State.LEFT, State.REFUSED]).delete()[0]
