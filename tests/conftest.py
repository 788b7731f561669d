"""What every test may use; rows come from factories.py."""

import gc
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache, caches
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.backends import jinja2
from django.test import Client, override_settings
from django.test.signals import template_rendered
from hypothesis import settings as hypothesis_settings

from core import identity
from core.speed import memory
from petitions.models import Statement
from publishers.models import Publisher
from tests import api_answers, database
from tests.factories import StatementFactory
from tests.mailserver import MailServer, running

# The row that migrating founded.
FIRST_PUBLISHER: list[int] = []
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
USUAL_FUZZ = 8
# Slow hashes protect people, not tests; not every test client has to list all static files as it begins; and the
# publisher stays known (_known_publisher).
QUICK = {
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    "PUBLISHER_FRESH_SECONDS": 3600,
    "WHITENOISE_AUTOREFRESH": True,
}
PHP = shutil.which("php")
NO_PHP = "no PHP on this machine; install it with: apt install php-cli"
NO_CHROMIUM = "no Chromium on this machine; install it with: apt install chromium"


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long to look for what only chance finds; the ordinary run looks for a moment, and always the same way."""
    parser.addoption("--walk-minutes", type=float, default=0, help="go on with random walks for so many minutes")
    parser.addoption("--walk-seed", type=int, default=None, help="walk the walks of this seed")
    parser.addoption(
        "--fuzz-seconds", type=float, default=USUAL_FUZZ, help="let the verbs of six threads race for so long"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser the journeys say so and sleep, without PHP the WordPress plugin; where CI is set they fail.

    Who asks for long walks waits for their end. Tests of the demo's world stay together in whatever order, since it is
    made once for all of them (seeds/conftest.py).
    """
    of_the_demo = [item.path.parent.name == "seeds" for item in items]
    if any(of_the_demo):
        first = of_the_demo.index(True)
        places = {
            item: first if demo else place for place, (item, demo) in enumerate(zip(items, of_the_demo, strict=True))
        }
        items.sort(key=places.__getitem__)
    if items and (items[0].config.getoption("walk_minutes") or items[0].config.getoption("fuzz_seconds") > USUAL_FUZZ):
        for item in items:
            item.add_marker(pytest.mark.timeout(0))
    if os.environ.get("CI"):
        return
    for item in items:
        if not CHROMIUM and item.path.parent.name == "journeys":
            item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))
        if not PHP and "wordpress" in {item.path.parent.name, *(mark.name for mark in item.iter_markers())}:
            item.add_marker(pytest.mark.skip(reason=NO_PHP))


def pytest_configure() -> None:
    """A slow machine is no fault of an example: `timeout` in pyproject.toml ends what has no end."""
    hypothesis_settings.register_profile("patient", deadline=None)
    hypothesis_settings.load_profile("patient")


def pytest_collection_finish() -> None:
    """What was imported and collected stays until the end, so the search for garbage need not walk through it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix) -> None:
    """More patience than visitors have: tests share slow machines, and dropping a database takes its time.

    For locks too: on a busy machine many wait for one longer than a visitor may, and PostgreSQL itself tells of those
    who wait in a circle.
    """
    options = connection.settings_dict["OPTIONS"]
    patient = {"statement_timeout=5000": "statement_timeout=60000", "lock_timeout=2000": "lock_timeout=30000"}
    for hasty, long in patient.items():
        assert hasty in options["options"]
        options["options"] = options["options"].replace(hasty, long)
    options["pool"] = {**options["pool"], "timeout": 60}


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, django_db_modify_db_settings) -> Iterator[None]:
    """The database of this process (tests/database.py), in the place of pytest-django's."""
    with django_db_blocker.unblock():
        database.make()
        FIRST_PUBLISHER.extend(Publisher.objects.values_list("pk", flat=True)[:1])
    yield
    with django_db_blocker.unblock():
        database.drop()


@pytest.fixture
def statement() -> Statement:
    """One that is open, where it does not matter which."""
    return StatementFactory()


@pytest.fixture
def server(settings) -> Iterator[MailServer]:
    """A real mail server that takes everything, for as long as the test runs."""
    with running(settings) as found:
        yield found


@pytest.fixture(autouse=True)
def _record_at_once(request: pytest.FixtureRequest) -> None:
    """Lines enter the record as their transaction ends; a test that is one transaction wants to read them before."""
    marker = request.node.get_closest_marker("django_db")
    names = request.fixturenames
    if "transactional_db" in names or "live_server" in names or (marker and marker.kwargs.get("transaction")):
        return
    if marker or "db" in names:
        request.getfixturevalue("db")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS core_auditdraft_entered IMMEDIATE")


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Pages kept by one test must not answer another."""
    cache.clear()
    caches["limits"].clear()
    memory.forget()
    yield
    cache.clear()
    memory.forget()


@pytest.fixture(autouse=True)
def _known_publisher(_empty_cache) -> None:
    """The environment's publisher is in memory, as in a process that has shown a page lately: no query of a page that a
    test counts is about it, on a slow machine either. A test about publishers forgets it."""
    identity.forget()
    identity._away_until = 0.0
    pk = FIRST_PUBLISHER[0] if FIRST_PUBLISHER else None
    identity.learn(replace(identity.from_environment(), pk=pk), is_first=True)
    memory.put(identity.HOSTS, {}, 3600)
    memory.put(identity.SEVERAL, False, 3600)


@pytest.fixture(scope="session", autouse=True)
def _for_all_tests(django_test_environment) -> Iterator[None]:
    """What is the same for each test is made once: every fixture costs each of five thousand tests something."""
    with pytest.MonkeyPatch.context() as patched, override_settings(**QUICK):
        _tell_of_jinja(patched)
        _hold_against_the_schema(patched)
        yield


def _tell_of_jinja(patched: pytest.MonkeyPatch) -> None:
    """Django's test client is told what its own engine's pages show (`answer.context`); tell it of Jinja2's as well."""
    draw = jinja2.Template.render

    def render(template: jinja2.Template, context: dict | None = None, request: HttpRequest | None = None) -> str:
        template_rendered.send(sender=template, template=template, context=context or {})
        return draw(template, context, request)

    patched.setattr(jinja2.Template, "render", render)


def _hold_against_the_schema(patched: pytest.MonkeyPatch) -> None:
    """Whatever the API answers in whichever test is what its description says."""
    ask = Client.request

    def request(client: Client, **environ: Any) -> HttpResponse:
        answer = ask(client, **environ)
        if environ["PATH_INFO"].startswith("/api/v1/"):
            api_answers.check(environ["REQUEST_METHOD"], environ["PATH_INFO"], answer)
        return answer

    patched.setattr(Client, "request", request)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium, which asks nobody for anything."""
    if CHROMIUM is None:
        pytest.fail(NO_CHROMIUM)
    quiet = ["background-networking", "component-update", "sync", "gpu", "dev-shm-usage"]
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox", "--no-first-run", *(f"--disable-{x}" for x in quiet)]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A British visitor."""
    return {**browser_context_args, "locale": "en-GB", "timezone_id": "Europe/London"}
