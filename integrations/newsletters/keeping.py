"""Setting a newsletter up, trying it, starting, pausing and switching it off; its key."""

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from core import audit, tokens
from core.audit import Staff
from integrations.newsletters.models import Newsletter, Subscriber
from mail import outbox
from mail.outbound import guard
from mail.outbound.queue import queue

PURPOSE = "newsletter-key"
TRY = "newsletter_try"
State = Newsletter.State


class AlreadyDone(Exception):
    """It is as asked for."""


@transaction.atomic
def save(*, newsletter: Newsletter, key: str = "", by: Staff = None) -> None:
    """Store a new or changed newsletter; an empty `key` leaves the one that is kept."""
    if key:
        newsletter.key = tokens.seal(PURPOSE, {"key": key})
    if newsletter.pk is None:
        newsletter.made_by = by
    newsletter.save()


def key_of(newsletter: Newsletter) -> str:
    """The key in the clear. Raises Refused when SECRET_KEY was changed without fallback."""
    try:
        return str(tokens.unseal(PURPOSE, newsletter.key)["key"])
    except tokens.BadToken as error:
        raise guard.Refused("Its key was sealed with a SECRET_KEY that is gone: write the key once more.") from error


@transaction.atomic
def try_it(*, newsletter: Newsletter, by: Staff = None) -> None:
    """Ask for the list, through the queue; what comes back is kept as its answer."""
    Newsletter.objects.filter(pk=newsletter.pk).update(tried_at=Now(), answer="")
    queue(kind=TRY, host=guard.host_of(newsletter.url), context={"newsletter": newsletter.pk})
    audit.record(by=by, on=newsletter, what="Tried it")


@transaction.atomic
def start(*, newsletter: Newsletter, by: Staff = None) -> None:
    """Hand over who may be, now and from now on; goes on where it was. Raises AlreadyDone."""
    _turn(newsletter, State.RUNNING, by, "Started")


@transaction.atomic
def pause(*, newsletter: Newsletter, by: Staff = None) -> None:
    """Hand nobody over for now; who leaves is still taken off. Raises AlreadyDone."""
    _turn(newsletter, State.PAUSED, by, "Paused")


@transaction.atomic
def switch_off(*, newsletter: Newsletter, by: Staff = None) -> None:
    """Name it in the notice no more, and hand nobody over; who leaves is still taken off. Raises AlreadyDone."""
    _turn(newsletter, State.OFF, by, "Switched off")


def _turn(newsletter: Newsletter, state: str, by: Staff, what: str) -> None:
    if not Newsletter.objects.filter(pk=newsletter.pk).exclude(state=state).update(state=state, why=""):
        raise AlreadyDone
    audit.record(by=by, on=newsletter, what=what)


@transaction.atomic
def break_off(*, newsletter: Newsletter, why: str) -> None:
    """Ask it nothing more until it is mended, and tell whoever made it; once. Nothing that waits is lost."""
    broken = Newsletter.objects.filter(pk=newsletter.pk).exclude(state=State.BROKEN)
    if broken.update(state=State.BROKEN, why=why[:400]):
        maker = newsletter.made_by
        to = maker.email if maker and maker.is_active and maker.email else settings.CONTACT_EMAIL
        outbox.queue(kind="newsletter_broken", recipient=to, context={"newsletter": newsletter.pk})


def has_people(newsletter: Newsletter) -> bool:
    """Whether somebody is on it, or on the way there or back."""
    gone = {Subscriber.State.LEFT, Subscriber.State.REFUSED}
    return newsletter.subscribers.exclude(state__in=gone).exists()
