"""The mailbox for returned mail, read over the wire: what is understood goes, what people wrote stays."""

import imaplib
import logging

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives, get_connection

from core import chores as core_chores
from mail import chores, mailbox, rendering
from mail.models import ReturnedMail, UnreachableMailbox
from tests import imapserver, mailserver
from tests.factories import OutgoingEmailFactory
from tests.mail.returned import bounce, complaint
from undersigned import environment

pytestmark = pytest.mark.django_db
ANSWER = b"From: bo@example.org\r\nSubject: Re: Handed in\r\n\r\nThank you!\r\n"


@pytest.fixture
def server(settings):
    with imapserver.running() as running:
        url = f"imap://returns%40example.org:a%20%22quoted%22%20word@127.0.0.1:{running.port}/INBOX"
        settings.RETURNS = environment.returns(url)
        yield running


def look():
    return mailbox.look(settings.RETURNS)


def row():
    made = OutgoingEmailFactory(recipient="amina@example.org", state="sent")
    made.refresh_from_db()
    return made


def test_reports_are_read_and_deleted_and_what_people_wrote_stays(server):
    one, two = row(), row()
    server.put(bounce(one))
    answer = server.put(ANSWER)
    server.put(complaint(two))
    foreign = server.put(bounce(OutgoingEmailFactory.build(pk=1, uuid="6f1c1d0e-0000-4000-8000-000000000000")))
    assert look() == mailbox.Looked(found=4, understood=2)
    assert {found.mail_id: found.fate for found in ReturnedMail.objects.all()} == {
        one.pk: "bounced",
        two.pk: "complained",
    }
    assert {number: letter.flags for number, letter in server.letters.items()} == {
        answer: {"\\Seen"},
        foreign: {"\\Seen"},
    }
    assert look() == mailbox.Looked(found=0, understood=0)


def test_what_is_larger_than_any_report_is_left_alone(server):
    number = server.put(ANSWER + b"x" * mailbox.LONGEST_BYTES)
    assert look().found == 0
    assert server.letters[number].flags == set()


def test_a_wrong_password_and_a_missing_folder_are_said(server):
    server.folder = "Other"
    with pytest.raises(imaplib.IMAP4.error, match="there is no folder INBOX"):
        look()
    server.password = "changed"
    with pytest.raises(imaplib.IMAP4.error, match="wrong password"):
        look()


def test_the_worker_looks_now_and_then_and_a_server_that_is_away_stops_nothing(server, monkeypatch, caplog):
    core_chores.load()
    monkeypatch.setattr(core_chores, "_chores", {"read returned mail": chores.read_returned_mail})
    monkeypatch.setattr(core_chores, "_not_before", {})
    server.put(bounce(row()))
    assert (core_chores.run_all(), server.sessions) == ({"read returned mail": 1}, 1)
    assert (core_chores.run_all(), server.sessions) == ({}, 1)
    server.password = "changed"
    core_chores._not_before["read returned mail"] -= 300
    with caplog.at_level(logging.WARNING, logger="mail.chores"):
        assert core_chores.run_all() == {"read returned mail": 0}
    assert [line.getMessage().partition(":")[0] for line in caplog.records] == [
        "the mailbox for returned mail does not answer"
    ]
    assert UnreachableMailbox.objects.count() == 1


def test_without_such_a_mailbox_nobody_is_asked(settings):
    settings.RETURNS = None
    assert chores.read_returned_mail() == 0


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("pop3s://u:p@mail.example.org/", "must look like"),
        ("imaps://mail.example.org/INBOX", "must look like"),
        ("imap://u:p@mail.example.org/INBOX", "sends a password in the clear"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(url, why):
    with pytest.raises(ImproperlyConfigured, match=why) as refused:
        environment.returns(url)
    assert ":p@" not in str(refused.value)


def test_a_setting_is_read_whole():
    found = environment.returns("imaps://returns%40example.org:a%2Fb@mail.example.org/Lists%2FReturned")
    assert found == environment.Returns("mail.example.org", 993, "returns@example.org", "a/b", "Lists/Returned", True)
    assert environment.returns("") is None


def test_mail_names_its_writer_and_comes_back_elsewhere(settings):
    settings.RETURNS_TO = "returns@example.org"
    with mailserver.running(settings) as server:
        email = EmailMultiAlternatives(
            "Handed in", "Words.", settings.RETURNS_TO, ["amina@example.org"], headers={"From": rendering.sender()}
        )
        get_connection().send_messages([email])
    (message,) = server.received
    assert message["From"] == rendering.sender() == rendering.from_of(email)
    assert message.sender == "returns@example.org"
