"""How webhooks are told: signed, at least once, in order, the same words each time, and no longer than they listen."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from core import retention
from integrations import delivering, endpoints
from integrations.models import Endpoint, WebhookEvent
from mail.models import OutgoingEmail, OutgoingRequest
from mail.outbound import sending
from tests.mail.outbound.hosts import good
from tests.mailserver import deliver, text_of
from tests.meeting import meet

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    made = WebhookEvent.objects.create(
        type="signature.agreed",
        key="x",
        statement_id=7,
        subject_id=3,
        happened_at="2026-12-01T10:00:00Z",
        data={"signature": {"id": 3, "name": "Zoë"}},
        private={"person": {"email": "zoe@example.org"}, "recipients": ["Lantern Union"]},
    )
    made.refresh_from_db()
    return made


@pytest.fixture
def tell(event, endpoint):
    def one(*more):
        delivering.tell([event, *more], [endpoint])
        sending.send_what_is_due()

    return one


def make_due():
    OutgoingRequest.objects.filter(state="queued").update(due_at=timezone.now() - timedelta(seconds=1))


def verified(other, secret, number=-1):
    body = other.heard[number].partition(b"\r\n\r\n")[2]
    return Webhook(secret).verify(body, other.headers(number))


def test_what_arrives_is_signed_and_says_what_happened(tell, other, endpoint, event):
    tell()
    assert verified(other, endpoint.in_the_clear) == {
        "type": "signature.agreed",
        "timestamp": "2026-12-01T10:00:00+00:00",
        "data": {"signature": {"id": 3, "name": "Zoë"}},
    }
    headers = other.headers()
    assert (headers["webhook-id"], headers["content-type"]) == (f"evt_{event.uuid.hex}", "application/json")
    with pytest.raises(WebhookVerificationError):
        verified(other, endpoints._new_secret())


@pytest.mark.parametrize(
    ("may", "recipient", "person"),
    [
        (True, "Lantern Union", {"email": "zoe@example.org"}),
        (True, "Lantern", None),  # whom the notice that they agreed to did not name
        (False, "Lantern Union", None),
    ],
)
def test_only_who_may_have_the_mailbox_is_told_it(tell, other, endpoint, may, recipient, person):
    Endpoint.objects.update(may_have_mailbox=may, recipient=recipient)
    tell()
    told = verified(other, endpoint.in_the_clear)["data"]
    assert (told.get("person"), b"recipients" in other.heard[0]) == (person, False)


def test_a_repeat_says_the_same_under_the_same_id_with_a_time_of_its_own(tell, other, endpoint, event, monkeypatch):
    times = iter([1_800_000_000, 1_800_000_061])

    class Clock(delivering.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(next(times), tz)

    monkeypatch.setattr(delivering, "datetime", Clock)
    other.answer = lambda own: own.sendall(good(status="500 Oops"))
    tell()
    make_due()
    sending.send_what_is_due()
    first, second = (other.headers(number) for number in (0, 1))
    bodies = {request.partition(b"\r\n\r\n")[2] for request in other.heard}
    assert (len(bodies), first["webhook-id"]) == (1, second["webhook-id"])
    assert (first["webhook-timestamp"], second["webhook-timestamp"]) == ("1800000000", "1800000061")
    assert first["webhook-signature"] != second["webhook-signature"]


def test_a_new_secret_is_valid_beside_the_old_one_for_a_day(tell, other, endpoint, admin_user):
    old, new = endpoint.in_the_clear, endpoints.rotate(endpoint=endpoint, by=admin_user)
    tell()
    assert verified(other, old) == verified(other, new)
    Endpoint.objects.update(rotated_at=timezone.now() - endpoints.OVERLAP)
    assert endpoints.secrets_of(Endpoint.objects.get()) == [new]
    assert (old in str(Endpoint.objects.values()), new in str(Endpoint.objects.values())) == (False, False)


def test_events_of_a_statement_arrive_in_order(tell, other, endpoint, event):
    more = [
        WebhookEvent.objects.create(
            type=event.type, key=f"y{n}", statement_id=7, happened_at=timezone.now(), data={"number": n}
        )
        for n in range(3)
    ]
    answers = iter(["200 OK", "503 Away"])
    other.answer = lambda own: own.sendall(good(status=next(answers, "200 OK")))
    tell(*more)
    assert len(other.heard) == 2
    make_due()
    sending.send_what_is_due()
    told = [json.loads(request.partition(b"\r\n\r\n")[2])["data"].get("number") for request in other.heard]
    assert told == [None, 0, 0, 1, 2]


def test_the_same_is_told_once_unless_staff_want_it_again(tell, other, endpoint, event):
    tell()
    tell()
    assert len(other.heard) == 1
    delivering.replay(event)
    sending.send_what_is_due()
    assert other.headers(0)["webhook-id"] == other.headers(1)["webhook-id"]
    Endpoint.objects.update(off_at=timezone.now())
    with pytest.raises(delivering.NobodyListens):
        delivering.replay(event)


@pytest.mark.parametrize("status", [400, 401, 404, 302])
def test_what_may_be_mended_is_tried_again(tell, other, status):
    other.answer = lambda own: own.sendall(good(status=f"{status} No"))
    tell()
    assert list(OutgoingRequest.objects.values_list("state", "attempts", "status")) == [("queued", 1, status)]
    assert Endpoint.objects.get().is_on


def test_one_that_is_gone_is_switched_off_with_a_mail_to_whoever_made_it(
    tell, other, endpoint, event, server, admin_user
):
    admin_user.email = "ada@example.org"
    admin_user.save()
    other.answer = lambda own: own.sendall(good(status="410 Gone"))
    tell(WebhookEvent.objects.create(type=event.type, key="y", statement_id=7, happened_at=timezone.now()))
    endpoint = Endpoint.objects.get()
    assert (endpoint.is_on, endpoint.off_why, len(other.heard)) == (False, "It answered 410.", 1)
    assert sorted(OutgoingRequest.objects.values_list("state", "outcome")) == [
        ("failed", "It answered 410."),
        ("skipped", "the webhook is switched off"),
    ]
    assert deliver() == 1
    (mail,) = server.received
    assert (mail["To"], other.url in text_of(mail), "It answered 410." in text_of(mail)) == (
        "ada@example.org",
        True,
        True,
    )


@pytest.mark.django_db(transaction=True)
def test_one_that_two_find_gone_at_once_is_switched_off_once(endpoint, event):
    row = delivering.request_for(event, endpoint)
    row.save()

    def other_worker():
        Endpoint.objects.update(off_at=timezone.now(), off_why="It answered 410.")

    meet(other_worker, lambda: delivering._failed(row), before='UPDATE "integrations_endpoint"')
    assert (Endpoint.objects.get().off_why, OutgoingEmail.objects.count()) == ("It answered 410.", 0)


def test_one_that_is_silent_for_three_days_is_switched_off(tell, other, endpoint):
    other.answer = lambda own: own.sendall(good(status="500 Oops"))
    tell()
    OutgoingRequest.objects.update(attempts=8, created_at=timezone.now() - timedelta(hours=73))
    make_due()
    sending.send_what_is_due()
    assert not Endpoint.objects.get().is_on
    mail = OutgoingEmail.objects.get()
    assert (mail.kind, mail.context) == ("webhook_off", {"endpoint": endpoint.pk})


def test_what_was_told_is_forgotten(event, settings):
    old = WebhookEvent.objects.create(type=event.type, key="y", happened_at=timezone.now())
    longer = timezone.now() - timedelta(days=settings.WEBHOOK_EVENT_DAYS + 1)
    WebhookEvent.objects.filter(pk=old.pk).update(noticed_at=longer)
    retention.forget()
    assert list(WebhookEvent.objects.all()) == [event]
