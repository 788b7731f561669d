"""Proof of the count: who is in a day's root, what a withdrawal leaves, and that nobody can be told from a leaf."""

import hmac
import html
import json
import re
from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from core import merkle, switches
from petitions.models import CountBlock, CountKey, CountRoot, Signature, Statement
from petitions.signatures import proof, retention, signing, thanking
from petitions.statements import counting
from tests.factories import SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db


def days_ago(number: float):
    return timezone.now() - timedelta(days=number)


@pytest.fixture
def signed() -> Statement:
    """Published a week ago; three who count, one held, one brought in, one who agreed just now."""
    statement = StatementFactory(published_at=days_ago(7))
    for name in ("ada", "bo", "cy"):
        SignatureFactory(statement=statement, email=f"{name}@example.org", confirmed_at=days_ago(2))
    SignatureFactory(statement=statement, email="held@example.org", state="held", confirmed_at=days_ago(2))
    SignatureFactory(
        statement=statement, email="brought@example.org", channel="import", import_id=1, confirmed_at=days_ago(2)
    )
    SignatureFactory(statement=statement, email="now@example.org")
    counting.recount(statement=statement, repair=True)
    return statement


def proved() -> None:
    """Until nothing is due."""
    while proof.prove_next():
        pass


def root() -> CountRoot:
    return CountRoot.objects.latest("day")


def test_a_root_of_yesterday_is_over_all_who_counted_by_then(signed):
    proved()
    yesterday = timezone.localdate() - timedelta(days=1)
    assert list(CountRoot.objects.values_list("statement", "day", "size", "gone")) == [(signed.pk, yesterday, 3, 0)]
    assert root().root == merkle.root(list(proof.leaves(signed))).hex()
    assert proof.prove_next() == 0  # once a day


def test_each_signer_proves_theirs_by_hand(signed):
    proved()
    for name in ("ada", "bo", "cy"):
        found = proof.of(Signature.objects.get(email=f"{name}@example.org")).data
        assert found["identity"] == f"{signed.uid}\n{name}@example.org\n1"
        leaf = hmac.digest(bytes.fromhex(found["key"]), found["identity"].encode(), sha256)
        hashed = sha256(b"\0" + leaf).digest()
        way = [bytes.fromhex(one) for one in found["siblings"]]
        assert merkle.root_of(hashed, at=found["place"], size=3, siblings=way).hex() == found["root"] == root().root
    others = Signature.objects.filter(email__in=["held@example.org", "brought@example.org", "now@example.org"])
    assert [proof.of(one) for one in others] == [None, None, None]


def test_the_tree_only_grows_and_a_released_hold_joins_later(signed):
    proved()
    before, size = root().root, root().size
    CountRoot.objects.update(day=days_ago(2).date())
    Signature.objects.filter(email="now@example.org").update(confirmed_at=days_ago(1.5))
    proved()
    assert (root().size, root().root != before) == (4, True)
    assert merkle.root(list(proof.leaves(signed))[:size]).hex() == before
    found = proof.of(Signature.objects.get(email="ada@example.org"))
    way = [bytes.fromhex(one) for one in found.siblings]
    hashed = proof.leaf_hash(bytes.fromhex(found.key), found.identity)
    assert merkle.root_of(hashed, at=found.place, size=4, siblings=way).hex() == root().root


def test_who_withdraws_takes_their_key_along_and_every_root_stays_true(signed):
    proved()
    before, leaves = root().root, list(proof.leaves(signed))
    ada = Signature.objects.get(email="ada@example.org")
    signing.withdraw(signature_id=ada.pk)
    assert CountKey.objects.filter(signature_id=ada.pk).exists()  # it can be undone for ten minutes
    Signature.objects.filter(pk=ada.pk).update(withdrawn_at=days_ago(1))
    while retention.delete_withdrawn():
        pass
    assert not CountKey.objects.filter(signature_id=ada.pk).exists()
    assert list(proof.leaves(signed)) == leaves
    CountRoot.objects.update(day=days_ago(2).date())
    proved()
    assert (root().size, root().gone, root().root) == (3, 1, before)


def test_who_is_anonymised_goes_on_counting_and_has_no_key(signed):
    proved()
    bo = Signature.objects.get(email="bo@example.org")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM petitions_countkey WHERE signature_id = %s", [bo.pk])
        assert cursor.fetchone() == (1,)
    counting.move(
        where="sig.id = %(pk)s", change="state = 'anonymised', anonymised_at = now(), name = '', email = ''::bytea",
        values={"pk": bo.pk},
    )  # fmt: skip
    assert not CountKey.objects.filter(signature_id=bo.pk).exists()
    CountRoot.objects.update(day=days_ago(2).date())
    proved()
    assert (root().size, root().gone) == (3, 0)


def test_blocks_are_whole_subtrees(signed, monkeypatch):
    monkeypatch.setattr(proof, "BLOCK", 2)
    monkeypatch.setattr(proof, "BATCH", 2)
    for number in range(6):
        SignatureFactory(statement=signed, email=f"more-{number}@example.org", confirmed_at=days_ago(1.5))
    proved()
    assert (root().size, CountBlock.objects.count()) == (9, 5)
    assert root().root == merkle.root(list(proof.leaves(signed))).hex()
    for one in Signature.objects.filter(pk__in=CountKey.objects.values("signature_id")):
        found = proof.of(one)
        hashed = proof.leaf_hash(bytes.fromhex(found.key), found.identity)
        way = [bytes.fromhex(sibling) for sibling in found.siblings]
        assert merkle.root_of(hashed, at=found.place, size=found.size, siblings=way).hex() == found.root


def test_what_closed_long_ago_and_what_is_not_public_has_no_new_root():
    StatementFactory(published_at=days_ago(9), closed_at=days_ago(3))
    StatementFactory(published_at=None)
    assert proof.prove_next() == 0


def test_the_root_stands_on_the_history_page_in_the_feed_and_in_the_data(client, signed):
    proved()
    one = root()
    page = client.get(reverse("history", args=[signed.slug])).text
    assert (one.root in page, "3 signatures" in page) == (True, True)
    feed = client.get(reverse("update_feed", args=[signed.slug])).text
    assert (feed.count(one.root), signed.urn("count") in feed) == (1, True)
    data = client.get(reverse("statement_json", args=[signed.slug])).json()
    assert data["proof"] == [{"day": one.day.isoformat(), "size": 3, "gone": 0, "root": one.root}]
    switches.turn_off(name="count")
    assert one.root not in client.get(reverse("history", args=[signed.slug])).text
    assert one.root not in client.get(reverse("update_feed", args=[signed.slug])).text
    assert client.get(reverse("statement_json", args=[signed.slug])).json()["proof"] == []


def test_a_signer_reads_on_their_own_page_that_they_are_inside(client, signed):
    ada = Signature.objects.get(email="ada@example.org")
    before = client.get(thanking.manage_url(ada)).text
    proved()
    page = client.get(thanking.manage_url(ada)).text
    assert ("You are in the count" in before, "You are in the count" in page) == (False, True)
    assert json.loads(html.unescape(re.search(r'<code class="hash">(\{.*?\})</code>', page)[1])) == proof.of(ada).data
    Signature.objects.filter(pk=ada.pk).update(state="withdrawn", withdrawn_at=timezone.now())
    assert "You are in the count" not in client.get(thanking.manage_url(ada)).text
