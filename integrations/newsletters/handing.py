"""Handing people over one by one, and taking them off again; each a short chain of requests that may be repeated.

The worker looks once a minute (chores.py). What a row waits for stands in its state, so stopping, mending and going on
lose nothing: a request that finds the newsletter paused or broken puts its row back.
"""

import json
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from core.addresses import mailbox_key, remote_key
from integrations.newsletters import connectors, keeping, parting, people
from integrations.newsletters.connectors import ADD, FORGET, REMOVE, Came
from integrations.newsletters.models import Newsletter, Subscriber
from integrations.newsletters.people import Person
from mail.outbound import guard, kinds
from mail.outbound.models import OutgoingRequest
from petitions.models import Signature

KIND = "newsletter"
WINDOW = 5000  # signatures read at once
BATCH = 200
PASS_AGAIN = timedelta(hours=1)  # when all have been read: for those who chose news later, or came late
State = Subscriber.State
GONE = {404, 410}
NO_ENTRY = {401, 403}


def find() -> int:
    """Note down who is to be handed over; returns how many newsletters have more to read."""
    running = Newsletter.objects.filter(state=Newsletter.State.RUNNING)
    return sum(_find(newsletter) for newsletter in running.select_for_update(skip_locked=True))


def _find(newsletter: Newsletter) -> bool:
    last = Signature.objects.aggregate(last=Max("pk"))["last"] or 0
    passed = newsletter.passed_at
    if newsletter.reached >= last and passed and passed < timezone.now() - PASS_AGAIN:
        newsletter.reached = 0
    if newsletter.reached >= last:
        return False
    following = Signature.objects.filter(pk__gt=newsletter.reached, pk__lte=last).order_by("pk")
    up_to = following.values_list("pk", flat=True)[WINDOW - 1 : WINDOW].first() or last  # ids have gaps
    rows = people.may_be_handed_over(newsletter).filter(pk__gt=newsletter.reached, pk__lte=up_to)
    found: dict[bytes, str] = {}
    for key, email in rows.order_by("pk").values_list("mailbox_key", "email"):
        found.setdefault(bytes(key), email)
    _note_down(newsletter, found)
    newsletter.reached = up_to
    if up_to == last:
        newsletter.passed_at = timezone.now()
    newsletter.save(update_fields=["reached", "passed_at"])
    return up_to < last


def _note_down(newsletter: Newsletter, by_key: dict[bytes, str]) -> None:
    """Those who had left there and chose news here again come back: leaving took that choice away."""
    for row in newsletter.subscribers.filter(state=State.LEFT, mailbox_key__in=list(by_key)):
        back = newsletter.subscribers.filter(pk=row.pk, state=State.LEFT)
        back.update(state=State.TO_ADD, email=by_key[bytes(row.mailbox_key)], why="", changed_at=Now())
    Subscriber.objects.bulk_create(
        [Subscriber(newsletter=newsletter, mailbox_key=key, email=email) for key, email in by_key.items()],
        ignore_conflicts=True,
    )


def ask() -> int:
    """Queue a request for each row that waits, where its newsletter may be asked; returns how many."""
    running, broken = Newsletter.State.RUNNING, Newsletter.State.BROKEN
    adds = Q(state=State.TO_ADD, newsletter__state=running)
    waiting = Subscriber.objects.filter(adds | Q(state=State.TO_REMOVE)).exclude(newsletter__state=broken)
    rows = list(
        waiting.select_related("newsletter").select_for_update(skip_locked=True, of=("self",)).order_by("pk")[:BATCH]
    )
    ways = _ways_out([row for row in rows if row.state == State.TO_REMOVE])
    for row in rows:
        row.state, row.was_asked = (State.ADDING if row.state == State.TO_ADD else State.REMOVING), True
    Subscriber.objects.bulk_update(rows, ["state", "was_asked"])
    OutgoingRequest.objects.bulk_create([_request(row, ways.get(row.pk, ADD)) for row in rows])
    return len(rows)


def _request(row: Subscriber, step: str) -> OutgoingRequest:
    return OutgoingRequest(
        kind=KIND,
        host=guard.host_of(row.newsletter.url),
        context={"subscriber": row.pk, "way": row.state, "step": step},
        sequence=f"{KIND}:{row.pk}",
    )


def _ways_out(rows: list[Subscriber]) -> dict[int, str]:
    """Whom we brought there and who is erased here is deleted there; everybody else leaves the list. One query."""
    standing = [Signature.State.CONFIRMED, Signature.State.HELD]
    theirs = Signature.objects.filter(mailbox_key__in=[row.mailbox_key for row in rows], state__in=standing)
    signed = {bytes(key) for key in theirs.values_list("mailbox_key", flat=True).distinct()} if rows else set()
    return {row.pk: FORGET if row.is_ours and bytes(row.mailbox_key) not in signed else REMOVE for row in rows}


def _row(request: OutgoingRequest) -> Subscriber | None:
    """Whom it is about, while they still go that way: who turned round meanwhile has another request."""
    rows = Subscriber.objects.select_related("newsletter__made_by", "newsletter__publisher")
    return rows.filter(pk=request.context["subscriber"], state=request.context["way"]).first()


def _put_back(row: Subscriber) -> None:
    """It waits again, unless it has gone on meanwhile."""
    again = {State.ADDING: State.TO_ADD, State.REMOVING: State.TO_REMOVE}[State(row.state)]
    Subscriber.objects.filter(pk=row.pk, state=row.state).update(state=again)


def _answered(request: OutgoingRequest, answer: kinds.Answer) -> None:
    row = _row(request)
    if row is not None:
        said = json_of(answer)
        person = _person(row) or Person(row.email, row.remote_id)
        step = request.context["step"]
        _go_on(row, connectors.of(row.newsletter.program).came(step, person, said))


def json_of(answer: kinds.Answer) -> Any:
    """What stands in an answer; None in an empty one. Raises Unusable."""
    if not answer.body.strip():
        return None
    try:
        return json.loads(answer.body)
    except ValueError as error:
        raise kinds.Unusable("Its answer is no JSON: is this the address of the program?") from error


def _person(row: Subscriber) -> Person | None:
    return people.of(row) if row.state == State.ADDING else Person(row.email, row.remote_id)


def _go_on(row: Subscriber, came: Came) -> None:
    row.remote_id, row.is_ours = came.remote_id or row.remote_id, came.is_ours or row.is_ours
    Subscriber.objects.filter(pk=row.pk).update(
        remote_id=row.remote_id, remote_key=remote_key(row.remote_id), is_ours=row.is_ours, changed_at=Now()
    )
    if came.step:
        _request(row, came.step).save()
    elif row.state == State.ADDING:
        Subscriber.objects.filter(pk=row.pk, state=State.ADDING).update(state=State.THERE, why="")
    else:
        Subscriber.objects.filter(pk=row.pk, state=State.REMOVING).delete()


def _failed(request: OutgoingRequest) -> None:
    row = _row(request)
    if row is None:
        return
    status, step = request.status, request.context["step"]
    came = connectors.of(row.newsletter.program).refused(step, status) if status else None
    if came is not None:
        _go_on(row, came)
    elif status in {400, 422} and row.state == State.ADDING:
        why = _("It answered %(status)s: it does not take this address or something that the mapping tells.")
        Subscriber.objects.filter(pk=row.pk).update(state=State.REFUSED, why=why % {"status": status})
    else:
        _put_back(row)
        outcome = OutgoingRequest.objects.values_list("outcome", flat=True).get(pk=request.pk)
        keeping.break_off(newsletter=row.newsletter, why=how_to_mend(status, outcome))


def how_to_mend(status: int | None, outcome: str) -> str:
    """What came back, and what to do about it."""
    if status in NO_ENTRY:
        more = _("The key is wrong or may not do this. Make a new one there, write it here and start again.")
    elif status in GONE:
        more = _("The list or the address is not there any more. Correct it here and start again.")
    elif status is not None and 300 <= status < 400:
        more = _("Correct it here and start again.")
    elif status is not None and 400 <= status < 500:
        more = _("It does not understand what we ask. See whether its version is one of docs/newsletters/.")
    else:
        more = _("Once it answers again, start again. Nothing that waits is lost.")
    return f"{outcome} {more}"


@kinds.kind(KIND, answered=_answered, failed=_failed)
def hand(request: OutgoingRequest) -> kinds.Request | kinds.Skip:
    """One step with one person; who changed their mind meanwhile is not told of."""
    row = _row(request)
    if row is None:
        return kinds.Skip("no longer asked for")
    is_adding = row.state == State.ADDING
    state = row.newsletter.state
    if state == Newsletter.State.BROKEN or (is_adding and state != Newsletter.State.RUNNING):
        _put_back(row)
        return kinds.Skip("the newsletter is paused or to be mended")
    person = _person(row)
    if person is None:
        _put_back(row)
        parting.mark(row)  # the next look takes them off
        return kinds.Skip("may not be handed over any more")
    return connectors.of(row.newsletter.program).request(row.newsletter, request.context["step"], person)


@transaction.atomic
def left_there(newsletter: Newsletter, ids: list[str], emails: list[str]) -> int:
    """Those who left there want no news from this publisher here either; returns how many."""
    known = Q(remote_key__in=[*map(remote_key, ids)]) | Q(mailbox_key__in=[*map(mailbox_key, emails)])
    found = newsletter.subscribers.filter(known, state=State.THERE)
    rows = list(found.select_for_update())
    for row in rows:
        people.take_news_off(newsletter, bytes(row.mailbox_key))
    newsletter.subscribers.filter(pk__in=[row.pk for row in rows]).update(state=State.LEFT, email="", changed_at=Now())
    return len(rows)
