"""What nobody has approved is nowhere: no page, no feed, no data, no search finds it (SAFETY T17, T13)."""

import re

import pytest
from django.urls import get_resolver
from django.utils import timezone

from comments import moderation, threads
from comments.models import Comment
from core import tokens
from tests.comments.making import ask
from tests.factories import CommentFactory, SignatureFactory, StatementFactory
from tests.test_every_address import NOT_PUBLIC, routes

pytestmark = pytest.mark.django_db
CANARY = "Zyzzyva canary"


@pytest.fixture
def statement():
    return StatementFactory(slug="libraries")


def unread(statement) -> list[Comment]:
    """A comment in every state that nobody may read, each with the canary in its name and in its words."""
    typed = {"statement": statement, "author_name": f"{CANARY} name", "author_email": "zyzzyva@canary.example"}
    rows = [CommentFactory(state=state, body=f"{CANARY} {state}", **typed) for state in Comment.State.values]
    ask(statement.thread, name=f"{CANARY} name", email="asked@canary.example", body=f"{CANARY} asked")
    published = next(row for row in rows if row.state == "published")
    Comment.objects.filter(pk=published.pk).update(hidden_at=timezone.now())
    answered = CommentFactory(body=f"{CANARY} answered", **typed)
    moderation.reply(comment=answered, body="Fine.", name="Eastside Campaign")
    moderation.bin(comment=answered)
    threads.recount(statement.thread)
    return [*rows, answered]


def public_addresses(statement, rows) -> list[str]:
    signature = SignatureFactory(statement=statement, state="confirmed")
    examples = {
        "slug": [statement.slug, "no-such"],
        "token": [tokens.make_token("signed-manage", signature.pk), "x"],
        "pk": [str(row.pk) for row in rows],
    }
    found = []
    for route in routes(get_resolver()):
        names = set(re.findall(r"<(?:\w+:)?(\w+)>", route))
        if not route.startswith(NOT_PUBLIC) and names <= examples.keys():
            found += ["/" + path for path in filled(route, examples)]
    tails = [f"?{name}={row.pk}" for row in rows for name in ("at", "to", "after", "reply", "p", "replytocom")]
    tails += ["?q=zyzzyva", "?state=waiting", "?preview=1", "?format=json"]
    return found + [f"/statements/libraries/{page}{tail}" for page in ("", "comments/") for tail in tails]


def filled(route: str, examples: dict[str, list[str]]) -> list[str]:
    parameter = re.search(r"<(?:\w+:)?(\w+)>", route)
    if parameter is None:
        return [route]
    values = examples[parameter[1]]
    return [path for value in values for path in filled(route.replace(parameter[0], value, 1), examples)]


def test_what_is_not_published_is_on_no_public_address(client, statement):
    rows = unread(statement)
    addresses = public_addresses(statement, rows)
    assert {"/statements/libraries/comments/feed/", "/statements/libraries/count.json"} <= set(addresses)
    assert len(addresses) > 100
    for address in addresses:
        body = client.get(address).content.decode(errors="replace").casefold()
        assert (address, "zyzzyva" in body) == (address, False)


def test_the_canary_would_be_seen(client, statement):
    """A leak test needs something that can leak."""
    row = CommentFactory(statement=statement, author_name=f"{CANARY} name", state="waiting")
    moderation.approve(comment=row)
    pages = ["/statements/libraries/", "/statements/libraries/comments/", "/statements/libraries/comments/feed/"]
    assert [CANARY in client.get(page).content.decode() for page in pages] == [True] * 3
    moderation.unapprove(comment=row)
    assert [CANARY in client.get(page).content.decode() for page in pages] == [False] * 3


def test_addresses_and_networks_of_writers_are_on_no_page(client, statement):
    row = CommentFactory(statement=statement, author_email="secret@canary.example", ip_key="networkcanary")
    threads.recount(statement.thread)
    for address in public_addresses(statement, [row]):
        body = client.get(address).content.decode(errors="replace")
        assert (address, "canary.example" in body, "networkcanary" in body) == (address, False, False)
