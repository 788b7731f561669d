"""Public pages are the same with all that makes them fast and without it: each byte, each header."""

import ast
import gzip
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core import signals
from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import RequestFactory
from django.utils import timezone

from core import redirects, speed
from core.speed import memory
from core.speed.front import Front
from core.speed.shedding import Shedding
from local.environment import ROOT
from petitions.models import Statement, Update
from petitions.statements import counting
from tests import worlds
from tests.factories import (
    CommentFactory,
    EndorsementFactory,
    EventFactory,
    OrganisationFactory,
    SignatureFactory,
    StatementFactory,
)

STATEMENT = "/statements/libraries/"
ONCE_MORE = "a second time, from what is kept"
PATHS = [
    "/", "/statements/", "/feed/", "/events.ics", "/sitemap.xml", "/robots.txt", "/privacy/", "/accessibility/",
    STATEMENT, f"{STATEMENT}sign/", f"{STATEMENT}signatures/", f"{STATEMENT}history/", f"{STATEMENT}share/",
    f"{STATEMENT}count.json", f"{STATEMENT}feed/", f"{STATEMENT}events.ics", "/statements/libraries.json",
    f"{STATEMENT}comments/", f"{STATEMENT}comments/feed/", f"{STATEMENT}organisations/", f"{STATEMENT}endorse/",
    f"{STATEMENT}endorse/form/", f"{STATEMENT}motion/", f"{STATEMENT}updates/", f"{STATEMENT}updates/news-1/",
    "/embed/libraries/", "/embed/libraries/form/", "/embed/libraries/badge.svg", "/events/protest/",
    "/events/protest.ics", "/organisations/mill-union/", f"{STATEMENT}?via=wa", f"{STATEMENT}sign/?via=wa",
    "/oembed/?url=http://testserver/statements/libraries/", "/statements/old-libraries/", "/Statements/libraries.",
    "/statements/hidden/",
    "/statements/draft/", "/nowhere/",
]  # fmt: skip


@pytest.fixture(scope="module")
def moment():
    """When all this happens; a whole second of today, for the database's clock goes on."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def world_of_the_module(moment, django_db_setup, django_db_blocker):
    """Made once, since no test changes it for the others."""
    with worlds.standing(django_db_blocker):
        make_world(moment)
        yield


@pytest.fixture
def world(world_of_the_module, db):
    """As `make_world` left it."""


def make_world(moment):
    """A statement with everything that its pages show, and others that are drafts, hidden and renamed."""
    statement = StatementFactory(slug="libraries")
    for number in range(25):
        SignatureFactory(statement=statement, show_name=number % 2 == 0, affiliation="Mill" if number % 3 else "")
    EventFactory(statement=statement, slug="protest")
    EventFactory(statement=statement, starts_at=moment - timedelta(days=9))
    for number in range(3):
        Update.objects.create(
            statement=statement, title=f"News {number}", slug=f"news-{number}", body="<p>So.</p>",
            published_at=moment - timedelta(hours=number),
        )  # fmt: skip
    for name in ("Mill Union", "Tenants"):
        organisation = OrganisationFactory(name=name, slug=name.lower().replace(" ", "-"))
        EndorsementFactory(statement=statement, organisation=organisation, state="listed", listed_at=moment)
    Statement.objects.filter(pk=statement.pk).update(organisations=2)
    comments(statement, moment)
    counting.recount(statement=statement, repair=True)
    StatementFactory(slug="draft", published_at=None)
    StatementFactory(slug="hidden", hidden_at=moment)
    redirects.move(old="/statements/old-libraries/", new=STATEMENT)


def comments(statement, moment):
    said = {"thread": statement.thread, "state": "published", "published_at": moment, "confirmed_at": moment}
    for _ in range(3):
        top = CommentFactory(**said)
        for _ in range(2):
            CommentFactory(parent=top, **said)
    CommentFactory(**{**said, "state": "binned"})


@pytest.fixture
def site(settings, monkeypatch, world, moment):
    """What a fresh process answers, with SPEED or without, while no clock goes on."""
    settings.PAGE_FRESH_SECONDS = 60
    monkeypatch.setattr(timezone, "now", lambda: moment)
    monkeypatch.setattr(time, "time", lambda: moment.timestamp() + 0.5)

    def begin(on):
        settings.SPEED = on
        cache.clear()
        memory.forget()
        shedding = Shedding(get_wsgi_application(), 1)
        return Front(shedding) if on else shedding

    # As Django's own test client has it: what the test wrote is seen by its connection alone.
    ends = (signals.request_started, signals.request_finished)
    for end in ends:
        end.disconnect(close_old_connections)
    yield begin
    for end in ends:
        end.connect(close_old_connections)


def answer(application, address, **headers):
    """Status, headers and the body unpacked."""
    path, _, query = address.partition("?")
    environ = RequestFactory().get(path).environ | {
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_HOST": "testserver",
        **headers,
    }
    said = []
    chunks = application(environ, lambda status, sent, *_: said.extend([status, dict(sent)]))
    body = b"".join(chunks)
    if hasattr(chunks, "close"):
        chunks.close()
    return said[0], said[1], gzip.decompress(body) if said[1].get("Content-Encoding") == "gzip" else body


@pytest.mark.parametrize("packed", ["", "gzip"])
@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_the_same(site, path, packed):
    headers = {"HTTP_ACCEPT_ENCODING": packed} if packed else {}
    fast = site(True)
    found = {name: answer(fast, path, **headers) for name in ("first", ONCE_MORE)}
    slow = answer(site(False), path, **headers)
    assert found == dict.fromkeys(found, slow)
    unchanged = {"HTTP_IF_NONE_MATCH": slow[1].get("ETag", '"none"'), **headers}
    assert answer(fast, path, **unchanged) == answer(site(False), path, **unchanged)


def test_it_is_about_pages_that_are_there(site):
    statuses = [answer(site(False), path)[0][:3] for path in PATHS]
    assert statuses == ["200"] * (len(PATHS) - 5) + ["301", "301", "410", "404", "404"]


@pytest.mark.parametrize("path", [STATEMENT, f"{STATEMENT}count.json"])
def test_without_speed_nothing_is_kept(site, moment, django_assert_num_queries, path):
    fast = site(True)
    answer(fast, path)
    with django_assert_num_queries(0):
        answer(fast, path)
    slow = site(False)
    before = answer(slow, path)
    Statement.objects.filter(slug="libraries").update(hidden_at=moment)
    assert (before[0], answer(slow, path)[0], answer(fast, path)[0]) == ("200 OK", "410 Gone", "200 OK")


FOLDERS = (
    "bench",
    "comments",
    "core",
    "mail",
    "organisations",
    "petitions",
    "publishers",
    "seeds",
    "submissions",
    "undersigned",
)


def doors() -> set[str]:
    """What core/speed says that others may use."""
    rows = [line.split("|")[1] for line in speed.__doc__.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in row.split("`")[1::2]}


def used(path: Path) -> set[str]:
    """What a file takes from core/speed, as `file.name`; `file.*` where it takes the file for something else."""
    tree = ast.parse(path.read_text())
    found, files = set(), {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "core.speed":
            files |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("core.speed."):
            found |= {f"{node.module.removeprefix('core.speed.')}.{alias.name}" for alias in node.names}
    attributes = [
        node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    ]
    return found | {f"{files[node.value.id]}.{node.attr}" for node in attributes if node.value.id in files}


def test_others_use_what_it_documents_and_nothing_else():
    outside = [
        path
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        if "speed" not in path.relative_to(ROOT).parts
    ]
    taken = set().union(*map(used, outside))
    assert taken - doors() == set()
    # Tests alone forget; the backend is named in the settings; not every rank of patience has to be asked for.
    ranks = {"shedding.CONFIRM", "shedding.SIGN", "shedding.WRITE", "shedding.READ"}
    assert doors() - taken - ranks == {"memory.forget", "postgresql"}
