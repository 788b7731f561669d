"""Signatures fetched by Action Network's API: a page after the other, each person by themselves, all or nothing."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from exchange.models import Import
from exchange.readers import action_network
from petitions.models import Signature
from tests.mail.outbound.hosts import LOOPBACK, good, host

pytestmark = pytest.mark.django_db
AGREED = ["--collected-by", "Eastside", "--words", "I agree.", "--agreed-when", "2021"]
PEOPLE = {
    "a1": {"given_name": "Ada", "family_name": "Long", "email_addresses": [
        {"address": "old@example.org"}, {"primary": True, "address": "ada@example.org", "status": "subscribed"}],
        "postal_addresses": [{"primary": True, "postal_code": "E1 6AN", "country": "GB"}]},
    "b2": {"given_name": "Bo", "family_name": "Short",
           "email_addresses": [{"address": "bo@example.org", "status": "unsubscribed"}]},
}  # fmt: skip


def signed(person, link="https://elsewhere.example/api/v2/people/"):
    return {"created_date": "2021-03-04T10:11:12Z", "_links": {"osdi:person": {"href": f"{link}{person}"}}}


class Network:
    """What the API answers to each path; a number is a status."""

    def __init__(self, found):
        self.found, self.answers = found, {}
        found.answer = self.answer
        for number, people in ((1, ["a1"]), (2, ["b2", "gone"])):
            page = {"total_pages": 2, "_embedded": {"osdi:signatures": [signed(one) for one in people]}}
            self.answers[f"/api/v2/petitions/p-1/signatures?page={number}"] = page
        self.answers |= {f"/api/v2/people/{name}": person for name, person in PEOPLE.items()}

    def answer(self, own):
        said = self.answers.get(self.paths()[-1], 404)
        own.sendall(good(b"{}", f"{said} No") if isinstance(said, int) else good(json.dumps(said).encode()))

    def paths(self):
        return [request.split(b" ")[1].decode() for request in self.found.heard]


@pytest.fixture
def network(settings, monkeypatch):
    settings.OUTBOUND_PRIVATE_HOSTS = [f"http://{LOOPBACK}"]
    monkeypatch.setattr(action_network, "SECONDS_BETWEEN", 0)
    with host() as found:
        yield Network(found)


@pytest.fixture
def fetch(network, statement, tmp_path):
    (tmp_path / "key").write_text("secret-key\n")

    def run(*more):
        told = StringIO()
        call_command(
            "import", "--action-network", "p-1", "--key-file", str(tmp_path / "key"), "--api", network.found.url,
            "--statement", statement.slug, *AGREED, *more, stdout=told,
        )  # fmt: skip
        return told.getvalue().splitlines()

    return run


def test_every_page_and_every_person_comes_in_with_the_key_and_to_no_other_host(network, fetch):
    assert fetch("--may-mail") == ["2 brought in", "1 can't be read", "line 3: There is no name."]
    rows = Signature.objects.order_by("name").values_list("name", "email", "postcode", "country", "email_updates")
    assert list(rows) == [
        ("Ada Long", "ada@example.org", "E1 6AN", "GB", True),
        ("Bo Short", "bo@example.org", "", "", False),
    ]
    assert [f"{found:%Y-%m-%d %H:%M}" for found in Signature.objects.values_list("confirmed_at", flat=True)] == [
        "2021-03-04 10:11"] * 2  # fmt: skip
    assert network.paths() == [
        "/api/v2/petitions/p-1/signatures?page=1", "/api/v2/people/a1",
        "/api/v2/petitions/p-1/signatures?page=2", "/api/v2/people/b2", "/api/v2/people/gone",
    ]  # fmt: skip
    assert {network.found.headers(at)["osdi-api-token"] for at in range(5)} == {"secret-key"}
    assert fetch() == ["2 already here", "1 can't be read", "line 3: There is no name."]


def test_they_can_be_asked_each_by_mail(fetch):
    assert fetch("--ask-until", "2199-12-31")[0] == "2 asked by mail, or about to be"
    listed = Import.objects.get()
    assert (listed.state, str(listed.answer_by), listed.silence_keeps) == ("asking", "2199-12-31", False)


@pytest.mark.parametrize(
    ("path", "answer", "sentence"),
    [
        ("petitions/p-1/signatures?page=1", 403, "Action Network does not take this key."),
        ("petitions/p-1/signatures?page=1", 404, "Action Network knows no petition of that number"),
        ("petitions/p-1/signatures?page=2", 500, "Action Network answered something that can't be read (500)."),
        ("petitions/p-1/signatures?page=2", [1], "Action Network answered something that can't be read (JSON)."),
        ("petitions/p-1/signatures?page=2",
         {"_embedded": {"osdi:signatures": [signed("x", "https://evil.example/steal/")]}},
         "Action Network answered something that can't be read (people)."),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_a_sentence_and_keeps_nothing(network, fetch, path, answer, sentence):
    network.answers[f"/api/v2/{path}"] = answer
    with pytest.raises(CommandError) as refused:
        fetch()
    assert str(refused.value).startswith(sentence)
    assert (Import.objects.count(), Signature.objects.count()) == (0, 0)


def test_a_host_that_nobody_allowed_is_not_asked(statement, tmp_path):
    (tmp_path / "key").write_text("k")
    options = ["--key-file", str(tmp_path / "key"), "--statement", statement.slug, *AGREED]
    with pytest.raises(CommandError, match=r"actionnetwork\.org is not allowed yet"):
        call_command("import", "--action-network", "p-1", *options, stdout=StringIO())
    with pytest.raises(CommandError, match="where the key is"):
        call_command("import", "--action-network", "p-1", "--statement", statement.slug, stdout=StringIO())
    with pytest.raises(CommandError, match="Say which file"):
        call_command("import", stdout=StringIO())
