"""Telling a chat through the door, or a mailbox through the outbox."""

from contextlib import suppress

from integrations.notices import chats, keeping
from integrations.notices.models import Chat, Notice
from mail import outbox
from mail.outbound import kinds, queue
from mail.outbound.models import OutgoingRequest

KIND = "notice"


def queue_one(notice: Notice, lines: list[str]) -> None:
    """Queue one message of some lines, in the caller's transaction."""
    context = {"notice": notice.pk, "lines": lines}
    if notice.chat == Chat.EMAIL:
        outbox.queue(kind="notice", recipient=keeping.address_of(notice)[0], context=context)
    else:
        queue.queue(kind=KIND, host=notice.host, context=context, sequence=f"{KIND}:{notice.pk}")


def _failed(row: OutgoingRequest) -> None:
    """A chat that has not answered for days, or says no, is told nothing any more."""
    outcome = OutgoingRequest.objects.values_list("outcome", flat=True).get(pk=row.pk)
    for notice in Notice.objects.filter(pk=row.context["notice"], off_at=None).select_related("made_by"):
        with suppress(keeping.AlreadyDone):  # by another worker, or by staff, at this moment
            keeping.switch_off(notice=notice, reason=outcome)


# 404 and 410 say that the room is gone; with everything else it may be mended in time.
@kinds.kind(KIND, failed=_failed, final=[404, 410])
def tell(row: OutgoingRequest) -> kinds.Request | kinds.Skip:
    """One message for one room."""
    notice = Notice.objects.filter(pk=row.context["notice"], off_at=None).first()
    if notice is None:
        return kinds.Skip("the notice is switched off")
    url, token = keeping.address_of(notice)
    return chats.request(notice.chat, url, token, "\n".join(row.context["lines"]), row.uuid.hex)
