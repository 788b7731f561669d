"""Who follows is proved by the worker and granted; who leaves or is gone is forgotten; nothing else is believed."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.fediverse import receiving
from integrations.models import Actor, Follower, Inbox, Received
from mail.models import OutgoingRequest
from mail.outbound import guard, sending
from tests.integrations.fediverse.conftest import INBOX
from tests.integrations.fediverse.instance import Account, Instance
from tests.mail.outbound.hosts import good, host

pytestmark = pytest.mark.django_db
US = "http://testserver/fediverse/eastside/"


@pytest.fixture
def ada(instance):
    return instance.account("ada")


@pytest.fixture
def following(actor, instance, ada, work):
    """Ada follows, and was told so."""
    assert instance.send(instance.follow(ada, US), ada, to=INBOX).status_code == 202
    work()
    assert Follower.objects.get().address == ada.url
    return ada


@pytest.mark.parametrize("how", ["old", "new"])
def test_who_follows_is_asked_for_their_key_by_the_worker_and_told(actor, instance, ada, work, how):
    answer = instance.send(instance.follow(ada, US), ada, to=INBOX, how=how)
    assert (answer.status_code, instance.asked, Follower.objects.count()) == (202, [], 0)
    work()
    follower = Follower.objects.select_related("inbox").get()
    assert (follower.address, follower.inbox.url) == (ada.url, f"{instance.origin}/inbox")
    (told,) = instance.delivered
    wish = instance.follow(ada, US)
    del wish["@context"]
    assert (told["type"], told["actor"], told["object"]) == ("Accept", US, wish)
    assert instance.asked == ["GET /users/ada", "POST /inbox"]
    assert list(Received.objects.values_list("told", flat=True)) == [{}]


def test_who_follows_twice_is_there_once_and_told_twice(following, instance, work):
    instance.send(instance.follow(following, US, 2), following, to=INBOX)
    work()
    assert (Follower.objects.count(), Inbox.objects.count(), len(instance.delivered)) == (1, 1, 2)


def test_who_moves_to_another_inbox_leaves_none_behind(following, instance, work):
    following.more = {"endpoints": {}}
    instance.send(instance.follow(following, US, 2), following, to=INBOX)
    work()
    assert [inbox.url for inbox in Inbox.objects.all()] == [f"{following.url}/inbox"]


def test_where_others_follow_too_the_inbox_stays(following, instance, work):
    bo = instance.account("bo")
    instance.send(instance.follow(bo, US, 2), bo, to=INBOX)
    work()
    instance.send(instance.undo(following, US), following, to=INBOX)
    work()
    assert ([one.address for one in Follower.objects.all()], Inbox.objects.count()) == ([bo.url], 1)


def test_who_leaves_is_forgotten(following, instance, work):
    instance.send(instance.undo(following, US), following, to=INBOX)
    work()
    assert (Follower.objects.count(), Inbox.objects.count()) == (0, 0)


def test_nobody_takes_somebody_else_away(following, instance, work):
    bo = instance.account("bo")
    answer = instance.send(instance.undo(following, US), bo, to=INBOX)
    assert answer.status_code == 202  # the same host; the worker sees that the key is not Ada's
    work()
    assert Follower.objects.count() == 1
    other = {**instance.undo(bo, US), "object": instance.undo(following, US)["object"]}
    instance.send(other, bo, to=INBOX)
    work()
    assert Follower.objects.count() == 1


def test_an_account_that_is_gone_is_forgotten_and_one_that_is_not_stays(following, instance, work):
    instance.send(instance.gone(following), following, to=INBOX)
    work()
    assert Follower.objects.count() == 1  # its server says that it is there
    instance.accounts["ada"] = None
    instance.send(instance.gone(following), following, to=INBOX)
    work()
    assert (Follower.objects.count(), Inbox.objects.count()) == (0, 0)


def test_of_accounts_that_do_not_follow_it_is_not_asked(actor, instance, ada, work):
    for activity in (instance.gone(ada), instance.undo(ada, US)):
        assert instance.send(activity, ada, to=INBOX).status_code == 202
    assert (Received.objects.count(), OutgoingRequest.objects.count()) == (0, 0)


OTHERS = {
    "a note to us": {"type": "Create", "object": {"type": "Note", "content": "Hello"}},
    "a boost": {"type": "Announce", "object": f"{US}posts/1/"},
    "a like": {"type": "Like", "object": f"{US}posts/1/"},
    "following somebody else": {"type": "Follow", "object": "http://testserver/fediverse/other/"},
    "undoing a boost": {"type": "Undo", "object": {"type": "Announce", "object": US}},
    "lists": {"type": ["Follow"], "object": [US]},
    "nothing": {},
}


@pytest.mark.parametrize("activity", OTHERS.values(), ids=OTHERS)
def test_all_else_is_heard_and_forgotten(actor, instance, ada, activity):
    answer = instance.send({"actor": ada.url, **activity}, ada, to=INBOX)
    assert (answer.status_code, Received.objects.count(), OutgoingRequest.objects.count()) == (202, 0, 0)


UNPROVED = {
    "no signature": ({"signature": ""}, "It is not signed."),
    "another digest": ({"digest": "SHA-256=AAAA"}, "Its digest is not that of its body."),
    "another host": ({"host": "other.example"}, None),
    "too long ago": ({"age": timedelta(hours=13)}, "It was signed too long ago, or does not say when."),
    "in the future": ({"age": timedelta(hours=-13)}, "It was signed too long ago, or does not say when."),
    "too long": ({"signature": "x" * 5000}, "Its signature is too long."),
}


@pytest.mark.parametrize("how", ["old", "new"])
@pytest.mark.parametrize(("spoiled", "words"), UNPROVED.values(), ids=UNPROVED)
def test_what_is_not_signed_as_it_must_be_is_refused_with_a_sentence(actor, instance, ada, spoiled, words, how):
    if how == "new" and "digest" in spoiled:
        spoiled = {"content-digest": "sha-256=:AAAA:"}
    if how == "new" and spoiled.get("signature") == "":
        spoiled = {"signature-input": "", "signature": ""}
    answer = instance.send(instance.follow(ada, US), ada, to=INBOX, how=how, **spoiled)
    assert answer.status_code == (400 if words is None else 401)
    assert words is None or answer.content.decode() == f"{words}\n"
    assert Received.objects.count() == 0


def test_another_path_or_body_than_was_signed_makes_nobody_follow(actor, instance, ada, work):
    headers = {"signature": instance_signature(instance, ada, "/fediverse/other/inbox/")}
    assert instance.send(instance.follow(ada, US), ada, to=INBOX, **headers).status_code == 202
    work()
    assert (Follower.objects.count(), instance.asked) == (0, ["GET /users/ada"])


def instance_signature(instance, by, to):
    from tests.integrations.fediverse.instance import old_way  # noqa: PLC0415

    return old_way(by, to, json.dumps(instance.follow(by, US)).encode(), timedelta(0))["signature"]


BAD = {
    "no JSON": b"<html>",
    "not even text": b"\xff\xfe",
    "a list": b"[]",
    "deep": b"[" * 20_000,
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_what_is_no_activity_is_refused(actor, instance, ada, body):
    assert instance.send(body, ada, to=INBOX).status_code == 400


@pytest.mark.parametrize(
    "who",
    ["http://social.example/users/ada", "https://10.0.0.1/users/ada", "https://169.254.169.254/a", "https://[::1]/a",
     "https://ada:x@social.example/users/ada", "https:///a", "javascript:1", 7, "https://social.example/" + "a" * 600,
     "https://social.example/a b", "https://social.example/\u00e9", "https://social.example/\0", "https://[", "https://x:99999/",
     "https://" + "a." * 130 + "example/", "\ud800", None, ["https://social.example/users/ada"]],
)  # fmt: skip
def test_who_cannot_be_asked_is_refused_or_never_asked(actor, instance, who, work):
    ada = Account(str(who))
    answer = instance.send({**instance.follow(ada, US), "actor": who}, ada, to=INBOX)
    work()
    assert answer.status_code in {400, 401} or OutgoingRequest.objects.get().state == "failed"
    assert (instance.asked, Follower.objects.count()) == ([], 0)


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/html"])
def test_what_is_no_activity_by_its_type_is_not_read(actor, client, kind):
    answer = client.post(INBOX, b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--', content_type=kind)
    assert (answer.status_code, Received.objects.count()) == (415, 0)


def test_a_big_one_is_not_read(actor, instance, ada):
    wish = {**instance.follow(ada, US), "more": "x" * 33_000}
    answer = instance.send(wish, ada, to=INBOX)
    assert (answer.status_code, Received.objects.count()) == (413, 0)


def test_too_many_from_one_server_come_later(actor, instance, ada, monkeypatch):
    monkeypatch.setattr(receiving, "PER_HOST", 2)
    answers = [instance.send(instance.follow(ada, US, number), ada, to=INBOX) for number in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert (answers[2]["Retry-After"], OutgoingRequest.objects.count()) == ("900", 2)
    Received.objects.update(came_at=timezone.now() - timedelta(minutes=61))
    assert instance.send(instance.follow(ada, US, 4), ada, to=INBOX).status_code == 202


def test_too_many_altogether_come_later(actor, instance, monkeypatch):
    monkeypatch.setattr(receiving, "PER_HOUR", 2)
    people = [Account(f"https://host{number}.example/users/x") for number in range(3)]
    wishes = [{**instance.follow(one, US), "id": f"{one.url}/1"} for one in people]
    answers = [instance.send(wish, one, to=INBOX) for wish, one in zip(wishes, people, strict=True)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]


LIES = {
    "another's id": lambda ada, bo: {"id": bo.url},
    "a key of somebody else": lambda ada, bo: {"publicKey": bo.described("")["publicKey"]},
    "no key": lambda ada, bo: {"publicKey": None},
    "a broken key": lambda ada, bo: {"publicKey": {**ada.described("")["publicKey"], "publicKeyPem": "x"}},
    "another's inbox": lambda ada, bo: {"inbox": "https://other.example/inbox", "endpoints": {}},
    "our own network": lambda ada, bo: {"inbox": "https://10.0.0.1/inbox", "endpoints": None},
    "no inbox": lambda ada, bo: {"inbox": None, "endpoints": []},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_server_that_lies_makes_nobody_follow(actor, instance, ada, work, lie):
    ada.more = lie(ada, instance.account("bo"))
    instance.send(instance.follow(ada, US), ada, to=INBOX)
    work()
    assert (Follower.objects.count(), Inbox.objects.count(), Received.objects.get().told) == (0, 0, {})


@pytest.mark.parametrize(
    "fault",
    [good(b"<html>"), good(b"[1]"), good(status="302 Found", Location="http://169.254.169.254/"),
     good(status="503 Away"), b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
     good(b"x" * 300_000)],
    ids=["no JSON", "a list", "redirect", "away", "half", "too long"],
)  # fmt: skip
def test_a_server_in_trouble_makes_nobody_follow_and_nothing_is_kept(actor, instance, ada, work, fault):
    instance.fault = fault
    instance.send(instance.follow(ada, US), ada, to=INBOX)
    for _ in range(3):
        OutgoingRequest.objects.update(created_at=timezone.now() - timedelta(hours=1))
        work(rounds=1)
    assert (Follower.objects.count(), Received.objects.get().told) == (0, {})
    assert OutgoingRequest.objects.filter(state="queued").count() == 0


def test_no_name_of_a_stranger_leads_into_our_own_network(actor, instance, ada, names, monkeypatch, settings, work):
    """Not even to a machine that the operator named for other things, nor by a name that leads there."""
    monkeypatch.setattr(guard, "may_connect", lambda address: False)
    settings.OUTBOUND_PRIVATE_HOSTS = ["social.example", f"social.example:{instance.own.port}"]
    instance.send(instance.follow(ada, US), ada, to=INBOX)
    work()
    row = OutgoingRequest.objects.get()
    assert (row.state, instance.asked, Follower.objects.count()) == ("failed", [], 0)
    assert row.outcome.startswith("social.example leads to 127.0.0.1, which is not on the public internet.")


def test_nobody_has_us_knock_at_other_ports(actor, instance, ada, monkeypatch):
    monkeypatch.setattr(guard, "STRANGERS_PORTS", {443})
    answer = instance.send(instance.follow(ada, US), ada, to=INBOX)
    assert (answer.status_code, answer.content) == (400, b"Of hosts that are not on the list only port 443 is asked.\n")


def test_a_key_of_another_host_is_refused(actor, instance, ada, names, pem, client):
    with host(pem) as own:
        other = Instance(own, client, "other.example").account("eve")
        answer = instance.send(instance.follow(ada, US), other, to=INBOX)
    assert (answer.status_code, Received.objects.count()) == (401, 0)


def test_an_account_that_is_off_takes_nothing(actor, instance, ada, work):
    instance.send(instance.follow(ada, US), ada, to=INBOX)
    Actor.objects.update(on_at=None)
    assert instance.send(instance.follow(ada, US), ada, to=INBOX).status_code == 404
    sending.send_what_is_due()
    assert (Follower.objects.count(), instance.asked) == (0, [])


def test_who_follows_rests_sealed(following):
    row = str(Follower.objects.extra(select={"raw": "address::text"}).values("raw").get())
    assert "social.example" not in row
    assert b"social" not in bytes(Follower.objects.get().address_key)
