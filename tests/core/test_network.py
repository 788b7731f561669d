"""Whose address it is: proxies counted from the right, written in every way that proxies write."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, RequestFactory

from core import checks, lights, network

PROXY = "203.0.113.9"


def visitor(forwarded: str, remote: str = PROXY) -> str:
    extra = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    return network.client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **extra))


@pytest.mark.parametrize(
    ("proxies", "said", "expected"),
    [
        (0, "198.51.100.7", PROXY),
        (1, "", PROXY),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        (2, "6.6.6.6, 198.51.100.7, 10.0.0.1", "198.51.100.7"),
        (2, "198.51.100.7", PROXY),
        (1, "198.51.100.7,", "198.51.100.7"),
        (1, " , ,", PROXY),
    ],
)
def test_proxies_are_counted_from_the_right(settings, proxies, said, expected):
    settings.TRUSTED_PROXIES = proxies
    assert visitor(said) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("198.51.100.7:4711", "198.51.100.7"),
        ('"198.51.100.7"', "198.51.100.7"),
        ("2001:DB8:0::0:7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ('"[2001:db8::7]:4711"', "2001:db8::7"),
        ("fe80::7%eth0", "fe80::7"),
        ("[fe80::7%25eth0]:80", "fe80::7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("::ffff:c633:6407", "198.51.100.7"),
        ("unknown", PROXY),
        ("_hidden", PROXY),
        ("198.51.100", PROXY),
        ("198.051.100.7", PROXY),  # octal to some: whoever writes so is asked again
        ("<script>", PROXY),
    ],
)
def test_an_address_is_read_as_proxies_write_it(settings, written, expected):
    settings.TRUSTED_PROXIES = 1
    assert visitor(f"6.6.6.6, {written}") == expected


def test_a_socket_of_this_machine_has_no_address():
    assert (visitor("", remote=""), network.network("")) == ("", "")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", ""),
    ],
)
def test_ipv6_counts_by_household(address, expected):
    assert network.network(address) == expected


def key(address: str) -> str:
    return network.ip_key(RequestFactory().get("/", REMOTE_ADDR=address))


@pytest.mark.django_db
def test_the_key_of_an_address_is_hashed_and_stable():
    first, again, other = key("1.2.3.4"), key("1.2.3.4"), key("1.2.3.5")
    assert (len(first), first == again, first == other) == (22, True, False)


@pytest.mark.django_db
def test_a_hundred_addresses_of_one_household_are_one_key():
    assert len({key(f"2001:db8:1:2::{number:x}") for number in range(100)}) == 1


@pytest.mark.django_db
def test_guesses_from_one_visitor_lock_out_that_visitor_and_nobody_else_behind_the_proxy(settings):
    settings.TRUSTED_PROXIES = 1
    User.objects.create_superuser("carol", password="a long password of hers")

    def log_in(password: str, visitor: str) -> int:
        typed = {"username": "carol", "password": password}
        said = {"HTTP_X_FORWARDED_FOR": f"6.6.6.6, {visitor}", "REMOTE_ADDR": "127.0.0.1"}
        return Client().post("/admin/login/", typed, **said).status_code

    assert {log_in("a guess", "198.51.100.7") for _ in range(12)} == {200, 429}
    [kept] = set(AccessAttempt.objects.values_list("ip_address", flat=True))
    assert (kept[:2], "198.51.100.7" in kept) == ("fd", False)  # a hash that looks like an address
    right = "a long password of hers"
    assert (log_in(right, "198.51.100.7"), log_in(right, "198.51.100.8")) == (429, 302)


@pytest.mark.parametrize(
    ("origin", "proxies", "found"),
    [
        ("https://x.example", 1, []),
        ("https://x.example", 0, ["core.W003"]),
        ("http://x.example", 1, ["core.W004"]),
        ("http://x.example", 0, []),
    ],
)
def test_settings_that_disagree_are_said(settings, origin, proxies, found):
    settings.ORIGIN, settings.TRUSTED_PROXIES, settings.DEMO = origin, proxies, False
    assert [message.id for message in checks.proxies()] == found


class Folding(WSGIRequestHandler):
    """A server that hands headers over as granian does, behind a proxy of the test's choice."""

    proxies = 0
    drops_underscores = True

    def get_environ(self):
        for name in list(self.headers):
            if "_" in name and self.drops_underscores:
                del self.headers[name]
        chain = [self.headers["X-Forwarded-For"], *(f"10.0.0.{number}" for number in range(self.proxies))]
        del self.headers["X-Forwarded-For"]
        self.headers["X-Forwarded-For"] = ", ".join(chain)
        return super().get_environ()

    def log_message(self, *args):
        pass


@contextmanager
def behind(settings, **proxy) -> Iterator[None]:
    handler = type("Handler", (Folding,), proxy)
    with make_server("127.0.0.1", 0, WSGIHandler(), handler_class=handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        settings.ORIGIN, settings.DEMO = f"http://127.0.0.1:{server.server_port}", False
        settings.ALLOWED_HOSTS = ["127.0.0.1"]
        settings.SECURE_SSL_REDIRECT = False
        yield
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("proxies", "drops", "trusted", "light", "advice"),
    [
        (1, True, 1, "green", ""),
        (2, True, 2, "green", ""),
        (0, True, 0, "green", ""),
        (1, True, 0, "red", "Set TRUSTED_PROXIES=1"),
        (1, True, 2, "red", "Set TRUSTED_PROXIES=1"),
        (1, False, 1, "red", "Have the proxy drop header names with _ (docs/operating.md)"),
    ],
)
def test_the_site_asks_itself_through_its_proxy_and_compares(settings, proxies, drops, trusted, light, advice):
    settings.TRUSTED_PROXIES = trusted
    with behind(settings, proxies=proxies, drops_underscores=drops):
        found = lights.proxies(True)
    assert (found.light, found.advice.split(":")[0]) == (light, advice)


def test_nobody_else_is_told_how_they_arrived(client):
    for token in ("", "probe", "probe:1:2"):
        answer = client.get("/healthz", headers={"X-Undersigned-Probe": token})
        assert answer.json() == {"status": "ok"}


def test_a_site_that_does_not_answer_at_its_own_address_is_red(settings):
    settings.ORIGIN, settings.DEMO = "http://127.0.0.1:9", False
    assert lights.proxies(True).light == "red"


def test_a_proxy_that_is_not_counted_is_said_before_anybody_asks(settings):
    settings.ORIGIN, settings.TRUSTED_PROXIES, settings.DEMO = "https://x.example", 0, False
    assert (lights.proxies(False).light, lights.proxies(False).advice.split(":")[0]) == (
        "amber",
        "Behind a proxy that speaks HTTPS every page would redirect to itself",
    )
    settings.TRUSTED_PROXIES = 1
    assert lights.proxies(False).light == "unknown"


@pytest.mark.parametrize(
    "written", ["198.51.100.7", "2001:db8::7", "198.51.100.7:80", "198.051.100.7", "1.2.3", "", "\0", "::ffff:1.2.3.4"]
)
def test_the_short_way_for_plain_addresses_says_what_the_long_way_says(written):
    found = network.parsed(written)
    assert network.is_plain(written) == (found is not None and found.version == 4 and str(found) == written)
