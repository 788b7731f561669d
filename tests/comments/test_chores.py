"""What the worker does for comments by itself: forgetting, emptying, asking the spam service."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest
from django.utils import timezone

from comments import akismet, moderation, posting, reporting, retention, threads
from comments import chores as own
from comments.models import Comment, Report, Thread
from core import chores
from mail.models import OutgoingRequest
from mail.outbound import sending
from tests.comments.making import agreed
from tests.factories import CommentFactory

pytestmark = pytest.mark.django_db


def days_ago(days: float):
    return timezone.now() - timedelta(days=days)


def test_addresses_are_forgotten_a_month_after_the_thread_ended(thread, settings):
    over = CommentFactory(statement=thread.statement, ip_key="k")
    running = CommentFactory()
    fresh = CommentFactory(state="waiting")
    threads.close(thread=thread, at=days_ago(settings.COMMENT_EMAIL_DAYS + 1))
    threads.close(thread=fresh.thread, at=days_ago(settings.COMMENT_EMAIL_DAYS - 1))
    assert (retention.forget_writers(), retention.forget_writers()) == (1, 0)
    over.refresh_from_db()
    assert (over.author_email, over.mailbox_key, over.ip_key, over.author_name != "") == ("", None, "", True)
    assert over.address_key is None
    assert Comment.objects.exclude(mailbox_key=None).count() == 2
    assert running.body


@pytest.mark.parametrize("how", ["closes_at", "close_after_days"])
def test_threads_that_end_by_date_are_forgotten_too(thread, settings, how):
    CommentFactory(statement=thread.statement)
    thread.statement.published_at = days_ago(90)
    thread.statement.save()
    Thread.objects.update(**{how: days_ago(40) if how == "closes_at" else 50})
    assert retention.forget_writers() == 1


def test_a_thread_that_never_ends_keeps_nobody_for_ever(thread, settings):
    longest = settings.COMMENT_EMAIL_LONGEST_DAYS
    for number, days in enumerate((longest + 1, longest - 1)):
        CommentFactory(statement=thread.statement, author_email=f"{number}@example.org", created_at=days_ago(days))
    assert threads.state_of(thread)[1] is None
    assert (retention.forget_writers(), retention.forget_writers()) == (1, 0)
    assert list(Comment.objects.order_by("pk").values_list("author_email", flat=True)) == ["", "1@example.org"]


def test_the_bin_is_emptied_and_answered_places_stay(thread, settings):
    alone, answered, fresh = (CommentFactory(statement=thread.statement) for _ in range(3))
    moderation.reply(comment=answered, body="Thanks.", name="E")
    for row in (alone, answered, fresh):
        moderation.bin(comment=row)
    Comment.objects.filter(pk__in=[alone.pk, answered.pk]).update(decided_at=days_ago(settings.COMMENT_BIN_DAYS + 1))
    assert (retention.empty_bin(), retention.empty_bin()) == (2, 0)
    answered.refresh_from_db()
    assert {getattr(answered, name) for name in (*retention.EMPTIED, *retention.FORGOTTEN)} == {"", None}
    assert set(Comment.objects.values_list("pk", flat=True)) >= {answered.pk, fresh.pk}
    assert not Comment.objects.filter(pk=alone.pk).exists()


def test_networks_are_forgotten_after_a_week(thread, settings):
    old, young = (CommentFactory(statement=thread.statement, ip_key="k") for _ in range(2))
    Comment.objects.filter(pk=old.pk).update(created_at=days_ago(settings.IP_KEY_DAYS + 1))
    assert (own.forget_networks(), own.forget_networks()) == (1, 0)
    assert [Comment.objects.get(pk=row.pk).ip_key for row in (old, young)] == ["", "k"]


def test_the_worker_knows_them_all(thread):
    done = chores.run_all()
    own = {
        name: rows for name, rows in done.items() if "moderators" in name or ("comment" in name and "web" not in name)
    }
    assert own == {"tell moderators what waits": 0}


class Service(HTTPServer):
    """A spam service on this machine: it answers what it is told to, and remembers what it was asked."""

    answer = b"false"
    status = 200
    asked: list[dict[str, list[str]]]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append({"path": [self.path], **parse_qs(body.decode())})
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def service(settings) -> Iterator[Service]:
    server = Service(("127.0.0.1", 0), _Handler)
    server.asked = []
    settings.AKISMET_KEY, settings.OUTBOUND_PRIVATE_HOSTS = "key", ["http://127.0.0.1"]
    settings.AKISMET_URL = f"http://127.0.0.1:{server.server_port}/1.1/"
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    yield server
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture
def trusted(thread) -> Thread:
    CommentFactory(statement=thread.statement, author_email="amina@example.org")
    return thread


def test_no_request_waits_for_the_service_and_a_clean_comment_goes_on(service, trusted):
    comment = agreed(trusted, body="Hello.")
    assert (comment.state, comment.spam_check, service.asked) == ("waiting", "due", [])
    assert (sending.turn(), sending.turn()) == (1, 0)
    comment.refresh_from_db()
    assert (comment.state, comment.spam_check) == ("published", "clean")
    asked = service.asked[0]
    assert (asked["path"], asked["comment_content"], asked["comment_author"]) == (
        ["/1.1/comment-check"],
        ["Hello."],
        ["Amina Yusuf"],
    )
    assert "amina@example.org" not in str(asked)


def test_a_clean_comment_that_had_to_wait_waits(service, thread):
    comment = agreed(thread, body="Hello.")
    sending.turn()
    comment.refresh_from_db()
    assert (comment.state, comment.held_reason) == ("waiting", "New here")


def test_a_clean_comment_under_a_thread_closed_meanwhile_waits(service, trusted):
    comment = agreed(trusted, body="Hello.")
    threads.close(thread=trusted)
    sending.turn()
    comment.refresh_from_db()
    assert (comment.state, comment.held_reason) == ("waiting", "Checked for spam after the thread was closed")


def test_spam_goes_to_spam_and_can_be_undone(service, trusted):
    service.answer = b"true"
    comment = agreed(trusted, body="Hello.")
    sending.turn()
    comment.refresh_from_db()
    assert (comment.state, comment.decided_reason) == ("spam", "The spam service says so")
    assert agreed(trusted, body="More.").held_reason == "Spam came from this mailbox before"
    assert moderation.undo(comment=comment).state == "waiting"
    assert agreed(trusted, body="Still more.").held_reason == ""


def try_in_vain(times: int) -> list[tuple[str, str]]:
    """How the comment stands after each try of what waits for the service."""
    stands = []
    for _ in range(times):
        OutgoingRequest.objects.update(due_at=days_ago(1))
        sending.turn()
        comment = Comment.objects.get(body="Hello.")
        stands.append((comment.state, comment.spam_check))
    return stands


@pytest.mark.parametrize(("status", "answer"), [(500, b"false"), (200, b"invalid"), (200, b"")])
def test_a_service_that_is_down_holds_and_lets_nothing_through(service, trusted, status, answer):
    service.status, service.answer = status, answer
    comment = agreed(trusted, body="Hello.")
    assert try_in_vain(akismet.TRIES - 1) == [("waiting", "due")] * (akismet.TRIES - 1)
    assert try_in_vain(2) == [("waiting", "failed")] * 2
    comment.refresh_from_db()
    assert (comment.state, comment.spam_check) == ("waiting", "failed")
    assert (comment.held_reason, len(service.asked)) == ("The spam service gave no answer", akismet.TRIES)


def test_a_service_that_is_away_holds(service, trusted, settings):
    settings.AKISMET_URL = "http://127.0.0.1:1/"
    comment = agreed(trusted, body="Hello.")
    assert try_in_vain(1) == [("waiting", "due")]
    settings.AKISMET_KEY = ""
    assert try_in_vain(1) == [("waiting", "failed")]
    comment.refresh_from_db()
    assert (comment.state, comment.held_reason) == ("waiting", "The spam service was switched off")


def test_a_moderator_is_faster_than_the_service(service, trusted):
    service.answer = b"true"
    comment = agreed(trusted, body="Hello.")
    stale = Comment.objects.select_related("thread").get(pk=comment.pk)
    moderation.approve(comment=comment)
    assert akismet.judge(comment=stale, spam=True).state == "published"


def test_what_its_writer_took_back_is_deleted_after_its_minutes(thread, settings):
    old, young = (CommentFactory(statement=thread.statement) for _ in range(2))
    assert [posting.withdraw(comment_id=row.pk) for row in (old, young)] == [True, True]
    ago = timezone.now() - timedelta(minutes=settings.WITHDRAWN_MINUTES, seconds=1)
    Comment.objects.filter(pk=old.pk).update(withdrawn_at=ago)
    assert (retention.delete_withdrawn(), retention.delete_withdrawn(), Comment.objects.get()) == (1, 0, young)


def test_the_words_of_reports_are_forgotten_in_their_time(thread, settings):
    comment = CommentFactory(statement=thread.statement)
    for key in ("looked at", "never", "young"):
        reporting.report(comment=comment, reason="other", words=f"My neighbour, {key}", ip_key=key)
    Report.objects.filter(ip_key="looked at").update(looked_at=days_ago(settings.REPORT_DAYS + 1))
    Report.objects.filter(ip_key="never").update(created_at=days_ago(settings.UNDECIDED_DAYS + 1))
    assert (retention.forget_reports(), retention.forget_reports()) == (2, 0)
    assert list(Report.objects.order_by("pk").values_list("words", flat=True)) == ["", "", "My neighbour, young"]
