"""What the manual promises of the proxies, asked from outside through nginx and Caddy with the very files it gives."""

import json
import re
import subprocess
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.core import signing

from core import probe
from petitions.models import Signature, Statement
from petitions.statements import publishing
from tests.deploy.visitor import NAME, Refused, Visitor
from tests.factories import StatementFactory
from tests.mailserver import deliver, running, text_of

WITHIN = 30  # seconds until what is hidden or renamed is so for everybody


@pytest.fixture(scope="module", autouse=True)
def libraries(unblocked, site) -> Statement:
    """The statement that everybody asks for."""
    return StatementFactory(slug="libraries")


def form_of(answer) -> dict[str, str]:
    """What a browser would send with a form beside what people type."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text))


def sign(visitor: Visitor, slug: str, email: str, **more: str):
    form = {"name": "Amina", "email": email, **more}
    return visitor.ask("POST", f"/statements/{slug}/sign/", form=form)


def status_of(edge, path: str, size: int) -> int:
    """What is answered to a form of so many bytes; who hangs up in the middle of it has refused it as well."""
    try:
        return edge.visitor.ask("POST", path, form={"name": "x" * size}).status
    except Refused:
        return 413


def until(true: Callable[[], bool], seconds: float) -> float:
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "waited in vain"
        time.sleep(0.2)
    return time.monotonic() - began


def test_a_page_comes_by_tls_with_each_header_once_and_no_cookie(edge):
    answer = edge.visitor.ask("GET", "/statements/libraries/")
    assert answer.status == 200
    told = ("strict-transport-security", "content-security-policy", "x-content-type-options", "referrer-policy")
    assert [name for name in told if name not in answer.headers or " AND " in answer.headers[name]] == []
    assert "set-cookie" not in answer.headers
    assert answer.headers.get("server") in {None, "nginx"}  # no version


def test_who_comes_without_tls_is_led_to_the_same_page(edge):
    answer = Visitor(edge.http, None).ask("GET", "/statements/libraries/?via=wa")
    assert answer.status in {301, 308}
    where = urlsplit(answer.headers["location"])
    assert (where.scheme, where.hostname, where.path, where.query) == (
        "https",
        NAME,
        "/statements/libraries/",
        "via=wa",
    )


@pytest.mark.parametrize(("host", "sni"), [("evil.example", "evil.example"), ("evil.example", NAME)])
def test_another_hosts_name_gets_nothing_of_ours(edge, host, sni):
    try:
        answer = edge.visitor.ask("GET", "/", host=host, sni=sni)
    except Refused:
        return
    assert (answer.status, b"Eastside" in answer.body) == (421, False)


def test_without_tls_another_hosts_name_gets_nothing_of_ours_either(edge):
    try:
        answer = Visitor(edge.http, None).ask("GET", "/", host="evil.example")
    except Refused:
        return
    assert (answer.status, b"Eastside" in answer.body) == (421, False)


def test_machines_may_ask_how_we_are_by_any_name(edge, site):
    assert Visitor(edge.http, None).ask("GET", "/healthz", host="10.0.0.7").status == 200
    assert [site.direct(which).ask("GET", "/healthz", host="10.0.0.7").status for which in (0, 1)] == [200, 200]


def test_forged_headers_and_names_with_underscores_end_at_the_proxy(edge):
    token = signing.dumps("probe", salt=probe.SALT)
    forged = {
        "X-Undersigned-Probe": token,
        "X_Undersigned_Underscore": token,
        "X-Forwarded-For": f"{probe.MADE_UP}, {probe.MADE_UP}",
        "X_Forwarded_For": probe.MADE_UP,
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=192.0.2.77;proto=http",
    }
    found = json.loads(edge.visitor.ask("GET", "/healthz", forged).body)["probe"]
    assert found == {"proxies": 1, "underscores": False, "secure": True}


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/statements/libraries/sign/", 70_000, 413),
        ("/statements/libraries/comments/", 70_000, 413),
        ("/statements/libraries/endorse/form/", 7_000_000, 413),
    ],
)
def test_what_is_too_large_is_refused(edge, path, size, status):
    assert status_of(edge, path, size) == status


def test_pages_come_packed_to_who_takes_it(edge):
    def packed(accepts: str, path: str = "/statements/libraries/") -> str | None:
        return edge.visitor.ask("GET", path, {"Accept-Encoding": accepts}).headers.get("content-encoding")

    assert [packed("gzip"), packed("br, gzip;q=0.8"), packed("gzip;q=0"), packed("identity")] == [
        "gzip",
        "gzip",
        None,
        None,
    ]
    page = edge.visitor.ask("GET", "/statements/libraries/").text
    style = re.search(r'href="(/static/css/[^"]+\.css)"', page)[1]
    assert [packed("br", style), packed("gzip", style), packed("identity", style)] == ["br", "gzip", None]


def test_http_2_is_spoken(edge, certificate):
    url = f"https://{NAME}:{edge.https}/statements/libraries/"
    command = ["curl", "--silent", "--http2", "--cacert", certificate["ca"], "--output", "/dev/null"]
    command += ["--resolve", f"{NAME}:{edge.https}:127.0.0.1", "--write-out", "%{http_version} %{http_code}", url]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "2 200"


def test_a_page_that_one_has_is_not_sent_again(edge):
    first = edge.visitor.ask("GET", "/statements/libraries/", {"Accept-Encoding": "gzip"})
    again = edge.visitor.ask(
        "GET", "/statements/libraries/", {"Accept-Encoding": "gzip", "If-None-Match": first.headers["etag"]}
    )
    assert (again.status, again.body) == (304, b"")


def test_signed_and_confirmed_with_no_token_in_any_log(edge, site, settings, libraries):
    address = f"amina-{type(edge).__name__.lower()}@example.org"
    assert sign(edge.visitor, "libraries", address).status == 303
    with running(settings) as server:
        deliver()
        (mail,) = server.to(address)
    path = urlsplit(re.search(r"https?://\S+/confirm/\S+", text_of(mail))[0]).path
    token = path.split("/")[2]
    page = edge.visitor.ask("GET", path)
    assert (page.status, page.headers["cache-control"]) == (200, "no-store")
    done = edge.visitor.ask("POST", path, form=form_of(page))
    assert done.status in {200, 303}
    assert Signature.objects.filter(statement=libraries, email=address, state="confirmed").count() == 1
    # Where things go wrong the most is written down.
    Visitor(edge.http, None).ask("GET", path)
    edge.visitor.ask("POST", path, form={"x": "y" * 100})
    assert status_of(edge, path, 7_000_000) == 413
    site.gate.shut()
    edge.visitor.ask("POST", path, form={})
    site.gate.open()
    until(lambda: edge.visitor.ask("GET", path).status == 200, 5)
    written = edge.logged() + site.log()
    assert (token in written, address in written) == (False, False)


@pytest.fixture
def kept(nginx) -> Callable[[str], int]:
    """The status of a statement's page, as everybody sees it through nginx's cache."""
    return lambda slug: nginx.visitor.ask("GET", f"/statements/{slug}/", {"Accept-Encoding": "gzip"}).status


def test_hidden_and_renamed_within_thirty_seconds_through_the_cache(nginx, kept):
    hidden, renamed = StatementFactory(slug="hidden-soon"), StatementFactory(slug="old-name")
    assert [kept("hidden-soon"), kept("old-name")] == [200, 200]
    began = time.monotonic()
    publishing.hide(statement=hidden, reason="A test.", by=None)
    publishing.rename_slug(statement=renamed, slug="new-name")
    # The form of the old page, which somebody still has open.
    assert sign(nginx.visitor, "old-name", "late@example.org").status == 303
    until(lambda: (kept("hidden-soon"), kept("old-name")) == (410, 301), WITHIN)
    assert (kept("new-name"), time.monotonic() - began < WITHIN) == (200, True)
    assert sign(nginx.visitor, "hidden-soon", "late@example.org").status == 410


def test_uploads_come_in_a_sandbox(edge):
    answer = edge.visitor.ask("GET", "/media/logo.txt")
    assert (answer.status, answer.text) == (200, "a logo")
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
