"""What reports about returned mail say, from whatever server, and what says nothing."""

import pytest

from mail import reports
from mail.reports import Report
from tests.factories import OutgoingEmailFactory
from tests.mail.returned import bounce, complaint

pytestmark = pytest.mark.django_db


@pytest.fixture
def row():
    made = OutgoingEmailFactory(state="sent")
    made.refresh_from_db()
    return made


@pytest.mark.parametrize("whole", [True, False], ids=["whole mail", "headers only"])
def test_a_failed_delivery_names_our_mail_and_why(row, whole):
    expected = Report(row.uuid, row.pk, "bounced", "5.1.1")
    assert reports.read(bounce(row, whole=whole)) == expected


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_is_no_failure_says_nothing(row, action):
    assert reports.read(bounce(row, action=action, status="4.4.1")) is None


def test_a_status_that_is_missing_is_taken_from_what_the_server_said(row):
    raw = bounce(row).replace(b"Status: 5.1.1\r\n", b"Status: unknown\r\n")
    assert reports.read(raw).status == "5.1.1"
    assert reports.read(raw.replace(b"550 5.1.1", b"550")).status == ""


def test_a_complaint_names_our_mail(row):
    assert reports.read(complaint(row)) == Report(row.uuid, row.pk, "complained", "")
    assert reports.read(complaint(row, "opt-out")).fate == "complained"


@pytest.mark.parametrize("feedback", ["not-spam", "auth-failure", ""])
def test_other_feedback_says_nothing(row, feedback):
    assert reports.read(complaint(row, feedback)) is None


def test_a_number_that_is_left_out_or_is_none_is_not_needed(row):
    raw = bounce(row)
    own = f"X-Outbox-Id: {row.pk}\r\n".encode()
    assert reports.read(raw.replace(own, b"")) == Report(row.uuid, None, "bounced", "5.1.1")
    assert reports.read(raw.replace(own, b"X-Outbox-Id: 7; DROP\r\n")).row is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"From: amina@example.org\r\n\r\nI am on holiday.",
        b"Content-Type: multipart/report\r\n\r\nno boundary",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n"
        b"Content-Type: message/delivery-status\r\n\r\nAction: failed\r\n\r\n--x--\r\n",
        b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n--x--\r\n",
    ],
    ids=["empty", "no mail", "an answer", "no boundary", "no mail of ours", "cut off"],
)
def test_what_is_not_as_it_should_be_says_nothing(raw):
    assert reports.read(raw) is None


def test_a_report_about_somebody_elses_mail_says_nothing(row):
    raw = bounce(row).replace(str(row.uuid).encode(), b"CAF+abc123")
    assert reports.read(raw) is None
