"""People are handed over once, as they agreed, and taken off when they take it back; faults lose and double nobody."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import Newsletter, Subscriber
from integrations.newsletters import handing, keeping
from mail.models import OutgoingEmail, OutgoingRequest, Suppression
from mail.outbound import door, sending
from petitions.models import Signature
from publishers.models import Publisher
from submissions.models import ConsentText
from tests.factories import SignatureFactory, StatementFactory
from tests.mail.outbound.hosts import good
from tests.mailserver import deliver, text_of

pytestmark = pytest.mark.django_db


def states():
    return dict(Subscriber.objects.order_by("pk").values_list("email", "state"))


def test_who_wants_news_and_was_told_is_handed_over_with_what_they_agreed_to(program, newsletter, wants, work):
    row = wants()
    work()
    assert (program.on(), states()) == ({"amina@example.org": "on"}, {"amina@example.org": "there"})
    (member,) = program.members.values()
    agreed = row.agreed_at.isoformat(timespec="seconds")
    everything = f"{member.told} {member.notes}"
    assert [words in everything for words in ("I agree.", agreed, "Amina Yusuf")] == [True] * 3
    assert str(Subscriber.objects.get().remote_id) == member.id
    before = len(program.asked)
    work()
    assert len(program.asked) == before


def test_nobody_else_is(program, newsletter, wants, statement, work):
    other = ConsentText.objects.create(text="x", notice="…", sha256="o", recipients=["Lantern Union"])
    elsewhere = Publisher.objects.create(name="B", slug="b", legal_name="B", contact_email="b@example.org", position=2)
    wants("no-news@example.org", email_updates=False)
    wants("before@example.org", consent=other)
    wants("held@example.org", state="held")
    wants("removed@example.org", state="removed")
    wants("paper@example.org", submission_id=None, channel="paper")
    wants("elsewhere@example.org", statement=StatementFactory(publisher=elsewhere))
    silent = wants("silent@example.org")
    silent.refresh_from_db()
    Suppression.objects.create(mailbox_key=silent.mailbox_key)
    work()
    assert (program.asked, states()) == ([], {})


def test_one_mailbox_is_told_of_once_whatever_it_signed(program, newsletter, wants, work):
    wants()
    wants(statement=StatementFactory())
    work()
    assert (program.on(), len(states())) == ({"amina@example.org": "on"}, 1)


@pytest.mark.parametrize("how", ["no news", "suppressed"])
def test_who_stops_is_taken_off(program, newsletter, wants, work, how):
    row = wants()
    work()
    row.refresh_from_db()
    if how == "no news":
        Signature.objects.update(email_updates=False)
    else:
        Suppression.objects.create(mailbox_key=row.mailbox_key)
    keeping.pause(newsletter=newsletter)  # who leaves is taken off all the same
    work()
    assert (program.on(), states()) == ({"amina@example.org": "off"}, {})


@pytest.mark.parametrize("how", ["withdrawn", "removed", "anonymised", "erased"])
def test_who_is_gone_is_deleted_there_if_we_brought_them(program, newsletter, wants, work, how):
    row = wants()
    work()
    mine = Signature.objects.filter(pk=row.pk)
    mine.delete() if how == "erased" else mine.update(state=how)
    work()
    left = {"amina@example.org": "off"} if program.name == "action_network" else {}  # its API deletes nobody
    assert (program.on(), states()) == (left, {})


def test_who_was_there_before_is_only_taken_off(program, newsletter, wants, work):
    program.add("amina@example.org")
    row = wants()
    work()
    assert (program.on(), states()) == ({"amina@example.org": "on"}, {"amina@example.org": "there"})
    row.delete()
    work()
    assert program.on() == {"amina@example.org": "off"}


def test_who_is_held_later_stays(program, newsletter, wants, work):
    wants()
    work()
    Signature.objects.update(state="held", held_reason="Looks odd")
    work()
    assert program.on() == {"amina@example.org": "on"}


def test_who_changes_their_mind_before_their_turn_is_never_told_of(program, newsletter, wants, work):
    wants()
    handing.find()
    handing.ask()
    Signature.objects.update(email_updates=False)
    work()
    assert (program.on(), states()) == ({}, {})


def slow(own):
    own.settimeout(5)
    own.recv(1)


FAULTS = [
    good(status="429 Slow down", Retry_After="1"),
    good(status="503 Away"),
    b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
    good(b"<html>", status="200 OK"),
    good(b'{"other": 1}', status="200 OK"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=["429", "503", "half", "no JSON", "another shape"])
def test_what_passes_is_tried_again_and_doubles_nobody(program, newsletter, wants, work, fault):
    wants()
    wants("bo@example.org")
    program.faults = [fault]
    work()
    assert program.on() == {"amina@example.org": "on", "bo@example.org": "on"}
    assert (set(states().values()), Newsletter.objects.get().state) == ({"there"}, "running")


@pytest.mark.parametrize("program", ["listmonk"], indirect=True)
def test_one_that_is_slow_is_tried_again(program, newsletter, wants, work, monkeypatch):
    monkeypatch.setattr(door, "SECONDS", 0.3)
    wants()
    program.faults = [slow]
    work()
    assert program.on() == {"amina@example.org": "on"}


@pytest.mark.parametrize("program", ["listmonk"], indirect=True)
def test_it_waits_as_long_as_it_is_told(program, newsletter, wants):
    wants()
    program.faults = [good(status="429 Slow down", Retry_After="7200")]
    handing.find()
    handing.ask()
    sending.send_what_is_due()
    row = OutgoingRequest.objects.get()
    assert row.due_at - timezone.now() > timedelta(minutes=119)


def test_an_answer_that_was_lost_doubles_nobody(program, newsletter, wants, work):
    """The program did it, and its answer broke off."""
    wants()
    real = program.act

    def lost(asked):
        program.act = real
        real(asked)
        return 503, {}

    program.act = lost
    work()
    assert (program.on(), states()) == ({"amina@example.org": "on"}, {"amina@example.org": "there"})


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("401 No", "It answered 401. The key is wrong or may not do this. Make a new one there"),
        ("403 No", "It answered 403. The key is wrong or may not do this."),
        ("410 Gone", "It answered 410. The list or the address is not there any more. Correct it here"),
        ("302 Moved", "It answered 302: redirects are not followed. Write the address where it leads to."),
    ],
)
def test_a_wrong_key_or_a_moved_list_stops_it_with_a_mail_and_loses_nobody(
    program, newsletter, wants, work, server, status, said, admin_user
):
    admin_user.email = "ada@example.org"
    admin_user.save()
    wants()
    wants("bo@example.org")
    program.faults = [good(status=status)] * 9
    work()
    newsletter.refresh_from_db()
    assert (newsletter.state, newsletter.why[: len(said)], set(states().values())) == ("broken", said, {"to_add"})
    assert deliver() == 1
    (mail,) = server.received
    assert (mail["To"], said[:20] in text_of(mail)) == ("ada@example.org", True)
    program.faults = []
    keeping.start(newsletter=newsletter)
    work()
    assert (program.on(), OutgoingEmail.objects.count()) == ({"amina@example.org": "on", "bo@example.org": "on"}, 1)


@pytest.mark.parametrize("program", ["listmonk", "mailchimp"], indirect=True)
def test_a_removal_waits_until_it_is_mended(program, newsletter, wants, work):
    wants()
    work()
    Signature.objects.update(email_updates=False)
    program.faults = [good(status="401 No")]
    work()
    assert states() == {"amina@example.org": "to_remove"}
    keeping.pause(newsletter=newsletter)
    work()
    assert (program.on(), states()) == ({"amina@example.org": "off"}, {})


@pytest.mark.parametrize("program", ["listmonk"], indirect=True)
def test_one_who_is_refused_stops_no_other(program, newsletter, wants, work):
    wants("bad@example.org")
    wants()
    program.faults = [good(status="400 Bad")]
    work()
    assert states() == {"bad@example.org": "refused", "amina@example.org": "there"}
    assert Subscriber.objects.first().why.startswith("It answered 400: it does not take this address")


@pytest.mark.parametrize("program", ["civicrm"], indirect=True)
def test_what_waits_when_it_is_paused_goes_on_later(program, newsletter, wants, work):
    for number in range(3):
        wants(f"p{number}@example.org")
    handing.find()
    handing.ask()
    keeping.pause(newsletter=newsletter)
    work()
    assert (program.on(), set(states().values())) == ({}, {"to_add"})
    keeping.start(newsletter=newsletter)
    work()
    assert len(program.on()) == 3


@pytest.mark.parametrize("program", ["listmonk"], indirect=True)
def test_many_are_read_window_by_window_and_late_ones_in_the_next_pass(program, newsletter, wants, monkeypatch):
    monkeypatch.setattr(handing, "WINDOW", 2)
    first = wants("a@example.org", email_updates=False)
    for name in "bcd":
        wants(f"{name}@example.org")
    while handing.find():
        pass
    assert sorted(states()) == ["b@example.org", "c@example.org", "d@example.org"]
    Signature.objects.filter(pk=first.pk).update(email_updates=True)
    handing.find()
    assert len(states()) == 3
    Newsletter.objects.update(passed_at=timezone.now() - handing.PASS_AGAIN)
    while handing.find():
        pass
    assert len(states()) == 4


def test_the_key_is_sealed_and_a_new_secret_says_so(newsletter, program, settings, wants, work):
    assert (program.key in str(Newsletter.objects.values()), keeping.key_of(newsletter)) == (False, program.key)
    settings.SECRET_KEY = "another" * 10
    keeping.tokens._ciphers.cache_clear()
    wants()
    work()
    keeping.tokens._ciphers.cache_clear()
    newsletter.refresh_from_db()
    assert newsletter.why.startswith("Its key was sealed with a SECRET_KEY that is gone: write the key once more.")


def test_of_whom_is_gone_here_nothing_is_kept(program, newsletter, wants, work):
    wants()
    work()
    Subscriber.objects.update(state="left", email="", is_ours=False)
    work()
    assert Subscriber.objects.count() == 1
    Signature.objects.all().delete()
    SignatureFactory()
    work()
    assert Subscriber.objects.count() == 0
