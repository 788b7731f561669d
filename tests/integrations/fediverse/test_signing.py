"""Signatures of both kinds: what is read is what was signed, and whatever else stands in a header is a sentence."""

import contextlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.fediverse import signing
from tests.integrations.fediverse.instance import Account, new_way, old_way

PATH = "/fediverse/eastside/inbox/"
WAYS = {"old": old_way, "new": new_way}
MARKS = st.text('abk()"@-=;:,. 019\x00é\n', max_size=60)


@pytest.fixture(scope="module")
def ada():
    return Account("https://social.example/users/ada")


def public(account):
    return account.described("")["publicKey"]["publicKeyPem"]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_what_was_signed_is_proved_by_that_key_and_by_no_other(ada, way):
    told = {**way(ada, PATH, b"{}", timedelta(0)), "content-type": signing.TYPE}
    proof = signing.read(PATH, told, b"{}")
    other = Account("https://social.example/users/bo")
    assert (proof.key_id, signing.is_signed(proof, public(ada)), signing.is_signed(proof, public(other))) == (
        ada.key_id, True, False,
    )  # fmt: skip


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_another_path_is_not_proved_and_another_body_is_refused(ada, way):
    headers = way(ada, PATH, b"{}", timedelta(0))
    assert not signing.is_signed(signing.read("/fediverse/other/inbox/", headers, b"{}"), public(ada))
    with pytest.raises(signing.Unproved, match=r"^Its digest is not that of its body\.$"):
        signing.read(PATH, headers, b"{ }")


LACKING = {
    "no digest": ('headers="(request-target) host date"', "Sign (request-target), host, date and digest."),
    "no target": ('headers="host date digest"', "Sign (request-target), host, date and digest."),
    "no time": ('headers="(request-target) host digest"', "Sign (request-target), host, date and digest."),
    "another way": ('algorithm="hmac-sha256"', "Sign with rsa-sha256."),
    "no key": ('keyId=""', "It does not say with which key it is signed."),
}


@pytest.mark.parametrize(("said", "words"), LACKING.values(), ids=LACKING)
def test_what_signs_too_little_is_refused(ada, said, words):
    headers = old_way(ada, PATH, b"{}", timedelta(0))
    name = said.partition("=")[0]
    parts = [said if part.startswith(f"{name}=") else part for part in headers["signature"].split(",")]
    with pytest.raises(signing.Unproved) as refused:
        signing.read(PATH, {**headers, "signature": ",".join(parts)}, b"{}")
    assert str(refused.value) == words


LATE = "It was signed too long ago, or does not say when."
NEW_LACKING = {
    '("@method" "@target-uri");created=1;keyid="x"': "Sign @method, @target-uri and content-digest.",
    '("@method" "content-digest");created=1;keyid="x"': "Sign @method, @target-uri and content-digest.",
    '("@method" "@target-uri" "content-digest");keyid="x"': LATE,
    '("@method" "@target-uri" "content-digest");created=1;keyid="x"': LATE,
    '("@method" "@target-uri" "content-digest");created=1;alg="hmac-sha256"': "Sign with rsa-v1_5-sha256.",
    '("@method" "@target-uri" "content-digest" "@query-param";name="x")': "Its Signature-Input has more in it",
    '("@method"), sig2=("@method")': "Its Signature-Input has more in it",
}


@pytest.mark.parametrize(("said", "words"), NEW_LACKING.items())
def test_so_it_is_in_the_newer_way(ada, said, words):
    headers = {**new_way(ada, PATH, b"{}", timedelta(0)), "signature-input": f"sig1={said}"}
    with pytest.raises(signing.Unproved) as refused:
        signing.read(PATH, headers, b"{}")
    assert str(refused.value)[: len(words)] == words


@given(MARKS, MARKS, MARKS, MARKS)
def test_whatever_stands_there_is_no_mistake_of_ours(one, two, three, four):
    headers = {
        "signature": f'keyId="{one}",headers="(request-target) host digest date",signature="{two}"',
        "date": three,
    }
    new = {"signature-input": f'sig1=("{one}" "@method");created={two}', "signature": f"sig1=:{three}:"}
    for told in ({**headers, "digest": four}, {"signature": one}, {**new, "content-digest": four}):
        with contextlib.suppress(signing.Unproved):
            signing.read(PATH, told, b"")


@pytest.mark.parametrize("key", ["", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "\ud800"])
def test_a_broken_key_proves_nothing(key):
    assert signing.is_signed(signing.Proof("x", "y", "AAAA"), key) is False


def test_what_we_send_is_signed_over_what_the_door_sends():
    """Its path as the door quotes it, and the host with its port where that is not 443."""
    private, key = signing.make_keys()
    url = "https://social.example:8443/a b?c=é"
    told = signing.headers("POST", url, b"{}", key_id="k", private_key=private)
    found = {name.lower(): text for name, text in told.items()}
    said = dict(signing._PARAMETER.findall(found["signature"])[n][:2] for n in range(4))
    assert said["headers"] == "(request-target) host date digest content-type"
    base = (
        f"(request-target): post /a%20b?c=%C3%A9\nhost: social.example:8443\ndate: {found['date']}\n"
        f"digest: {found['digest']}\ncontent-type: application/activity+json"
    )
    assert signing.is_signed(signing.Proof("k", base, said["signature"]), key)
