"""Who leaves there leaves here, and whoever tries a newsletter reads what it says."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.addresses import remote_key
from integrations.models import Newsletter, Subscriber
from integrations.newsletters import handing, keeping, polling
from mail.models import OutgoingRequest
from mail.outbound import sending
from petitions.models import Signature
from publishers.models import Publisher
from tests.factories import StatementFactory
from tests.integrations.newsletters.programs import ActionNetwork, CiviCRM, Listmonk, Mailchimp
from tests.mail.outbound.hosts import good

pytestmark = pytest.mark.django_db


@pytest.fixture
def poll(newsletter):
    """One round of asking who left, to its end."""

    def one():
        Newsletter.objects.update(polled_at=None)
        number = polling.poll()
        while OutgoingRequest.objects.filter(state="queued").exists():
            later = timezone.now() - timedelta(seconds=1)
            OutgoingRequest.objects.filter(state="queued").update(due_at=later)
            sending.send_what_is_due()
        return number

    return one


def wanting():
    return sorted(Signature.objects.filter(email_updates=True).values_list("email", flat=True))


def test_who_leaves_there_wants_no_news_of_this_publisher(program, newsletter, wants, work, poll):
    elsewhere = Publisher.objects.create(name="B", slug="b", legal_name="B", contact_email="b@example.org", position=2)
    wants()
    wants("bo@example.org")
    wants("bo@example.org", statement=StatementFactory())
    wants("bo@example.org", statement=StatementFactory(publisher=elsewhere))
    work()
    program.leave("bo@example.org")
    assert poll() == 1
    assert wanting() == ["amina@example.org", "bo@example.org"]  # of bo that under the other publisher's statement
    assert dict(Subscriber.objects.values_list("email", "state")) == {"amina@example.org": "there", "": "left"}
    work()
    assert program.on() == {"amina@example.org": "on", "bo@example.org": "off"}
    poll()
    assert Subscriber.objects.filter(state="left").count() == 1


def test_who_left_and_chooses_news_here_again_comes_back(program, newsletter, wants, work, poll):
    row = wants()
    work()
    program.leave("amina@example.org")
    poll()
    work()
    assert program.on() == {"amina@example.org": "off"}
    Signature.objects.filter(pk=row.pk).update(email_updates=True)
    Newsletter.objects.update(passed_at=timezone.now() - handing.PASS_AGAIN)
    program.left.clear()
    work()
    back = "pending" if program.name == "mailchimp" else "on"  # it asks them itself
    assert program.on() == {"amina@example.org": back}


@pytest.mark.parametrize("program", ["listmonk", "action_network", "mailchimp"], indirect=True)
def test_many_who_left_are_read_page_by_page(program, newsletter, wants, poll, monkeypatch):
    for number in range(130):
        row = wants(f"p{number}@example.org")
        row.refresh_from_db()
        member = program.add(row.email)
        row = {"mailbox_key": row.mailbox_key, "email": row.email, "remote_id": member.id, "state": "there"}
        row["remote_key"] = remote_key(member.id)
        Subscriber.objects.create(newsletter=newsletter, **row)
        program.leave(member.email)
    poll()
    assert (Subscriber.objects.filter(state="left").count(), wanting()) == (130, [])


@pytest.mark.parametrize("program", ["civicrm"], indirect=True)
def test_who_opted_out_of_all_mail_leaves_as_well(program, newsletter, wants, work, poll):
    wants()
    work()
    program.by_email("amina@example.org").status = "opted out"
    poll()
    assert wanting() == []


def test_nobody_is_asked_about_an_empty_list(program, newsletter, wants, poll):
    assert (poll(), program.asked) == (0, [])


def test_a_list_that_is_gone_is_noticed(program, newsletter, wants, work, poll):
    wants()
    work()
    program.is_gone = True
    poll()
    newsletter.refresh_from_db()
    assert (newsletter.state, "start again" in newsletter.why) == ("broken", True)
    asked = len(program.asked)
    poll()
    assert len(program.asked) == asked


NAMES = {
    Listmonk: "News of the library",
    CiviCRM: "News",
    ActionNetwork: "Stay in touch",
    Mailchimp: "Eastside",
}


def tried(newsletter):
    keeping.try_it(newsletter=newsletter)
    sending.send_what_is_due()
    newsletter.refresh_from_db()
    return newsletter.answer


def test_trying_says_what_the_list_is_called_and_stops_nothing(program, newsletter):
    assert tried(newsletter) == f"It works: the list is called “{NAMES[type(program)]}”."
    program.key = "another-us6"
    assert tried(newsletter).endswith("Make a new one there, write it here and start again.")
    assert newsletter.state == "running"


def test_trying_a_list_that_is_gone_says_so(program, newsletter):
    program.is_gone = True
    said = tried(newsletter)
    assert ("not there any more" in said or "has no such list" in said) is True


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (good(b"<html>"), "Its answer is no JSON: is this the address of the program? Once it answers again"),
        (good(status="500 Oops"), "It answered 500. Once it answers again, start again."),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "Its answer broke off in the middle. Once"),
    ],
)
@pytest.mark.parametrize("program", ["listmonk"], indirect=True)
def test_who_tries_need_not_wait_for_another_try(program, newsletter, fault, said):
    program.faults = [fault]
    assert tried(newsletter)[: len(said)] == said
