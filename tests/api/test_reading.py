"""What everybody may read, and names, which need a token."""

from datetime import timedelta

import pytest
from django.utils import timezone

from api.models import Scope
from core import redirects, switches
from petitions.models import Signature, Update
from petitions.statements import counting
from tests.factories import (
    CommentFactory,
    EndorsementFactory,
    EventFactory,
    OrganisationFactory,
    SignatureFactory,
    StatementFactory,
)

pytestmark = pytest.mark.django_db
LISTS = ["statements", "events", *(f"statements/a/{name}" for name in ("organisations", "comments", "events", "news"))]


def world() -> dict:
    """Two statements with something of each kind that may be read, and something that may not."""
    now = timezone.now()
    first = StatementFactory(slug="a", title="Keep it open", published_at=now - timedelta(days=2))
    second = StatementFactory(slug="b")
    StatementFactory(slug="draft", published_at=None)
    StatementFactory(slug="gone", hidden_at=now)
    listed = {"state": "listed", "listed_at": now, "public_message": "We agree"}
    for name in ("One", "Two"):
        EndorsementFactory(statement=first, organisation=OrganisationFactory(name=name), **listed)
    EndorsementFactory(statement=first, name="Waiting")
    for text in ("Yes", "Indeed"):
        CommentFactory(statement=first, body=text)
    CommentFactory(statement=first, state="waiting", body="Secret words")
    for place in (first, second):
        EventFactory(statement=place, slug=f"of-{place.slug}")
    Update.objects.create(statement=first, title="News", slug="news", body="<p>Yes.</p>", published_at=now)
    Update.objects.create(statement=first, title="Draft", slug="draft", body="<p>No.</p>")
    for number in range(3):
        at = now - timedelta(minutes=number)
        SignatureFactory(statement=first, name=f"Shown {number}", show_name=True, confirmed_at=at)
    SignatureFactory(statement=first, name="Private")
    SignatureFactory(statement=first, name="Held", show_name=True, state="held")
    SignatureFactory(statement=second, name="Elsewhere", show_name=True)
    counting.recount(statement=first, repair=True)
    return {"first": first, "second": second}


def all_of(program, path, limit):
    """Every item of every page, and how many pages there were."""
    found, pages = [], 0
    address = f"/api/v1/{path}?limit={limit}"
    while address:
        answer = program.get(address.removeprefix("http://127.0.0.1:8000").removeprefix("http://testserver"))
        assert answer.status_code == 200
        found, pages, address = [*found, *answer.json()["data"]], pages + 1, answer.json()["next"]
    return found, pages


def test_lists_hold_what_everybody_may_read_page_by_page(anybody, settings):
    settings.ORIGIN = "http://testserver"
    world()
    whole = {path: [all_of(anybody, path, 100)[0], all_of(anybody, path, 1)] for path in LISTS}
    assert [path for path, (at_once, (one_by_one, _)) in whole.items() if at_once != one_by_one] == []
    told = {path: (len(at_once), pages) for path, (at_once, (_, pages)) in whole.items()}
    assert told == dict(zip(LISTS, [(2, 2), (2, 2), (2, 2), (2, 2), (1, 1), (1, 1)], strict=True))
    assert [one["slug"] for one in whole["statements"][0]] == ["b", "a"]
    assert {one["text"] for one in whole["statements/a/comments"][0]} == {"Yes", "Indeed"}
    assert {one["name"] for one in whole["statements/a/organisations"][0]} == {"One", "Two"}


def test_one_statement_has_its_versions_and_numbers(anybody):
    statement = world()["first"]
    said = anybody.read("statements/a").json()
    assert said["numbers"] == {"signatures": 4, "organisations": 0, "goal": 100, "open": True}
    assert [one["sha256"] for one in said["versions"]] == [statement.version.sha256]
    assert said["publisher"]["url"].endswith(statement.who.page)
    assert anybody.read("statements/a/numbers").json() == said["numbers"]


def test_numbers_that_are_switched_off_are_not_told(anybody):
    statement = world()["first"]
    switches.turn_off(name="count")
    off = {"signatures": None, "organisations": 0, "goal": None, "open": True}
    assert anybody.read("statements/a/numbers").json() == off
    assert anybody.read(f"statements/{statement.slug}").json()["numbers"] == off
    assert {one["slug"]: one["numbers"]["signatures"] for one in anybody.read("statements").json()["data"]} == {
        "a": None,
        "b": None,
    }


@pytest.mark.parametrize("path", ["statements", "statements/a", "statements/a/numbers", "statements/a/comments"])
def test_what_is_public_is_the_same_bytes_with_a_tag(anybody, program, path):
    world()
    first, again = anybody.read(path), anybody.read(path)
    assert first.content == again.content == program.read(path).content
    kept = anybody.get(f"/api/v1/{path}", headers={"If-None-Match": first["ETag"]})
    assert (kept.status_code, kept.content, kept["ETag"]) == (304, b"", first["ETag"])
    head = anybody.head(f"/api/v1/{path}")
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", first["ETag"])
    told = {name: first[name] for name in ("Access-Control-Allow-Origin", "Cross-Origin-Resource-Policy")}
    assert told == {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
    assert (first["Cache-Control"].startswith("public"), first["Vary"], first.cookies) == (True, "Accept-Encoding", {})


def test_what_is_not_public_is_not_there(anybody):
    world()
    redirects.move(old="/statements/old/", new="/statements/a/")
    answers = {slug: anybody.read(f"statements/{slug}") for slug in ("draft", "gone", "old", "none")}
    assert {slug: (one.status_code, one.json()["detail"]) for slug, one in answers.items()} == {
        "draft": (404, "No statement here is called that. GET /api/v1/statements lists them all."),
        "gone": (410, "This statement was taken off the site."),
        "old": (404, "This statement is called “a” now: ask for that."),
        "none": (404, "No statement here is called that. GET /api/v1/statements lists them all."),
    }


@pytest.mark.parametrize(
    ("query", "field", "detail"),
    [
        ({"limit": 10_000}, "limit", "At most 100. Ask for the rest with the address in `next`."),
        ({"limit": 0}, "limit", "At least 1."),
        ({"limit": "all"}, "limit", "Write a whole number."),
        ({"after": "nonsense"}, "after", "This is no beginning of a page. Take the whole address in `next`"),
        ({"after": "9999-99-99T00:00:00+00:00~1"}, "after", "This is no beginning of a page."),
    ],
)
def test_nonsense_is_refused_with_a_sentence(anybody, query, field, detail):
    world()
    for path in LISTS:
        answer = anybody.read(path, **query)
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["field"], error["detail"].startswith(detail)) == (422, field, True)


def test_what_nobody_asks_for_is_passed_over(anybody):
    world()
    assert anybody.read("statements", page=10_000, sort="x\x00").status_code == 200


def test_names_are_those_of_who_shows_them_to_a_program_that_may(program, program_with, anybody, settings):
    settings.ORIGIN = "http://testserver"
    world()
    found, pages = all_of(program, "statements/a/names", 2)
    assert ([one["name"] for one in found], pages) == (["Shown 0", "Shown 1", "Shown 2"], 2)
    answer = program.read("statements/a/names")
    assert (answer["Cache-Control"], answer.has_header("Access-Control-Allow-Origin")) == ("no-store", False)
    tagged = {"If-None-Match": answer["ETag"]}
    again = program.get("/api/v1/statements/a/names", headers=tagged)
    assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", "no-store")
    Signature.objects.filter(name="Shown 1").update(show_name=False)
    assert program.get("/api/v1/statements/a/names", headers=tagged).status_code == 200
    refused = {
        who: asks.read("statements/a/names").status_code
        for who, asks in {"nobody": anybody, "other": program_with(Scope.NEWS_WRITE)}.items()
    }
    assert refused == {"nobody": 401, "other": 403}


def test_lists_cost_the_same_however_long_they_are(anybody, django_assert_num_queries):
    world()
    for path, queries in {"statements": 2, "statements/a/comments": 3, "statements/a/organisations": 2}.items():
        for limit in (1, 3):
            with django_assert_num_queries(queries):
                anybody.read(path, limit=limit)
