"""Whatever stands behind the `?` of an address, nonsense is the same as nothing: never an error of ours."""

import re

import pytest
from django.urls import get_resolver

from local.environment import ROOT
from tests.test_every_address import NOT_PUBLIC, World, routes

pytestmark = pytest.mark.django_db

KNOWN = ["after", "at", "correct", "done", "download", "format", "k", "kind", "maxheight", "maxwidth", "on", "q"]
KNOWN += ["resent", "sent", "server", "still", "to", "url", "via"]
NONSENSE = [
    "", "\0", "a\0b~1", "x" * 10_000, "٣", "１", "²", "-1", "1e9", "9" * 30, "~", "~~1", "0001-01-01T00:00:00+23:59~1",
    "9999-12-31T23:59:59-23:59~1", "2026-13-45T99:99:99Z~1", "2026-01-01T00:00:00Z~٣", "\ud7ff\u202e\ufffe",
    "'\"><script>", "{{7*7}}", "%s%n", "../../etc/passwd", "http://[", "javascript:1", "null", "[]",
]  # fmt: skip


def test_these_are_all_the_names():
    """Those that the code of public pages asks for; a new one is to be added above."""
    asked = re.compile(
        r'GET\.get\("(\w+)"|GET\["(\w+)"\]|"(\w+)" in request\.GET|query\.(?:text|number)\(request, "(\w+)"'
    )
    files = [
        path
        for app in ("core", "petitions", "organisations", "comments", "submissions")
        for path in (ROOT / app).rglob("*.py")
    ]
    public = [
        path for path in files if "admin" not in path.parts and path.name not in {"controls.py", "second_factor.py"}
    ]
    found = {name for path in public for names in asked.findall(path.read_text()) for name in names if name}
    assert sorted(found | {"maxheight", "maxwidth"}) == KNOWN


@pytest.mark.whole
@pytest.mark.parametrize("as_list", [False, True])
def test_nonsense_never_breaks_a_page(client, as_list):
    world = World()
    every = [path for route in routes(get_resolver()) if not route.startswith(NOT_PUBLIC) for path in world.fill(route)]
    assert len(every) > 40
    for address in every:
        heavy = address.endswith((".pdf", ".png", ".docx"))
        for value in NONSENSE[:3] if heavy or as_list else NONSENSE:
            names = [f"{name}[]" for name in KNOWN] if as_list else KNOWN
            asked = {name: [value, value] if as_list else value for name in names}
            answer = client.get(address, asked)
            # No worker runs here; and oEmbed has an answer of its own for a format that is not spoken.
            allowed = answer.status_code < 500 or (address, answer.status_code) in {("/readyz", 503), ("/oembed/", 501)}
            assert (address, value[:40], answer.status_code, allowed) == (address, value[:40], answer.status_code, True)


@pytest.mark.parametrize("page", ["/statements/", "signatures/", "updates/", "organisations/", "comments/"])
def test_a_garbled_key_is_the_first_page(client, page):
    world = World()
    address = page if page.startswith("/") else f"{world.statement.get_absolute_url()}{page}"
    first = client.get(address)
    for value in NONSENSE:
        answer = client.get(address, {"after": value})
        if re.fullmatch(r"[0-9T:+Z-]+~1|~~1", value):
            continue  # a key like any other, of a time that nobody lived in
        listed = [re.findall(r"<li\b.*?</li>", each.content.decode(), re.S) for each in (first, answer)]
        assert (value, answer.status_code, listed[1]) == (value, 200, listed[0])
