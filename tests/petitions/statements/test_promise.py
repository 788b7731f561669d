"""The hash of what people sign: what it is over, and that two promises never share it."""

import itertools
import json
import re

import pytest

from local.environment import ROOT
from petitions.statements import promise, publishing
from tests.factories import StatementFactory

TITLE, TO, BODY = "Keep our libraries open", "Eastside Council", "<p>We ask for “nine” libraries.</p>"
# printf '%s' '["Keep our libraries open","Eastside Council","<p>We ask for “nine” libraries.</p>"]' | sha256sum
KNOWN = "7e73406eb8a2abf35ae8a277f6bb96df44f3f016d29cb59d0fc48fec099c1f18"


def test_the_hash_is_that_of_the_three_as_json():
    assert promise.fingerprint(title=TITLE, addressed_to=TO, body=BODY) == KNOWN


def test_the_hash_of_hard_letters_is_the_one_that_javascript_makes():
    """JSON.stringify(['a"\\\\\\n\\u0001\\u007f\\u2028', "", "نطلب 📚 é"]) in node, through its sha256."""
    words = {"title": 'a"\\\n\x01\x7f\u2028', "addressed_to": "", "body": "نطلب 📚 é"}
    assert promise.fingerprint(**words) == "ffdeeb67a56de7d9749dae0026c355ae98b63f3bdbf95342f6cb0a61b166c375"


def test_no_two_promises_share_a_hash_wherever_their_parts_are_cut():
    parts = ["", "a", "ab", "b", '"', '","', ",", '"]', "\\", '\\"', " ", "null"]
    hashes = {promise.fingerprint(title=t, addressed_to=a, body=b) for t, a, b in itertools.product(parts, repeat=3)}
    assert len(hashes) == len(parts) ** 3


@pytest.mark.django_db
def test_everybody_can_prove_every_version_from_the_public_data(client):
    statement = StatementFactory(published_at=None, title=TITLE, addressed_to=TO, body=BODY, slug="libraries")
    publishing.publish(statement=statement)
    publishing.correct(statement=statement, title="Keep all open", note="It is ten now.")
    found = client.get("/statements/libraries.json").json()
    assert [(row["number"], row["title"], row["note"]) for row in found["versions"]] == [
        (1, TITLE, ""),
        (2, "Keep all open", "It is ten now."),
    ]
    assert found["version"] == found["versions"][-1]
    stored = list(statement.versions.order_by("number").values_list("sha256", flat=True))
    proved = [promise.fingerprint(**{part: row[part] for part in promise.PARTS}) for row in found["versions"]]
    assert [row["sha256"] for row in found["versions"]] == proved == stored
    assert stored[0] == KNOWN
    page = client.get("/statements/libraries/history/").content.decode()
    assert re.findall(r'<span class="hash">([^<]*)</span>', page) == stored[::-1]


def test_the_page_for_those_who_prove_it_has_the_known_example():
    page = (ROOT / "docs" / "verifying.md").read_text()
    assert json.dumps([TITLE, TO, BODY], ensure_ascii=False, separators=(",", ":")) in page.splitlines()
    assert KNOWN in page.splitlines()
