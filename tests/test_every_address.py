"""What holds for each public address, found by walking the URL configuration: a new one is tested unasked."""

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from core import verification
from petitions import sign_views
from tests.factories import SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db

NOT_PUBLIC = ("admin/", "static/", "media/")
UNKNOWN = ["/no-such-page/", "/statements/no-such-statement/", "/confirm/garbled/", "/manage/sign-manage.1.x/"]


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLPattern):
            yield route
        elif not route.startswith(NOT_PUBLIC):
            yield from routes(pattern, route)


@pytest.fixture
def addresses() -> list[str]:
    """Every public address, filled in with a live statement and with links that mails carry."""
    statement = StatementFactory()
    signature = SignatureFactory(statement=statement)
    waiting = {"s": statement.pk, "m": 0, "e": signature.email, "v": ""}
    examples = {"slug": [statement.slug], "token": []}
    found = [
        sign_views.thanks_url(statement, signature.pk),
        f"{reverse('check_email', args=[statement.slug])}?k={verification.seal(sign_views.WAITING, waiting)}",
    ]
    for route in routes(get_resolver()):
        if not route.startswith(NOT_PUBLIC):
            tokens = [verification.make_token(purpose, signature.pk) for purpose in purposes(route)]
            found += ["/" + path for path in filled(route, {**examples, "token": tokens})]
    return found


def purposes(route: str) -> list[str]:
    prefix = route.split("/", maxsplit=1)[0]
    return [purpose for purpose in verification._pages if purpose.endswith(f"-{prefix}")]


def filled(route: str, examples: dict[str, list[str]]) -> list[str]:
    parameter = re.search(r"<(?:\w+:)?(\w+)>", route)
    if parameter is None:
        return [route]
    return [
        path for example in examples[parameter[1]] for path in filled(route.replace(parameter[0], example, 1), examples)
    ]


def snapshot() -> dict[str, str]:
    """A digest of each table's rows."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        digests = {}
        for table in tables:
            cursor.execute(f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t')
            digests[table] = cursor.fetchone()[0]
        return digests


def test_the_walk_finds_them(addresses):
    paths = {re.sub(r"\?.*", "", address) for address in addresses}
    assert {"/", "/statements/", "/healthz", "/readyz", "/metrics", "/privacy/"} <= paths
    assert [path for path in paths if path.startswith("/confirm/sign-confirm.")]
    assert len(paths) >= 18


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_changes_nothing(client, addresses, method):
    """Mail scanners, previews and prefetching browsers follow every link."""
    before = snapshot()
    assert len(before) > 10
    for address in [*addresses, *UNKNOWN]:
        getattr(client, method)(address)
        assert (address, snapshot()) == (address, before)


@pytest.mark.parametrize("method", ["get", "head"])
def test_every_address_answers(client, addresses, method):
    answers = {address: getattr(client, method)(address).status_code for address in addresses}
    needs_more = {path for path in addresses if path.endswith(("/check-email/", "/thanks/")) or path == "/readyz"}
    assert {path: status for path, status in answers.items() if status != 200 and path not in needs_more} == {}
    assert {answers[path] for path in needs_more} <= {404, 503}


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_nobody_gets_a_cookie(client, addresses, method):
    """With one, or with `Vary: Cookie`, no cache could hold the page (and a banner would have to ask for leave)."""
    for address in [*addresses, *UNKNOWN]:
        answer = getattr(client, method)(address)
        vary = {part.strip().lower() for part in answer.headers.get("Vary", "").split(",")}
        assert (address, dict(answer.cookies), "cookie" in vary) == (address, {}, False)


def test_nothing_comes_from_elsewhere(client, addresses):
    """Every picture, style and script is our own."""
    for address in addresses:
        page = client.get(address).content.decode()
        loaded = re.findall(r"<(?:script|img|iframe|source|embed)\b[^>]*\bsrc=\"(https?:)?//", page)
        loaded += re.findall(r"<link\b[^>]*rel=\"(?:stylesheet|preload|icon)\"[^>]*href=\"(?:https?:)?//", page)
        assert (address, loaded) == (address, [])
