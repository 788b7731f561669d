"""Outgoing mail: asking for it, and what a mail server then receives."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from core import identity
from core.addresses import mailbox_key
from mail import kinds, outbox, rendering
from mail.models import OutgoingEmail, Suppression
from mail.suppression import lift, suppressed
from tests.factories import OutgoingEmailFactory
from tests.mailserver import deliver, html_of, text_of

pytestmark = pytest.mark.django_db
Lane = OutgoingEmail.Lane


@pytest.fixture
def kind(settings, tmp_path, monkeypatch):
    """Register a kind `test` with templates of its own; `kind.says` is its context."""
    (tmp_path / "emails").mkdir()
    parts = {"subject.txt": "News of\n {{ what }}\n", "txt": "{{ what }}, in text.\n", "html": "<p>{{ what }}</p>"}
    for part, content in parts.items():
        (tmp_path / "emails" / f"test.{part}").write_text(content)
    settings.TEMPLATES = [{**settings.TEMPLATES[1], "DIRS": [tmp_path, *settings.TEMPLATES[1]["DIRS"]]}]

    def build(row):
        return outbox.Message(name="test", to=row.recipient, **build.says)

    build.says = {"context": {"what": "libraries"}}
    kinds.find("mine_link")  # loads those that are registered
    monkeypatch.setitem(kinds._kinds, "test", kinds.Kind(build))
    return build


def test_queueing_writes_one_row(django_assert_num_queries):
    with django_assert_num_queries(1):
        row = outbox.queue(kind="test", recipient="A.Yusuf+x@gmail.com", lane=Lane.CONFIRM, context={"statement": 7})
    row.refresh_from_db()
    assert (row.kind, row.recipient, row.recipient_key) == (
        "test",
        "A.Yusuf+x@gmail.com",
        mailbox_key("ayusuf@gmail.com"),
    )
    assert (row.lane, row.context, row.state, row.attempts) == (Lane.CONFIRM, {"statement": 7}, "queued", 0)
    assert row.due_at == row.created_at


def test_a_mail_is_wanted_as_long_as_its_reason_stands():
    with transaction.atomic():
        outbox.queue(kind="test", recipient="amina@example.org", context={})
        transaction.set_rollback(True)
    assert OutgoingEmail.objects.count() == 0


@pytest.mark.parametrize(
    "recipient",
    [
        "a@example.org,b@example.org",
        "a@example.org b@example.org",
        "a@example.org;b@example.org",
        "a@example.org\nBcc: b@example.org",
        "Amina <a@example.org> <b@example.org>",
        "nobody",
        "",
    ],
)
def test_a_row_has_exactly_one_recipient(recipient):
    with pytest.raises(IntegrityError), transaction.atomic():
        outbox.queue(kind="test", recipient=recipient, context={})


def test_a_mail_whose_recipient_was_changed_in_the_database_goes_to_nobody(server, kind):
    """Somebody else's sealed address, bytes that are none, and the mail beside them goes out as ever."""
    for name in ("amina", "bo", "carol"):
        OutgoingEmailFactory(recipient=f"{name}@example.org")
    with connection.cursor() as cursor:
        table = "mail_outgoingemail"
        cursor.execute(f"SELECT recipient FROM {table} ORDER BY id DESC LIMIT 1")
        [[of_carol]] = cursor.fetchall()
        cursor.execute(f"UPDATE {table} SET recipient = %s WHERE id = (SELECT min(id) FROM {table})", [of_carol])
        cursor.execute(
            f"UPDATE {table} SET recipient = set_byte(recipient, 30, 255 - get_byte(recipient, 30))"
            f" WHERE id = (SELECT id FROM {table} ORDER BY id OFFSET 1 LIMIT 1)"
        )
    deliver()
    assert [mail["To"] for mail in server.received] == ["carol@example.org"]
    told = "not sent: its recipient was changed in the database"
    assert list(OutgoingEmail.objects.order_by("pk").values_list("state", "outcome")) == [
        ("skipped", told), ("skipped", told), ("sent", OutgoingEmail.objects.latest("pk").outcome),
    ]  # fmt: skip


def test_the_mail_that_arrives(server, kind, settings):
    row = OutgoingEmailFactory(recipient="amina@example.org")
    assert deliver() == 1
    (message,) = server.received
    headers = {name: message[name] for name in message if name not in {"Date", "Content-Type"}}
    assert headers == {
        "MIME-Version": "1.0",
        "Subject": "News of libraries",
        "From": "Eastside Campaign <post@example.org>",
        "To": "amina@example.org",
        "Reply-To": "post@example.org",
        "Message-ID": f"<{row.uuid}@example.org>",
        "Auto-Submitted": "auto-generated",
        "X-Outbox-Id": str(row.pk),
    }
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    row.refresh_from_db()
    assert (row.state, row.attempts, row.outcome, row.claimed_until) == ("sent", 1, "", None)
    assert row.finished_at is not None


def test_text_is_text_and_html_is_html(server, kind):
    kind.says["context"]["what"] = "Bread & <b>roses</b> ‘now’"
    OutgoingEmailFactory()
    deliver()
    (message,) = server.received
    assert message["Subject"] == "News of Bread & <b>roses</b> ‘now’"
    assert text_of(message) == "Bread & <b>roses</b> ‘now’, in text.\r\n"
    assert html_of(message).strip() == "<p>Bread &amp; &lt;b&gt;roses&lt;/b&gt; ‘now’</p>"


def test_no_text_can_start_a_header(server, kind):
    kind.says["context"]["what"] = "a\r\nBcc: eve@example.org\x85X-Evil: 1\u2028b"
    OutgoingEmailFactory()
    deliver()
    (message,) = server.received
    assert message["Subject"] == "News of a Bcc: eve@example.org X-Evil: 1 b"
    assert (message["Bcc"], message["X-Evil"]) == (None, None)


def test_a_newsletter_adds_its_headers_and_its_own_reply_address(server, kind):
    headers = {
        "List-Unsubscribe": "<https://example.org/unsubscribe/x/>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    kind.says |= {"headers": headers, "reply_to": "libraries@example.org"}
    OutgoingEmailFactory()
    deliver()
    (message,) = server.received
    assert {name: message[name] for name in headers} == headers
    assert message["Reply-To"] == "libraries@example.org"


def test_the_sender_is_the_publisher_unless_mail_from_has_a_name(settings):
    settings.MAIL_FROM = "Libraries <news@example.org>"
    assert rendering.sender(identity.from_environment()) == "Libraries <news@example.org>"
    settings.MAIL_FROM = "news@grün.example"
    assert rendering.sender(identity.from_environment()) == "Eastside Campaign <news@xn--grn-ioa.example>"


def test_urgent_lanes_go_first_and_older_mail_before_newer(server, kind):
    now = timezone.now()
    for name, lane, minutes in [("bulk", 3, 9), ("notice", 2, 5), ("old-notice", 2, 7), ("confirm", 1, 0)]:
        OutgoingEmailFactory(recipient=f"{name}@example.org", lane=lane, due_at=now - timedelta(minutes=minutes))
    assert deliver() == 4
    assert [to.partition("@")[0] for to in server.recipients()] == ["confirm", "old-notice", "notice", "bulk"]


def test_mail_for_later_waits(server, kind):
    row = outbox.queue(
        kind="test", recipient="amina@example.org", context={}, due_at=timezone.now() + timedelta(minutes=1)
    )
    assert deliver() == 0
    OutgoingEmail.objects.filter(pk=row.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    assert deliver() == 1


def test_who_asked_for_silence_gets_it_in_every_spelling(server, kind):
    outbox.suppress("A.Yusuf@gmail.com")
    outbox.suppress("ayusuf+again@googlemail.com")
    row = OutgoingEmailFactory(recipient="ayusuf+news@gmail.com")
    OutgoingEmailFactory(recipient="a.yusuf@example.org")
    deliver()
    assert server.recipients() == ["a.yusuf@example.org"]
    row.refresh_from_db()
    assert (row.state, row.outcome) == ("skipped", "asked for no mail")


def test_silence_is_kept_as_a_keyed_hash(settings):
    outbox.suppress("amina@example.org")
    assert len(Suppression.objects.get().mailbox_key) == 16
    assert suppressed(map(mailbox_key, ["amina@example.org", "bo@example.org"])) == {mailbox_key("amina@example.org")}
    settings.HASH_SECRET = "another secret, which is long enough to be one"
    assert suppressed([mailbox_key("amina@example.org")]) == set()


def test_silence_can_be_lifted():
    outbox.suppress("amina@example.org")
    outbox.suppress("bo@example.org")
    assert [lift(mailbox_key("Amina+x@example.org")) for _ in range(2)] == [True, False]
    assert suppressed(map(mailbox_key, ["amina@example.org", "bo@example.org"])) == {mailbox_key("bo@example.org")}


def test_a_kind_that_reaches_anybody_reaches_who_asked_for_silence(server, kind, monkeypatch):
    outbox.suppress("amina@example.org")
    monkeypatch.setitem(kinds._kinds, "test", kinds.Kind(kind, to_anybody=True))
    OutgoingEmailFactory(recipient="amina@example.org")
    assert deliver() == 1


def test_a_judge_says_what_need_not_go_out_and_what_must_wait(server, kind, monkeypatch):
    """Neither is a try; what it drops is never built, and the kind hears of what a server took, and of nothing else."""

    def judge(rows):
        assert all(row.claimed_until for row in rows)
        first, second, *_ = rows
        return {
            first.pk: outbox.Judged.drop("not now"),
            second.pk: outbox.Judged.later(timedelta(minutes=7), "too soon"),
        }

    def accepted(row):
        return ["heard AS (INSERT INTO mail_suppression (mailbox_key) VALUES (%(key)s))"], {
            "key": row.recipient.encode()
        }

    monkeypatch.setitem(kinds._kinds, "test", kinds.Kind(kind, judge=judge, accepted=accepted))
    dropped, later, refused, sent = [
        OutgoingEmailFactory(recipient=f"{name}@example.org") for name in ("a", "b", "c", "d")
    ]
    server.says["RCPT"]["c@example.org"] = "450 4.2.0 Later"
    assert deliver() == 1
    heard = [bytes(key) for key in Suppression.objects.values_list("mailbox_key", flat=True)]
    assert (server.recipients(), heard) == (["d@example.org"], [b"d@example.org"])
    for row in (dropped, later, refused, sent):
        row.refresh_from_db()
    assert [(row.state, row.attempts, row.outcome) for row in (dropped, later, refused, sent)] == [
        ("skipped", 0, "not now"),
        ("queued", 0, "too soon"),
        ("queued", 1, "450 4.2.0 Later"),
        ("sent", 1, ""),
    ]
    assert timedelta(minutes=6) < later.due_at - timezone.now() <= timedelta(minutes=7)
    assert (dropped.finished_at is None, later.finished_at, later.claimed_until) == (False, None, None)


def test_a_builder_may_decide_that_there_is_nothing_to_say(server, monkeypatch):
    monkeypatch.setitem(kinds._kinds, "test", kinds.Kind(lambda row: outbox.Skip("gone")))
    row = OutgoingEmailFactory()
    assert (deliver(), server.received) == (0, [])
    row.refresh_from_db()
    assert (row.state, row.outcome) == ("skipped", "gone")


def test_calling_mail_back_stops_what_has_not_left_and_nothing_else():
    now = timezone.now()
    mine = {"kind": "news", "recipient": "amina@example.org", "context": {"row": 1, "more": 2}}
    others = [
        {"state": "sent"},
        {"claimed_until": now},
        {"kind": "other"},
        {"recipient": "bo@example.org"},
        {"context": {"row": 2}},
        {"created_at": now - timedelta(hours=1)},
    ]
    left = [OutgoingEmailFactory(**mine | other) for other in others]
    OutgoingEmailFactory(**mine)

    def stop() -> set[str]:
        since = now - timedelta(minutes=1)
        return outbox.call_back(
            recipient_key=mailbox_key("amina@example.org"), kinds=["news"], about={"row": 1}, since=since
        )

    with transaction.atomic():
        assert [stop(), stop()] == [{"news"}, set()]
    assert list(OutgoingEmail.objects.order_by("pk")) == left
