"""Chats are told how things stand: in their own way, not too often, and without anybody's words."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import Notice
from integrations.notices import keeping, looking
from integrations.notices.models import About, Chat
from mail.models import OutgoingEmail, OutgoingRequest
from mail.outbound import sending
from petitions.statements import counting
from tests.factories import CommentFactory, SignatureFactory
from tests.integrations.newsletters.programs import read
from tests.mail.outbound.hosts import good
from tests.mailserver import deliver, text_of

pytestmark = pytest.mark.django_db
HOME = "http://testserver/admin/"


@pytest.fixture
def make(other, admin_user):
    """A notice to a room of the host."""

    def one(chat=Chat.SLACK, end="services/T0/B0/x", token="", about=About.values, **values):
        made = Notice(name="Room", chat=chat, about=list(about), **values)
        keeping.save(notice=made, url=f"{other.url}{end}", token=token, by=admin_user)
        return made

    return one


@pytest.fixture
def comment(statement):
    """A comment that waits, with words that must not get out."""
    return CommentFactory(
        statement=statement, state="waiting", published_at=None, body="SECRET words", author_name="Zed"
    )


def later(**time):
    Notice.objects.update(said_at=timezone.now() - timedelta(**time))


def told(other):
    return [json.loads(read(heard).body) for heard in other.heard]


WAITS = f"Comments waiting: 1 waits. {HOME}"


@pytest.mark.parametrize(
    ("chat", "end", "token", "method", "path", "said"),
    [
        ("slack", "services/T0/B0/x", "", "POST", "/services/T0/B0/x", {"text": WAITS}),
        ("mattermost", "hooks/abc", "", "POST", "/hooks/abc", {"text": WAITS}),
        (
            "discord", "api/webhooks/1/t", "", "POST", "/api/webhooks/1/t",
            {"content": WAITS, "allowed_mentions": {"parse": []}},
        ),
        ("ntfy", "eastside", "tk_1", "POST", "/", {"topic": "eastside", "message": WAITS}),
        (
            "matrix", "!abc:example.org", "syt_1", "PUT",
            "/_matrix/client/v3/rooms/!abc:example.org/send/m.room.message/{uuid}",
            {"msgtype": "m.notice", "body": WAITS},
        ),
    ],
)  # fmt: skip
def test_each_chat_is_told_as_it_wants(make, other, comment, chat, end, token, method, path, said):
    make(chat, end, token)
    assert looking.look() == 1
    sending.send_what_is_due()
    asked = read(other.heard[0])
    uuid = OutgoingRequest.objects.get().uuid.hex
    assert (asked.method, asked.path, asked.json) == (method, path.format(uuid=uuid), said)
    assert asked.headers.get("authorization") == (f"Bearer {token}" if token else None)
    assert [word in str(other.heard) for word in ("SECRET", "Zed")] == [False, False]


def test_the_same_is_told_once_and_again_after_six_hours(make, other, comment):
    make()
    assert [looking.look(), looking.look()] == [1, 0]
    later(hours=1)
    assert looking.look() == 0
    seen = Notice.objects.get()
    seen.seen["waiting"] = {key: [n, (timezone.now() - timedelta(hours=7)).isoformat()] for key, (n, _) in
                            seen.seen["waiting"].items()}  # fmt: skip
    seen.save()
    assert looking.look() == 1


def test_what_comes_between_is_gathered(make, other, comment, statement):
    make(per_hour=2)
    looking.look()
    for _ in range(11):
        CommentFactory(statement=statement, state="waiting", published_at=None)
    SignatureFactory.create_batch(100, statement=statement)
    counting.recount(statement=statement, repair=True)
    assert looking.look() == 0
    later(minutes=29)
    assert looking.look() == 0
    later(minutes=31)
    assert looking.look() == 1
    sending.send_what_is_due()
    assert told(other)[1:] == [
        {
            "text": f"Comments waiting: 12 wait. {HOME}\n100 signatures reached: “{statement.title}”."
            f" http://testserver/statements/{statement.slug}/"
        }
    ]
    later(hours=2)
    assert looking.look() == 0


def test_numbers_reached_before_it_was_made_and_fewer_are_not_told(make, other, statement):
    SignatureFactory.create_batch(100, statement=statement)
    counting.recount(statement=statement, repair=True)
    make(about=["milestone"])
    assert looking.look() == 0
    statement.signatures.first().delete()
    counting.recount(statement=statement, repair=True)
    assert looking.look() == 0
    SignatureFactory(statement=statement)
    counting.recount(statement=statement, repair=True)
    assert looking.look() == 0


def test_trouble_is_told(make, other):
    make(about=["trouble"])
    assert looking.look() == 0
    OutgoingRequest.objects.create(kind="x", host="x", state="failed")
    long_ago = timezone.now() - timedelta(hours=1)
    OutgoingEmail.objects.create(kind="x", recipient="a@example.org", recipient_key="a@example.org", due_at=long_ago)
    assert looking.look() == 1
    sending.send_what_is_due()
    up = "http://testserver/admin/set-up/"
    assert told(other) == [{"text": f"Mail is failing. {up}\nRequests to other hosts are failing. {up}"}]


def test_by_mail(comment, server, admin_user):
    made = Notice(name="Me", chat="email", about=["waiting"])
    keeping.save(notice=made, url="ada@example.org", by=admin_user)
    looking.look()
    assert deliver() == 1
    (mail,) = server.received
    assert (mail["To"], WAITS in text_of(mail)) == ("ada@example.org", True)


@pytest.mark.parametrize(
    ("status", "is_on"), [("404 No", False), ("410 Gone", False), ("403 No", True), ("500 X", True)]
)
def test_a_room_that_is_gone_is_switched_off_with_a_mail(make, other, comment, server, admin_user, status, is_on):
    admin_user.email = "ada@example.org"
    admin_user.save()
    other.answer = lambda own: own.sendall(good(status=status))
    make()
    looking.look()
    sending.send_what_is_due()
    notice = Notice.objects.get()
    assert (notice.is_on, deliver()) == (is_on, 0 if is_on else 1)
    if not is_on:
        (mail,) = server.received
        assert (mail["To"], f"It answered {status[:3]}." in text_of(mail)) == ("ada@example.org", True)
        assert looking.look() == 0


def test_one_that_is_silent_for_three_days_is_switched_off(make, other, comment):
    other.answer = lambda own: own.sendall(good(status="500 Oops"))
    make()
    looking.look()
    sending.send_what_is_due()
    ago = timezone.now() - timedelta(hours=73)
    OutgoingRequest.objects.update(attempts=8, created_at=ago, due_at=ago)
    sending.send_what_is_due()
    assert not Notice.objects.get().is_on


def test_nothing_is_looked_for_when_nobody_listens(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert looking.look() == 0
