"""Origins and hosts: many spellings, one form."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from undersigned import environment


def told(ask, written: str, monkeypatch) -> object:
    monkeypatch.setenv("THING", written)
    try:
        return ask("THING")
    except ImproperlyConfigured as refused:
        return str(refused)


@pytest.mark.parametrize(
    ("written", "origin", "host"),
    [
        ("https://petitions.example.org", "https://petitions.example.org", "petitions.example.org"),
        ("HTTPS://Petitions.EXAMPLE.org", "https://petitions.example.org", "petitions.example.org"),
        (" https://petitions.example.org/ ", "https://petitions.example.org", "petitions.example.org"),
        ("https://petitions.example.org//", "https://petitions.example.org", "petitions.example.org"),
        ("https://petitions.example.org.", "https://petitions.example.org", "petitions.example.org"),
        ("https://petitions.example.org:443/", "https://petitions.example.org", "petitions.example.org"),
        ("http://petitions.example.org:80", "http://petitions.example.org", "petitions.example.org"),
        ("https://petitions.example.org:8443", "https://petitions.example.org:8443", "petitions.example.org"),
        ("http://petitions.example.org:443", "http://petitions.example.org:443", "petitions.example.org"),
        ("https://Bürgerbüro.example", "https://xn--brgerbro-65af.example", "xn--brgerbro-65af.example"),
        ("https://faß.example", "https://xn--fa-hia.example", "xn--fa-hia.example"),
        ("https://例え.テスト", "https://xn--r8jz45g.xn--zckzah", "xn--r8jz45g.xn--zckzah"),
        ("https://xn--r8jz45g.xn--zckzah", "https://xn--r8jz45g.xn--zckzah", "xn--r8jz45g.xn--zckzah"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", "127.0.0.1"),
        ("http://[0:0::1]:8000", "http://[::1]:8000", "[::1]"),
        ("http://localhost", "http://localhost", "localhost"),
    ],
)
def test_an_origin_has_one_form(monkeypatch, written, origin, host):
    found = told(environment.origin, written, monkeypatch)
    assert (found, environment.allowed_host(origin)) == (origin, host)
    assert told(environment.origin, origin, monkeypatch) == origin


@pytest.mark.parametrize(
    "written",
    [
        "petitions.example.org",
        "petitions.example.org:443",
        "//petitions.example.org",
        "ftp://petitions.example.org",
        "https:petitions.example.org",
        "https:///",
        "https://",
        "https://petitions.example.org/app",
        "https://petitions.example.org?x",
        "https://petitions.example.org/?",
        "https://petitions.example.org#top",
        "https://user@petitions.example.org",
        "https://petitions.example.org:port",
        "https://petitions.example.org:0",
        "https://petitions.example.org:70000",
        "https://petitions example.org",
        "https://petitions.example.org, https://example.org",
        "https://petitions_example.org",
        "https://-petitions.example.org",
        "https://petitions..example.org",
        "https://*.example.org",
        "https://256.1.1.1",
        "https://[::1",
        "https://example.org\\@evil.example",
    ],
)
def test_what_is_no_origin_is_refused(monkeypatch, written):
    sentence = f"THING is {written!r}: write scheme and host only, like https://example.org."
    assert told(environment.origin, written, monkeypatch) == sentence


@pytest.mark.parametrize(
    ("written", "hosts"),
    [
        ("", []),
        ("www.Example.org example.org.", ["www.example.org", "example.org"]),
        ("https://www.example.org/, example.net:8443", ["www.example.org", "example.net"]),
        (".example.org *.Example.net", [".example.org", ".example.net"]),
        ("bücher.example ::1 [::1]:80 10.0.0.1", ["xn--bcher-kva.example", "[::1]", "[::1]", "10.0.0.1"]),
        ("*", "THING has '*': name each one, or .example.org for a domain with all under it, parted by spaces."),
        ("a.example b_c.example", "THING has 'b_c.example': write hosts, parted by spaces."),
    ],
)
def test_hosts(monkeypatch, written, hosts):
    assert told(environment.hosts, written, monkeypatch) == hosts


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("HTTPS://Rest.Akismet.com:443/1.1", "https://rest.akismet.com/1.1/"),
        ("http://127.0.0.1:9/1.1/", "http://127.0.0.1:9/1.1/"),
        ("http://Spam.internal:9", "http://spam.internal:9/"),
        (
            "http://127.0.0.1:10/1.1/",
            "THING is 'http://127.0.0.1:10/1.1/', which would be asked in the open: write https://, or name "
            "http://127.0.0.1:10 in OUTBOUND_PRIVATE_HOSTS as well if it is a machine of your own network.",
        ),
        ("https://[::1/", "THING must be an address such as https://example.org/1.1/."),
        ("https://ada:secret@spam.example", "THING must be an address such as https://example.org/1.1/."),
        ("https://spam.example", "https://spam.example/"),
        ("rest.akismet.com", "THING must be an address such as https://example.org/1.1/."),
        ("https://rest.akismet.com/?key=1", "THING must be an address such as https://example.org/1.1/."),
    ],
)
def test_addresses_of_services(monkeypatch, written, address):
    own = ["http://127.0.0.1:9", "http://spam.internal", "10.0.0.1"]
    assert told(lambda name: environment.web_address(name, "", in_the_open=own), written, monkeypatch) == address


ADVICE = "name single machines, like list.internal, 10.0.0.5:9000 or http://list.internal:9000, parted by spaces."


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("", []),
        (
            "listmonk HTTP://List.Internal:9000/, 10.0.0.5:9000",
            ["listmonk", "http://list.internal:9000", "10.0.0.5:9000"],
        ),
        ("https://list.internal ::1 http://[::1]:80 a_b", ["list.internal", "[::1]", "http://[::1]:80", "a_b"]),
        ("bücher.internal.", ["xn--bcher-kva.internal"]),
        *(
            (written, f"THING has {written!r}: {ADVICE}")
            for written in (
                *("10.0.0.0/8", "http://list.internal/api", "*", "*.internal", "ftp://list.internal"),
                *(
                    "list.internal:0",
                    "list.internal:99999",
                    "ada@list.internal",
                    "http://",
                    "256.1.1.1",
                    "[::1",
                    "list.internal?a",
                ),
            )
        ),
    ],
)
def test_machines_of_our_own_network(monkeypatch, written, found):
    assert told(environment.private_hosts, written, monkeypatch) == found
