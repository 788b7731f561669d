"""Telling endpoints: one request for each event and endpoint, in order per statement, signed as it is sent.

Source: the Standard Webhooks specification, version 1.0.0 (headers, symmetric signatures `v1`).
"""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook

from integrations import endpoints
from integrations.models import Endpoint, WebhookEvent
from mail.outbound import guard, kinds
from mail.outbound.models import OutgoingRequest

KIND = "webhook"


def tell(events: list[WebhookEvent], to: list[Endpoint]) -> None:
    """Queue what these endpoints want to hear of these events, in the caller's transaction."""
    rows = [
        request_for(event, endpoint, once=f"{KIND}:{endpoint.pk}:{event.pk}")
        for event in events
        for endpoint in to
        if event.type in endpoint.events
    ]
    OutgoingRequest.objects.bulk_create(rows, ignore_conflicts=True)


def request_for(event: WebhookEvent, endpoint: Endpoint, once: str = "") -> OutgoingRequest:
    """The row of one request; of a statement's events each waits for those before it, for each endpoint."""
    return OutgoingRequest(
        kind=KIND,
        host=guard.host_of(endpoint.url),
        context={"endpoint": endpoint.pk, "event": event.pk},
        sequence=f"{KIND}:{endpoint.pk}:{event.statement_id or 0}",
        once=once,
    )


def body_of(event: WebhookEvent, endpoint: Endpoint) -> bytes:
    """What an endpoint is told; the same bytes whenever it is told again."""
    data = {**event.data, **_private(event, endpoint)}
    told = {"type": event.type, "timestamp": event.happened_at.astimezone(UTC).isoformat(), "data": data}
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _private(event: WebhookEvent, endpoint: Endpoint) -> dict[str, Any]:
    """The person, for whom they were told of as they agreed: one who was not named by then has no right to them."""
    is_named = endpoint.recipient in event.private.get("recipients", [])
    return {"person": event.private["person"]} if endpoint.may_have_mailbox and is_named else {}


def signed(event: WebhookEvent, endpoint: Endpoint, now: datetime) -> tuple[bytes, dict[str, str]]:
    """The body, and its headers: the id stays, time and signature are those of this try."""
    body, name = body_of(event, endpoint), f"evt_{event.uuid.hex}"
    signatures = [Webhook(secret).sign(name, now, body.decode()) for secret in endpoints.secrets_of(endpoint)]
    return body, {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _failed(row: OutgoingRequest) -> None:
    """An endpoint that has not answered for days, or is gone, is told nothing any more."""
    outcome = OutgoingRequest.objects.values_list("outcome", flat=True).get(pk=row.pk)
    for endpoint in Endpoint.objects.filter(pk=row.context["endpoint"], off_at=None).select_related("made_by"):
        with suppress(endpoints.AlreadyDone):  # by another worker, or by staff, at this moment
            endpoints.switch_off(endpoint=endpoint, reason=outcome)


# 410 says that nobody listens there any more; with everything else it may be mended in time.
@kinds.kind(KIND, failed=_failed, final=[410])
def deliver(row: OutgoingRequest) -> kinds.Request | kinds.Skip:
    """One event for one endpoint."""
    endpoint = Endpoint.objects.filter(pk=row.context["endpoint"], off_at=None).first()
    if endpoint is None:
        return kinds.Skip("the webhook is switched off")
    event = WebhookEvent.objects.filter(pk=row.context["event"]).first()
    if event is None:
        return kinds.Skip("forgotten")
    body, headers = signed(event, endpoint, datetime.now(UTC))
    return kinds.Request(endpoint.url, body=body, headers=headers)


class NobodyListens(Exception):
    """No endpoint that is switched on wants to hear of this."""


def replay(event: WebhookEvent) -> None:
    """Tell every endpoint that wants to hear of it once more, with the same id and body. Raises NobodyListens."""
    listening = Endpoint.objects.filter(off_at=None, events__contains=[event.type])
    rows = [request_for(event, endpoint) for endpoint in listening]
    if not rows:
        raise NobodyListens
    OutgoingRequest.objects.bulk_create(rows)
