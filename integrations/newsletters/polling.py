"""Asking a newsletter whether it is there, and who left it; nobody there tells us by themselves."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from integrations.newsletters import connectors, handing, keeping
from integrations.newsletters.models import Newsletter, Subscriber
from mail.outbound import guard, kinds, queue
from mail.outbound.models import OutgoingRequest

KIND = "newsletter_poll"
EVERY = timedelta(minutes=15)
FIRST = "first"  # as a place: the list itself, so that one that was moved is noticed


def poll() -> int:
    """Queue the first question for each newsletter that is due and has people; returns how many."""
    on_it = Exists(Subscriber.objects.filter(newsletter=OuterRef("pk"), state=Subscriber.State.THERE))
    due = Q(polled_at=None) | Q(polled_at__lt=Now() - EVERY)
    rows = list(
        Newsletter.objects.filter(due, on_it).exclude(state=Newsletter.State.BROKEN).select_for_update(skip_locked=True)
    )
    for newsletter in rows:
        _queue(newsletter, FIRST)
    Newsletter.objects.filter(pk__in=[row.pk for row in rows]).update(polled_at=Now())
    return len(rows)


def _queue(newsletter: Newsletter, place: Any) -> None:
    context = {"newsletter": newsletter.pk, "place": place}
    sequence = f"{KIND}:{newsletter.pk}"
    queue.queue(kind=KIND, host=guard.host_of(newsletter.url), context=context, sequence=sequence)


def _newsletter(request: OutgoingRequest) -> Newsletter | None:
    return Newsletter.objects.select_related("made_by").filter(pk=request.context["newsletter"]).first()


def _answered(request: OutgoingRequest, answer: kinds.Answer) -> None:
    newsletter, place = _newsletter(request), request.context["place"]
    if newsletter is None:
        return
    connector, said = connectors.of(newsletter.program), handing.json_of(answer)
    if place == FIRST:
        if connector.looked(said):
            _queue(newsletter, newsletter.seen)
        else:
            keeping.break_off(newsletter=newsletter, why=_no_list())
        return
    page = connector.who_left(place, said)
    handing.left_there(newsletter, page.ids, page.emails)
    if page.next is not None:
        _queue(newsletter, page.next)
    else:
        Newsletter.objects.filter(pk=newsletter.pk).update(seen=page.seen)


def _no_list() -> str:
    return _("It answers, but has no such list. Correct the list here and start again.")


def _failed(request: OutgoingRequest) -> None:
    if newsletter := _newsletter(request):
        outcome = OutgoingRequest.objects.values_list("outcome", flat=True).get(pk=request.pk)
        keeping.break_off(newsletter=newsletter, why=handing.how_to_mend(request.status, outcome))


@kinds.kind(KIND, answered=_answered, failed=_failed)
def ask(request: OutgoingRequest) -> kinds.Request | kinds.Skip:
    """One page of those who left."""
    newsletter, place = _newsletter(request), request.context["place"]
    if newsletter is None or newsletter.state == Newsletter.State.BROKEN:
        return kinds.Skip("the newsletter is to be mended")
    connector = connectors.of(newsletter.program)
    return connector.look(newsletter) if place == FIRST else connector.left(newsletter, place)


def _tried(request: OutgoingRequest, answer: kinds.Answer) -> None:
    if newsletter := _newsletter(request):
        name = connectors.of(newsletter.program).looked(handing.json_of(answer))
        said = _("It works: the list is called “%(name)s”.") % {"name": name[:200]} if name else _no_list()
        Newsletter.objects.filter(pk=newsletter.pk).update(answer=said)


def _try_failed(request: OutgoingRequest) -> None:
    outcome = OutgoingRequest.objects.values_list("outcome", flat=True).get(pk=request.pk)
    words = handing.how_to_mend(request.status, outcome)
    Newsletter.objects.filter(pk=request.context["newsletter"]).update(answer=words[:400])


# Somebody waits for it: one try.
@kinds.kind(keeping.TRY, answered=_tried, failed=_try_failed, tries=1, give_up=timedelta(0))
def try_it(request: OutgoingRequest) -> kinds.Request | kinds.Skip:
    """Ask for the list itself."""
    newsletter = _newsletter(request)
    return connectors.of(newsletter.program).look(newsletter) if newsletter else kinds.Skip("no longer there")
