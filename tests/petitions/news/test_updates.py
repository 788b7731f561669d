"""News by mail: the right people, each once, with a way out that works (UX F8, E7; SAFETY F14)."""

import re
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.addresses import mailbox_key
from mail.models import OutgoingEmail
from mail.suppression import suppress, suppressed
from petitions.actions.events import save_event
from petitions.models import Mailing, MailingRecipient, Signature, Update
from petitions.news import results, segments, updates
from petitions.statements import counting
from tests.factories import EventFactory, StatementFactory
from tests.petitions.news.making import begin, queue_all, signers

pytestmark = pytest.mark.django_db


@pytest.fixture
def statement():
    return StatementFactory(slug="libraries", title="Keep our libraries open")


@pytest.fixture
def update(statement):
    published = timezone.now() - timedelta(hours=1)
    body = "<p>We handed it in.</p>"
    return Update.objects.create(statement=statement, title="Handed in", slug="in", body=body, published_at=published)


def addresses():
    return sorted(OutgoingEmail.objects.filter(kind="update", lane=3).values_list("recipient", flat=True))


def test_only_confirmed_people_who_asked_get_it(statement, update):
    wanted = signers(statement, 3)
    signers(statement, 2, email_updates=False)
    signers(statement, 1, state="held")
    signers(statement, 1, state="withdrawn")
    signers(StatementFactory(), 1)
    assert segments.audience(statement) == segments.Audience(gets=3, without=2, silent=0)
    begin(update)
    assert queue_all() == [3]
    assert addresses() == sorted(signature.email for signature in wanted)
    assert set(OutgoingEmail.objects.exclude(recipient="carol@example.org").values_list("lane", flat=True)) == {3}


def test_batches_reach_everybody_once(statement, update, monkeypatch):
    signers(statement, 7)
    monkeypatch.setattr(updates, "BATCH", 3)
    begin(update)
    assert queue_all() == [3, 3, 1]
    assert updates.queue_batch() == 0
    assert len(set(addresses())) == len(addresses()) == 7


def test_a_mailing_that_forgot_how_far_it_was_writes_to_nobody_twice(statement, update):
    signers(statement, 4)
    begin(update)
    queue_all()
    Mailing.objects.update(reached=0, queued_at=None)
    assert queue_all() == []
    assert len(addresses()) == 4


def test_the_database_refuses_a_second_row_for_one_signer(statement, update):
    (signature,) = signers(statement, 1)
    mailing = begin(update)
    queue_all()
    with pytest.raises(IntegrityError, match="mailing_once_per_signer"), transaction.atomic():
        MailingRecipient.objects.create(mailing=mailing, signature=signature)


def test_it_cannot_start_untested_changed_unpublished_or_twice(statement, update):
    with pytest.raises(updates.NotTested):
        updates.start(update=update)
    updates.send_test(update=update, to="carol@example.org")
    Update.objects.filter(pk=update.pk).update(body="<p>Other words.</p>")
    update.refresh_from_db()
    with pytest.raises(updates.NotTested):
        updates.start(update=update)
    begin(update)
    with pytest.raises(updates.AlreadyStarted):
        updates.start(update=update)
    Update.objects.filter(pk=update.pk).update(published_at=None)
    with pytest.raises(updates.NotPublic):
        updates.start(update=update)


def test_stop_keeps_what_has_not_gone_out(statement, update, monkeypatch):
    signers(statement, 5)
    monkeypatch.setattr(updates, "BATCH", 3)
    mailing = begin(update)
    assert updates.queue_batch() == 3
    updates.stop(update=update)
    assert updates.queue_batch() == 0
    call_command("worker", once=True)
    assert [message for message in outbox.outbox if message.subject == "Handed in"] == []
    progress = results.progress(mailing)
    assert (progress.queued, progress.sent, progress.skipped, progress.waiting) == (3, 0, 3, 0)


def test_who_wants_no_mail_at_all_is_counted_apart(statement, update):
    first, second = signers(statement, 2)
    suppress(first.email)
    assert segments.audience(statement) == segments.Audience(gets=1, without=0, silent=1)
    begin(update)
    queue_all()
    call_command("worker", once=True)
    assert [message.to for message in outbox.outbox if message.to != ["carol@example.org"]] == [[second.email]]


def test_who_left_over_a_mail_is_counted(client, sent, update, settings):
    client.post(path(sent, settings))
    found = results.progress(update.mailing)
    assert (found.queued, found.sent, found.done, found.left) == (1, 1, 1, 1)


@pytest.fixture
def sent(statement, update):
    """The mail that one signer got."""
    signers(statement, 1, email="amina@example.org")
    counting.recount(statement=statement, repair=True)
    begin(update)
    queue_all()
    call_command("worker", once=True)
    (message,) = [message for message in outbox.outbox if message.to == ["amina@example.org"]]
    return message


def link(message):
    return re.search(r"<(http[^>]+/unsubscribe/[^>]+)>", message.extra_headers["List-Unsubscribe"])[1]


def path(message, settings):
    return link(message).removeprefix(settings.ORIGIN)


def test_the_test_mail_looks_the_same_and_says_test(sent):
    (test,) = [message for message in outbox.outbox if message.to == ["carol@example.org"]]
    assert test.subject == "Test: Handed in"
    assert "We handed it in." in test.body


def test_the_mail_carries_both_headers_and_says_why(sent, update):
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sent.extra_headers["List-Id"].startswith("<libraries.")
    assert sent.body.startswith('You are getting this because you signed "Keep our libraries open" on ')
    assert link(sent) in sent.body
    assert "amina" not in link(sent)
    assert results.progress(update.mailing).sent == 1


def test_looking_at_the_link_changes_nothing(client, sent, settings):
    page = client.get(path(sent, settings))
    assert page.status_code == 200
    assert "Stop emails about this statement" in page.content.decode()
    assert Signature.objects.get(email="amina@example.org").email_updates is True


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example"}])
def test_one_click_from_anywhere_stops_it_at_once(client, sent, settings, headers):
    for _ in range(2):
        answer = client.post(path(sent, settings), {"List-Unsubscribe": "One-Click"}, headers=headers)
        assert (answer.status_code, answer.cookies.output()) == (200, "")
    signature = Signature.objects.get(email="amina@example.org")
    assert (signature.email_updates, signature.state) == (False, "confirmed")
    assert suppressed([mailbox_key("amina@example.org")]) == set()


def test_who_left_after_queueing_gets_nothing(client, statement, update):
    signers(statement, 1, email="amina@example.org")
    begin(update)
    queue_all()
    updates.leave(signature_id=Signature.objects.get(email="amina@example.org").pk)
    call_command("worker", once=True)
    assert [message for message in outbox.outbox if message.to == ["amina@example.org"]] == []


def test_stopping_everything_is_for_the_whole_site(client, sent, settings):
    other = signers(StatementFactory(), 1, email="Amina@example.org")[0]
    tagged = signers(StatementFactory(), 1, email="amina+x@example.org")[0]
    neighbour = signers(StatementFactory(), 1, email="bo@example.org")[0]
    client.post(path(sent, settings), {"action": "site"})
    other.refresh_from_db()
    tagged.refresh_from_db()
    neighbour.refresh_from_db()
    assert (other.email_updates, tagged.email_updates, neighbour.email_updates) == (False, False, True)
    assert suppressed(map(mailbox_key, ["amina@example.org", "bo@example.org"])) == {mailbox_key("amina@example.org")}


def test_a_moved_event_becomes_news(client, statement):
    event = save_event(event=EventFactory(statement=statement, venue="The market hall"))
    event.venue = "The old mill"
    update = updates.announce_change(event=save_event(event=event))
    assert (update.title, update.is_public) == (f"Changed: {event.title}", True)
    assert "The old mill" in client.get(update.get_absolute_url()).content.decode()
