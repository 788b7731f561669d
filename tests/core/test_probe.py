"""The site fetches itself through its public address: whatever is wrong there is red, with what mends it."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client

from core import lights, probe
from tests import certificates


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Nothing to the terminal."""


class QuietServer(WSGIServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A handshake that fails is what some tests want."""


@dataclass
class Proxy:
    """What stands before the site: what it adds to requests, and what it answers itself, by path."""

    adds: dict[str, str] = field(default_factory=dict)
    answers: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    site: Callable[..., Any] | None = None

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        answers = {"/": ("200 OK", {}), **self.answers}
        said = answers.get(environ["PATH_INFO"]) or answers.get("*")
        if said:
            start(said[0], [("Content-Length", "2"), *said[1].items()])
            return [b"ok"]
        environ["HTTP_X_FORWARDED_FOR"] += ", 10.0.0.1"
        return self.site({**environ, **self.adds}, start)


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> dict[str, str]:
    return certificates.authority(tmp_path_factory.mktemp("authority"))


@contextmanager
def running(proxy: Proxy, certificate: str = "") -> Iterator[int]:
    with make_server("127.0.0.1", 0, proxy, server_class=QuietServer, handler_class=Quiet) as server:
        if certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def looked(settings, authority, monkeypatch):
    """The light of a site with ORIGIN https://localhost behind a proxy."""
    monkeypatch.setenv("SSL_CERT_FILE", authority["ca"])
    settings.DEMO, settings.ALLOWED_HOSTS = False, ["localhost"]

    def looked(proxy: Proxy, *, certificate: str = "here", trusted: int = 1) -> tuple[str, str]:
        settings.TRUSTED_PROXIES = trusted
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if trusted else None
        settings.SECURE_SSL_REDIRECT = True
        proxy.site = WSGIHandler()
        with running(proxy, authority.get(certificate, "")) as port:
            settings.ORIGIN = f"https://localhost:{port}"
            light = lights.address(True)
        return light.light, light.advice.replace(f":{port}", "")

    return looked


HTTPS = {"HTTP_X_FORWARDED_PROTO": "https"}
LOOP = "Visitors come by HTTPS, but the web server is not told so and would send them there for ever: "
FOR_EVER = "take the proxy's own redirects away, and have it reach the web server as visitors reach it."


def moved(to: str) -> tuple[str, dict[str, str]]:
    return "301 Moved Permanently", {"Location": to}


def test_a_site_that_is_reached_is_green(looked):
    assert looked(Proxy(HTTPS)) == ("green", "")
    assert looked(Proxy(HTTPS, {"/": moved("/en/"), "/en/": ("200 OK", {})})) == ("green", "")


@pytest.mark.parametrize(
    ("proxy", "trusted", "advice"),
    [
        (Proxy(HTTPS), 0, f"{LOOP}set TRUSTED_PROXIES=1, and have the proxy send X-Forwarded-Proto: https."),
        (Proxy(), 0, f"{LOOP}set TRUSTED_PROXIES=1, and have the proxy send X-Forwarded-Proto: https."),
        (Proxy(), 1, f"{LOOP}have the proxy send X-Forwarded-Proto: https."),
        (
            Proxy({**HTTPS, "HTTP_HOST": "127.0.0.1:8000"}),
            1,
            "The web server refuses the host name it is asked for (400): have the proxy pass on Host: localhost, or "
            "add the name it sends to EXTRA_HOSTS.",
        ),
        (
            Proxy(answers={"*": ("200 OK", {})}),
            1,
            "Another site answers at https://localhost, or one with another SECRET_KEY: have the proxy lead that name "
            "to this site, or set ORIGIN to this site's own.",
        ),
        (
            Proxy(answers={"*": ("404 Not Found", {})}),
            1,
            "https://localhost answers with status 404: look into the logs of web server and proxy.",
        ),
        (
            Proxy(answers={"*": ("502 Bad Gateway", {})}),
            1,
            "The proxy reaches no web server (502): start it, and see that both name the same port.",
        ),
        (
            Proxy(answers={"*": ("401 Unauthorized", {})}),
            1,
            "The proxy keeps visitors out (401): take the password or the rule away.",
        ),
        (
            Proxy(HTTPS, {"/": moved("/")}),
            1,
            f"https://localhost/ redirects for ever, over https://localhost/: {FOR_EVER}",
        ),
        (
            Proxy(HTTPS, {"/": moved("/a"), "/a": moved("/b"), "/b": moved("/a")}),
            1,
            f"https://localhost/ redirects for ever, over https://localhost/a: {FOR_EVER}",
        ),
        (
            Proxy(HTTPS, {"/": moved("https://www.example.org/")}),
            1,
            "https://localhost leads on to https://www.example.org: set ORIGIN to that if it is this site, or take the "
            "redirect away.",
        ),
        (
            Proxy(HTTPS, {"*": moved("http://localhost/healthz")}),
            1,
            "https://localhost leads on to http://localhost: set ORIGIN to that if it is this site, or take the "
            "redirect away.",
        ),
        (
            Proxy(HTTPS, {"*": moved("/login")}),
            1,
            "https://localhost/healthz leads on to https://localhost/login: have the proxy leave that path to this "
            "site.",
        ),
    ],
)
def test_what_is_wrong_before_the_site_is_red(looked, proxy, trusted, advice):
    assert looked(proxy, trusted=trusted) == ("red", advice)


@pytest.mark.parametrize(
    ("certificate", "advice"),
    [
        ("elsewhere", "Hostname mismatch, certificate is not valid for 'localhost'."),
        ("expired", "certificate has expired"),
    ],
)
def test_a_wrong_certificate_is_red(looked, certificate, advice):
    sentence = f"The certificate is not valid ({advice}): give the proxy a valid one for localhost."
    assert looked(Proxy(HTTPS), certificate=certificate) == ("red", sentence)


def test_a_certificate_of_nobody_is_red(looked, monkeypatch, authority):
    monkeypatch.setenv("SSL_CERT_FILE", authority["elsewhere"])
    light, advice = looked(Proxy(HTTPS))
    assert (light, advice.partition(" (")[0]) == ("red", "The certificate is not valid")


def test_no_certificate_at_all_is_red(looked):
    light, advice = looked(Proxy(HTTPS), certificate="none")
    assert (light, advice.partition(" (")[0]) == ("red", "No HTTPS is spoken at https://localhost")


def red(settings, origin: str) -> str:
    settings.DEMO, settings.ORIGIN = False, origin
    found = lights.address(True)
    assert found == lights.Light("red", f"Visitors reach this site at {origin}", found.advice)
    return found.advice


def test_where_nobody_answers_is_red(settings, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setattr(probe, "TIMEOUT_SECONDS", 0.2)
        told = [red(settings, f"http://127.0.0.1:{port}")]
    told.append(red(settings, f"http://127.0.0.1:{port}"))

    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    told.append(red(settings, "https://petitions.example.org"))
    assert told == [
        f"http://127.0.0.1:{port} is silent for 0.2 seconds from here: look for a firewall between.",
        f"Nobody listens at http://127.0.0.1:{port}: start the proxy, or mend ORIGIN.",
        "No name server knows petitions.example.org: publish its address, or mend ORIGIN.",
    ]


def test_nothing_is_fetched_before_somebody_wants_to_know(settings):
    settings.DEMO, settings.ORIGIN = False, "http://127.0.0.1:9"
    assert lights.address(False).light == "unknown"
    settings.DEMO = True
    assert lights.address(True).light == "green"


NOT_SET_UP = (
    "This site is not set up yet. A proxy stands before it, and TRUSTED_PROXIES=0 says that none does: every page "
    "would lead to itself for ever. Set TRUSTED_PROXIES to the number of proxies, and start the web server again.\n"
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "said", "secure", "status"),
    [
        ("/", "https", False, 500),
        ("/admin/login/", "https, http", False, 500),
        ("/", "http", False, 301),
        ("/", "", False, 301),
        ("/", "https", True, 200),
        ("/healthz", "https", False, 200),
    ],
)
def test_no_page_redirects_to_itself(settings, path, said, secure, status):
    settings.MIDDLEWARE = ["core.tls.NoLoopMiddleware", *settings.MIDDLEWARE]
    settings.SECURE_SSL_REDIRECT, settings.TRUSTED_PROXIES = True, 0
    headers = {"X-Forwarded-Proto": said} if said else {}
    answer = Client().get(path, headers=headers, secure=secure)
    assert (answer.status_code, answer.text == NOT_SET_UP) == (status, status == 500)
    assert (answer.headers.get("Cache-Control") == "no-store") == (status == 500 or path == "/healthz")
