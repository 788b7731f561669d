"""Who takes gzip gets it for public pages, and for nothing that belongs to one person (BREACH)."""

import gzip

import pytest

from core.encoding import takes_gzip
from tests.factories import EventFactory, StatementFactory
from tests.staff import superuser


@pytest.mark.parametrize(
    ("header", "takes"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("br, gzip;q=0.5", True),
        ("gzip;q=0.001", True),
        ("*", True),
        ("*;q=0.1", True),
        ("identity;q=0, *", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("gzip;q=0, *", False),
        ("*;q=0", False),
        ("gzip;q=x", False),
        ("notgzip", False),
        (",;,", False),
    ],
)
def test_a_quality_of_zero_is_a_no(header, takes):
    assert takes_gzip(header) is takes


@pytest.fixture
def slug(db) -> str:
    statement = StatementFactory()
    EventFactory(statement=statement)
    return statement.slug


PUBLIC = ["/", "/statements/", "/privacy/", "/statements/{}/", "/statements/{}/sign/", "/statements/{}/share/",
          "/statements/{}/signatures/?after=2026-01-01~1", "/statements/{}/organisations/", "/feed/"]  # fmt: skip


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_are_compressed_for_who_takes_it(client, slug, path):
    address = path.format(slug)
    plain = client.get(address, headers={"Accept-Encoding": "gzip;q=0"})
    packed = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert ("Content-Encoding" in plain, packed["Content-Encoding"]) == (False, "gzip")
    assert gzip.decompress(packed.content) == plain.content
    assert {packed["Vary"], plain["Vary"]} == {"Accept-Encoding"}
    assert int(packed["Content-Length"]) == len(packed.content) < len(plain.content) * 2 / 3


def test_what_belongs_to_one_person_is_not(client, slug):
    takes = {"Accept-Encoding": "gzip"}
    carol = superuser("carol")
    answers = [
        carol.get("/admin/", headers=takes),
        carol.get("/admin/petitions/statement/", headers=takes),
        client.get("/admin/login/", headers=takes),
        client.get("/mine/", headers=takes),
        client.get("/confirm/x/", headers=takes),
        client.post(f"/statements/{slug}/sign/", {"name": "Amina"}, headers=takes),
    ]
    assert [one.status_code for one in answers] == [200, 200, 200, 200, 404, 422]
    assert [one.get("Content-Encoding") for one in answers] == [None] * 6
    assert min(len(one.content) for one in answers) > 500
