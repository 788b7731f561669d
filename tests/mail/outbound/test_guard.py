"""Where requests may go, and where they never get to."""

from ipaddress import ip_address

import pytest
from django.db import IntegrityError, transaction

from mail.models import AllowedHost
from mail.outbound import door, guard, kinds
from tests.mail.outbound.hosts import LOOPBACK, certificate, good, host

pytestmark = pytest.mark.django_db
NAME = "hooks.example.org"

PRIVATE = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.255.255.254 169.254.0.1 169.254.169.254
172.16.0.1 172.31.255.254 192.0.0.1 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.254 198.18.0.1 198.51.100.1
203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::ffff:0:7f00:1 64:ff9b::7f00:1 64:ff9b::808:808
64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1:: 2002:808:808::1 fc00::1 fd12:3456::1 fe80::1 febf::1 fec0::1
ff02::1 ff0e::1
""".split()
PUBLIC = ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "2606:4700::1111"]
LOOPBACK_IN_OTHER_WORDS = """
https://127.0.0.1/ https://127.1/ https://127.0.1/ https://2130706433/ https://0x7f000001/ https://0x7f.1/
https://0177.0.0.1/ https://017700000001/ https://0/ https://0.0.0.0/ https://[::1]/ https://[::]/
https://[::ffff:127.0.0.1]/ https://[::ffff:7f00:1]/ https://[0:0:0:0:0:0:0:1]/ https://[64:ff9b::7f00:1]/
https://127.0.0.1./ https://127.0.0.1:443/ https://localhost/ https://LOCALHOST/ https://localhost./
https://127。0。0。1/ https://①②⑦.⓪.⓪.①/ https://ⓛocalhost/ https://127.0.0.1#@hooks.example.org/
https://127.0.0.1?@hooks.example.org/ https://hooks.example.org@127.0.0.1/ https://hooks.example.org:443@127.0.0.1/
https:127.0.0.1/ https:///127.0.0.1/ //127.0.0.1/ https://127.0.0.1%00.example.org/
""".split()


@pytest.fixture
def allowed():
    return AllowedHost.objects.create(host=NAME, why="Our list")


@pytest.mark.parametrize("address", PRIVATE)
def test_no_machine_of_our_own_network_is_reached(address, allowed, names):
    names.answers[NAME] = [[address]]
    with pytest.raises(guard.Refused, match="not on the public internet"):
        door.send(kinds.Request(f"https://{NAME}/"))
    assert names.asked == [NAME]


@pytest.mark.parametrize("address", PUBLIC)
def test_what_lies_beside_them_may_be_reached(address):
    assert guard.may_connect(ip_address(address))


@pytest.mark.parametrize("url", LOOPBACK_IN_OTHER_WORDS)
def test_no_spelling_leads_to_this_machine(url, allowed, names):
    names.answers = {NAME: [["127.0.0.1"]]}
    with host() as canary:
        with pytest.raises(guard.Refused):
            door.send(kinds.Request(url.replace("443", str(canary.port))))
        assert canary.heard == []


@pytest.mark.parametrize(
    "url",
    ["http://hooks.example.org/", "ftp://hooks.example.org/", "file:///etc/passwd", "gopher://hooks.example.org/", "x"],
)
def test_only_https_is_spoken(url, allowed, names):
    with pytest.raises(guard.Refused):
        door.send(kinds.Request(url))
    assert names.asked == []


@pytest.mark.parametrize(
    "url", ["https://other.example.org/", "https://hooks.example.org:8443/", "https://example.org/"]
)
def test_who_is_not_on_the_list_is_not_asked_for(url, allowed, names):
    with pytest.raises(guard.Refused, match="is not allowed yet"):
        door.send(kinds.Request(url))
    assert names.asked == []


def test_of_several_addresses_only_the_public_ones_are_used(allowed, names):
    names.answers[NAME] = [["10.0.0.1", "8.8.8.8", "::1"]]
    assert guard.resolve(guard.target(f"https://{NAME}/"), 1) == ["8.8.8.8"]


def test_a_name_is_looked_up_once_and_connected_to_as_it_was_judged(allowed, names, monkeypatch, tmp_path, trust):
    """DNS rebinding: the second answer would lead to another machine, if anybody asked for it."""
    monkeypatch.setattr(guard, "may_connect", lambda address: str(address) == "127.0.0.2")
    pem = certificate(tmp_path, NAME)
    trust(pem)
    with host(pem) as canary:
        names.answers[NAME] = [["127.0.0.2"], [LOOPBACK]]
        AllowedHost.objects.create(host=f"{NAME}:{canary.port}", why="Our list")
        with pytest.raises(door.NoAnswer):
            door.send(kinds.Request(f"https://{NAME}:{canary.port}/"))
        assert (names.asked, canary.heard) == ([NAME], [])
        names.answers[NAME] = [["127.0.0.1"]]
        monkeypatch.setattr(guard, "may_connect", lambda address: True)
        assert door.send(kinds.Request(f"https://{NAME}:{canary.port}/")).status == 200


def test_the_name_is_said_in_the_handshake_and_in_the_header(allowed, names, monkeypatch, tmp_path, trust):
    monkeypatch.setattr(guard, "may_connect", lambda address: True)
    pem = certificate(tmp_path, NAME)
    trust(pem)
    with host(pem) as canary:
        names.answers[NAME] = [[LOOPBACK]]
        AllowedHost.objects.create(host=f"{NAME}:{canary.port}", why="Our list")
        answer = door.send(kinds.Request(f"https://{NAME}:{canary.port}/a?b=c", body=b"x"))
        assert (answer.status, answer.body) == (200, b"ok")
        assert canary.names == [NAME]
        assert canary.heard[0].splitlines()[0] == b"POST /a?b=c HTTP/1.1"
        assert canary.headers()["host"] == f"{NAME}:{canary.port}"


@pytest.mark.parametrize("names_in_it", [["other.example.org"], None])
def test_a_certificate_of_somebody_else_is_not_trusted(names_in_it, allowed, names, monkeypatch, tmp_path, trust):
    monkeypatch.setattr(guard, "may_connect", lambda address: True)
    pem = certificate(tmp_path, *(names_in_it or [NAME]))
    if names_in_it:
        trust(pem)
    with host(pem) as canary:
        names.answers[NAME] = [[LOOPBACK]]
        AllowedHost.objects.create(host=f"{NAME}:{canary.port}", why="Our list")
        with pytest.raises(door.NoAnswer, match="certificate cannot be trusted"):
            door.send(kinds.Request(f"https://{NAME}:{canary.port}/"))
        assert canary.heard == []


def test_the_operator_may_name_a_machine_of_their_own(settings, names):
    with host() as own:
        names.answers["list.internal"] = [[LOOPBACK]]
        url = f"http://list.internal:{own.port}/"
        for entries, may in [
            ([], False),
            (["list.internal"], False),  # not in the open
            ([f"http://list.internal:{own.port + 1}"], False),
            ([f"http://list.internal:{own.port}"], True),
            (["http://list.internal"], True),
        ]:
            settings.OUTBOUND_PRIVATE_HOSTS = entries
            if may:
                assert door.send(kinds.Request(url)).body == b"ok"
            else:
                with pytest.raises(guard.Refused):
                    door.send(kinds.Request(url))
        assert len(own.heard) == 2


def test_neither_proxies_nor_cookies_nor_redirects(settings, monkeypatch, other):
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with host() as elsewhere:
        other.answer = lambda own: own.sendall(good(status="302 Found", Location=elsewhere.url, Set_Cookie="a=b"))
        assert [door.send(kinds.Request(other.url)).status for _ in range(2)] == [302, 302]
        assert elsewhere.heard == []
    assert set(other.headers()) == {"host", "accept-encoding", "user-agent", "connection", "content-length"}
    assert other.headers()["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("typed", "is_good"),
    [
        ("hooks.example.org", True),
        ("hooks.example.org:8443", True),
        ("xn--bcher-kva.example", True),
        ("Hooks.example.org", False),
        ("https://hooks.example.org", False),
        ("hooks", False),
        ("127.0.0.1", False),
        ("127.1", False),
        ("0x7f.1", False),
        ("[::1]", False),
        ("a..b", False),
        ("hooks.example.org/", False),
        ("hooks.example.org\n", False),
    ],
)
def test_the_list_holds_names_of_hosts(typed, is_good):
    try:
        with transaction.atomic():
            AllowedHost.objects.create(host=typed, why="Our list")
        assert is_good
    except IntegrityError:
        assert not is_good
