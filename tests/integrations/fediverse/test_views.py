"""What others read of an account, and the desk's door to it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEntry
from integrations.fediverse import keeping, publishing, views
from integrations.models import Actor, Follower, Inbox, Post
from publishers.models import Publisher
from tests.factories import StatementFactory
from tests.staff import superuser
from tests.test_every_query import NONSENSE

pytestmark = pytest.mark.django_db
US = "http://testserver/fediverse/eastside/"
HERE = "/fediverse/eastside/"


def test_it_is_found_by_its_handle(client, actor):
    answer = client.get("/.well-known/webfinger", {"resource": "acct:eastside@testserver"})
    page = f"http://testserver{actor.publisher.get_absolute_url()}"
    assert answer["Content-Type"] == "application/jrd+json; charset=utf-8"
    assert answer.json() == {
        "subject": "acct:eastside@testserver",
        "aliases": [US, page],
        "links": [
            {"rel": "self", "type": "application/activity+json", "href": US},
            {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": page},
        ],
    }
    for spelling in ("eastside@testserver", "@EastSide@TestServer", US):
        assert client.get("/.well-known/webfinger", {"resource": spelling}).json() == answer.json()


@pytest.mark.parametrize(
    ("resource", "status"),
    [("", 400), ("acct:eastside@other.example", 404), ("acct:other@testserver", 404), ("acct:eastside", 404),
     (f"{US}inbox/", 404), ("acct:" + "x" * 999, 404)],
)  # fmt: skip
def test_nothing_else_is(client, actor, resource, status):
    assert client.get("/.well-known/webfinger", {"resource": resource}).status_code == status


def test_it_says_who_it_is_and_no_secret(client, actor):
    Publisher.objects.update(introduction="<p>We are here.</p>")
    answer = client.get(HERE, headers={"accept": "application/activity+json"})
    told = answer.json()
    assert answer["Content-Type"] == "application/activity+json; charset=utf-8"
    assert (told["id"], told["type"], told["preferredUsername"], told["summary"]) == (
        US, "Organization", "eastside", "<p>We are here.</p>",
    )  # fmt: skip
    assert [told[name] for name in ("inbox", "outbox", "followers")] == [
        f"{US}{name}/" for name in ("inbox", "outbox", "followers")
    ]
    assert told["publicKey"] == {"id": f"{US}#main-key", "owner": US, "publicKeyPem": actor.public_key}
    assert ["PRIVATE" in answer.content.decode(), actor.private_key in answer.content.decode()] == [False, False]
    assert ("Set-Cookie" in answer, "Cookie" in answer.get("Vary", "")) == (False, False)


def test_its_key_rests_sealed(actor):
    assert "PRIVATE" not in actor.private_key
    assert "PRIVATE" in keeping.tokens.unseal(keeping.PURPOSE, actor.private_key)["pem"]


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_whatever_is_asked_for_is_no_mistake_of_ours(client, actor, nonsense):
    for resource in (
        nonsense,
        f"acct:{nonsense}@testserver",
        f"acct:eastside@{nonsense}",
        f"http://testserver/{nonsense}",
    ):
        assert client.get("/.well-known/webfinger", {"resource": resource}).status_code in {400, 404}


@pytest.mark.parametrize("rest", ["", "outbox/", "outbox/0/", "followers/", "posts/1/"])
def test_one_that_is_off_is_not_there(client, actor, rest):
    Actor.objects.update(on_at=None)
    assert client.get(HERE + rest).status_code == 404
    assert client.get("/.well-known/webfinger", {"resource": "acct:eastside@testserver"}).status_code == 404


def test_how_many_follow_is_told_and_not_who(client, actor):
    inbox = Inbox.objects.create(url="https://social.example/inbox", url_key=b"x")
    Follower.objects.create(
        actor=actor, inbox=inbox, address="https://social.example/users/ada", address_key=b"x", follow_id="y"
    )
    assert client.get(f"{HERE}followers/").json() == {
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
        "id": f"{US}followers/",
        "type": "OrderedCollection",
        "totalItems": 1,
    }


@pytest.mark.parametrize("number", [1, 7])
def test_its_list_is_read_page_by_page_whatever_its_length(
    client, actor, monkeypatch, number, django_assert_num_queries
):
    monkeypatch.setattr(views, "PER_PAGE", 3)
    for _ in range(number):
        StatementFactory()
    while publishing.find():
        pass
    list_ = client.get(f"{HERE}outbox/").json()
    assert (list_["totalItems"], list_["first"]) == (number, f"{US}outbox/0/")
    where, read = list_["first"], []
    while where:
        with django_assert_num_queries(2):
            page = client.get(where.removeprefix("http://testserver")).json()
        read += [item["object"]["id"] for item in page["orderedItems"]]
        where = page.get("next", "")
    assert read == [f"{US}posts/{pk}/" for pk in Post.objects.order_by("-pk").values_list("pk", flat=True)]


@pytest.mark.parametrize("far", ["posts/10000/", f"posts/{2**70}/", f"outbox/{2**70}/"])
def test_what_is_beyond_all_is_not_there(client, actor, far):
    assert client.get(HERE + far).status_code == 404


def test_a_page_far_down_is_empty(client, actor):
    StatementFactory()
    publishing.find()
    assert client.get(f"{HERE}outbox/1/").json()["orderedItems"] == []


def test_the_inbox_is_not_read(client, actor):
    assert client.get(f"{HERE}inbox/").status_code == 405


def test_it_is_switched_on_and_off_on_the_desk_after_a_question():
    carol = superuser("carol")
    publisher = Publisher.objects.get()
    carol.post(reverse("admin:integrations_actor_add"), {"publisher": publisher.pk, "name": "eastside"})
    actor = Actor.objects.get()
    assert (actor.is_on, actor.private_key, actor.made_by.username) == (False, "", "carol")
    where = reverse("admin:integrations_actor_changelist")
    asked = {"action": "switch_on", "_selected_action": actor.pk}
    page = carol.post(where, asked).content.decode()
    assert ("which no list on the desk names" in page, Actor.objects.get().is_on) == (True, False)
    carol.post(where, {**asked, "confirmed": "1"})
    assert Actor.objects.get().is_on
    page = carol.get(where).content.decode()
    assert "@eastside@testserver" in page
    carol.post(where, {**asked, "action": "switch_off", "confirmed": "1"})
    assert not Actor.objects.get().is_on
    what = AuditEntry.objects.filter(model="integrations.actor").order_by("id").values_list("what", flat=True)
    assert list(what)[-2:] == ["Switched on", "Switched off"]
    carol.post(
        reverse("admin:integrations_actor_change", args=[actor.pk]), {"publisher": publisher.pk, "name": "another"}
    )
    assert Actor.objects.get().name == "eastside"


@pytest.mark.parametrize("name", ["East", "a b", "a@b", "é"])
def test_its_name_is_plain(name):
    carol = superuser("carol")
    page = carol.post(reverse("admin:integrations_actor_add"), {"publisher": Publisher.objects.get().pk, "name": name})
    assert ("Only small letters, digits and _." in page.content.decode(), Actor.objects.count()) == (True, 0)


def test_what_is_on_already_is_not_switched_on_again(actor):
    with pytest.raises(keeping.AlreadyDone):
        keeping.switch_on(actor=actor)
    Actor.objects.update(on_at=timezone.now())
    keeping.switch_off(actor=actor)
    with pytest.raises(keeping.AlreadyDone):
        keeping.switch_off(actor=actor)
