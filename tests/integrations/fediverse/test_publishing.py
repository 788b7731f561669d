"""Who follows is told of statements, news and events: once, in order, and of what is changed or gone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core import switches
from integrations.fediverse import documents, keeping, publishing
from integrations.models import Actor, Follower, Inbox, Post
from mail.models import OutgoingRequest
from mail.outbound import sending
from petitions.models import Event, Statement, Update
from publishers.models import Publisher
from tests.factories import EventFactory, StatementFactory
from tests.integrations.fediverse.conftest import INBOX
from tests.integrations.fediverse.instance import Instance
from tests.mail.outbound.hosts import good, host

pytestmark = pytest.mark.django_db
US = "http://testserver/fediverse/eastside/"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


@pytest.fixture
def ada(instance, work):
    """She follows; what she was told of that is forgotten."""
    ada = instance.account("ada")
    instance.send(instance.follow(ada, US), ada, to=INBOX)
    work()
    instance.delivered.clear()
    instance.asked.clear()
    return ada


def later(**values):
    return timezone.now() + timedelta(**values)


def told(instance):
    return [
        (one["type"], one["object"] if isinstance(one["object"], str) else one["object"]["type"])
        for one in instance.delivered
    ]


def test_a_new_statement_is_told_with_its_words_and_its_address(ada, instance, work):
    statement = StatementFactory(title="Keep <it> open", published_at=timezone.now())
    work()
    (told,) = instance.delivered
    note = told["object"]
    link = f"http://testserver/statements/{statement.slug}/?via=fediverse"
    assert (told["type"], told["actor"], told["to"], told["cc"]) == ("Create", US, [PUBLIC], [f"{US}followers/"])
    assert note["content"] == (
        "<p><strong>Keep &lt;it&gt; open</strong></p><p>The council wants to close it in March.</p>"
        f'<p><a href="{link}">{link}</a></p>'
    )
    post = Post.objects.get()
    assert (note["id"], note["type"], note["attributedTo"], note["url"]) == (f"{US}posts/{post.pk}/", "Note", US, link)
    assert note["contentMap"] == {"en": note["content"]}
    work()
    assert len(instance.delivered) == 1


def test_news_and_events_are_told_too_each_once(ada, instance, work):
    statement = StatementFactory(published_at=timezone.now())
    EventFactory(statement=statement, title="Vigil", starts_at=later(days=3), venue="Town hall", status="postponed")
    Update.objects.create(
        statement=statement, title="200 of us", slug="n", body="<p>x</p>", published_at=timezone.now()
    )
    work()
    contents = sorted(one["object"]["content"].partition("</strong>")[0] for one in instance.delivered)
    titles = sorted(["Vigil", "200 of us", statement.title])
    assert contents == [f"<p><strong>{title}" for title in titles]
    vigil = next(one["object"]["content"] for one in instance.delivered if "Vigil" in one["object"]["content"])
    assert ["<p>postponed</p>" in vigil, "<p>Town hall" in vigil] == [True, True]


def test_what_is_not_public_is_not_told(ada, instance, work):
    StatementFactory(published_at=None)
    StatementFactory(published_at=later(days=1))
    hidden = StatementFactory(published_at=timezone.now(), hidden_at=timezone.now())
    EventFactory(statement=hidden, starts_at=later(days=3))
    shown = StatementFactory(published_at=timezone.now())
    Update.objects.create(statement=shown, title="Draft", slug="d", body="<p>x</p>")
    EventFactory(statement=shown, starts_at=later(days=-3))
    other = Publisher.objects.create(name="B", slug="b", legal_name="B", contact_email="b@example.org", position=2)
    StatementFactory(published_at=timezone.now(), publisher=other)
    work()
    assert [post.statement for post in Post.objects.all()] == [shown]
    assert len(instance.delivered) == 1


def test_what_was_there_before_stands_in_the_list_and_is_not_told(instance, actor, client, work):
    StatementFactory()
    work()
    ada = instance.account("ada")
    instance.send(instance.follow(ada, US), ada, to=INBOX)
    work()
    assert told(instance) == [("Accept", "Follow")]
    assert client.get(f"{US}outbox/".removeprefix("http://testserver")).json()["totalItems"] == 1


def test_what_changes_is_told_once_more(ada, instance, work):
    event = EventFactory(statement=StatementFactory(published_at=timezone.now()), starts_at=later(days=3))
    work()
    instance.delivered.clear()
    Event.objects.filter(pk=event.pk).update(status="cancelled")
    work()
    (one,) = instance.delivered
    assert (one["type"], "<p>cancelled</p>" in one["object"]["content"], "updated" in one["object"]) == (
        "Update",
        True,
        True,
    )
    work()
    assert len(instance.delivered) == 1


@pytest.mark.parametrize("how", ["hidden", "deleted"])
def test_what_is_gone_is_taken_away_and_answers_so(ada, instance, client, work, how):
    statement = StatementFactory(published_at=timezone.now())
    news = Update.objects.create(statement=statement, title="N", slug="n", body="<p>x</p>", published_at=timezone.now())
    work()
    post = Post.objects.get(update=news)
    instance.delivered.clear()
    Statement.objects.update(hidden_at=timezone.now()) if how == "hidden" else news.delete()
    work()
    assert told(instance) == [("Delete", "Tombstone")] * (2 if how == "hidden" else 1)
    answer = client.get(f"/fediverse/eastside/posts/{post.pk}/")
    assert (answer.status_code, answer.json()["type"]) == (410, "Tombstone")
    Statement.objects.update(hidden_at=None)
    instance.delivered.clear()
    work()
    assert set(told(instance)) <= {("Create", "Note")}


def test_a_statement_that_closes_soon_is_announced_once(ada, instance, work):
    statement = StatementFactory(published_at=timezone.now())
    work()
    instance.delivered.clear()
    Statement.objects.filter(pk=statement.pk).update(published_at=later(days=-30), closes_at=later(days=3))
    work()
    work()
    (one,) = instance.delivered
    assert (one["type"], one["object"]) == ("Announce", f"{US}posts/{Post.objects.get().pk}/")


def test_one_server_is_told_once_whoever_follows_there(ada, instance, work):
    bo = instance.account("bo")
    instance.send(instance.follow(bo, US), bo, to=INBOX)
    work()
    instance.delivered.clear()
    StatementFactory(published_at=timezone.now())
    work()
    assert (Follower.objects.count(), told(instance)) == (2, [("Create", "Note")])


def test_many_servers_are_told_batch_by_batch_and_none_twice(actor, monkeypatch):
    monkeypatch.setattr(publishing, "BATCH", 2)
    for number in range(5):
        inbox = Inbox.objects.create(url=f"https://h{number}.example/inbox", url_key=bytes([number]))
        Follower.objects.create(
            actor=actor, inbox=inbox, address=f"https://h{number}.example/u", address_key=bytes([number]), follow_id="x"
        )
    StatementFactory(published_at=timezone.now())
    publishing.find()
    steps = []
    while step := publishing.tell():
        steps.append(step)
    assert steps == [3, 3, 2]
    hosts = OutgoingRequest.objects.order_by("pk").values_list("host", flat=True)
    assert list(hosts) == [f"h{number}.example" for number in range(5)]


@pytest.mark.parametrize("number", [1, 30])
def test_a_look_costs_the_same_however_many_follow(actor, number, django_assert_num_queries):
    for each in range(number):
        inbox = Inbox.objects.create(url=f"https://h{each}.example/inbox", url_key=bytes([each]))
        Follower.objects.create(
            actor=actor, inbox=inbox, address="https://x.example/u", address_key=bytes([each]), follow_id="x"
        )
    StatementFactory(published_at=timezone.now())
    publishing.find()
    publishing.tell()
    with django_assert_num_queries(7):
        publishing.find()


def test_a_server_in_trouble_is_told_later_and_in_order(ada, instance, work):
    instance.fault = good(status="503 Away")
    first = StatementFactory(published_at=timezone.now())
    work(rounds=2)
    second = StatementFactory(published_at=timezone.now())
    work(rounds=2)
    assert instance.delivered == []
    instance.fault = b""
    work()
    titles = [one["object"]["content"].partition("</strong>")[0][11:] for one in instance.delivered]
    assert titles == [first.title, second.title]


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
def test_an_inbox_that_is_gone_is_forgotten_with_who_is_behind_it(ada, instance, work, status):
    instance.fault = good(status=status)
    StatementFactory(published_at=timezone.now())
    work(rounds=1)
    assert (Follower.objects.count(), Inbox.objects.count()) == (0, 0)


def test_one_that_refuses_is_forgotten_after_a_week(ada, instance, work):
    instance.fault = good(status="403 No")
    StatementFactory(published_at=timezone.now())
    work(rounds=1)
    assert Inbox.objects.get().failing_since is not None
    instance.fault = b""
    StatementFactory(published_at=timezone.now())
    work(rounds=1)
    assert Inbox.objects.get().failing_since is None
    Inbox.objects.update(failing_since=later(days=-8))
    instance.fault = good(status="403 No")
    StatementFactory(published_at=timezone.now())
    work(rounds=1)
    assert (Follower.objects.count(), Inbox.objects.count()) == (0, 0)


def test_the_switch_for_emergencies_keeps_it_all_waiting(ada, instance, work):
    switches.turn_off(name="outbound")
    StatementFactory(published_at=timezone.now())
    work()
    assert instance.delivered == []
    switches.turn_on(name="outbound")
    work()
    assert told(instance) == [("Create", "Note")]


def test_switched_off_it_tells_nobody_anything_and_knows_nobody(ada, instance, actor, work):
    StatementFactory(published_at=timezone.now())
    publishing.find()
    publishing.tell()
    keeping.switch_off(actor=actor)
    sending.send_what_is_due()
    assert (instance.delivered, Follower.objects.count(), Inbox.objects.count()) == ([], 0, 0)
    assert OutgoingRequest.objects.last().outcome == "nobody follows there any more"
    keeping.switch_on(actor=Actor.objects.get())
    assert Actor.objects.get().public_key == actor.public_key  # it is the same account


def test_two_servers_are_told_whatever_befalls_the_other(ada, instance, names, pem, client, work):
    with host(pem) as own:
        other = Instance(own, client, "other.example")
        other.get_to_know("eastside@testserver")
        bo = other.account("bo")
        other.send(other.follow(bo, US), bo, to=INBOX)
        work()
        instance.fault = good(status="500 Oh")
        StatementFactory(published_at=timezone.now())
        work()
        assert [one["type"] for one in other.delivered] == ["Accept", "Create"]


def test_a_changed_secret_key_is_told_in_the_log_and_nothing_is_sent(ada, instance, settings, work):
    settings.SECRET_KEY = "another" * 10
    keeping.tokens._ciphers.cache_clear()
    StatementFactory(published_at=timezone.now())
    work()
    keeping.tokens._ciphers.cache_clear()
    row = OutgoingRequest.objects.last()
    assert (row.outcome, instance.delivered) == ("The account’s key was sealed with a SECRET_KEY that is gone.", [])


def test_its_digest_is_of_what_is_told(actor):
    post = Post(actor=actor, statement=StatementFactory(), at=timezone.now())
    before = documents.digest(post)
    post.statement.summary = "Another."
    assert documents.digest(post) != before
