"""What a moderator is shown (SAFETY T21): facts, weighed, and none of them a verdict."""

import socket

import pytest

from organisations import deciding, evidence
from tests.factories import EndorsementFactory, OrganisationFactory, StatementFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*args):
        raise AssertionError(f"something was asked on the network: {args}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize(
    ("email", "website", "weight", "text"),
    [
        ("sec@acme.org", "https://www.acme.org/about", "good", "The address is at the website’s own domain, acme.org."),
        ("sec@mail.acme.co.uk", "https://acme.co.uk", "good",
         "The address is at the website’s own domain, acme.co.uk."),
        ("sec@acme.org.evil.co.uk", "https://acme.org", "look",
         "The address is at evil.co.uk, but the website is at acme.org."),
        ("sec@other.co.uk", "https://acme.co.uk", "look",
         "The address is at other.co.uk, but the website is at acme.co.uk."),
        ("one@one.github.io", "https://two.github.io", "look",
         "The address is at one.github.io, but the website is at two.github.io."),
        ("branch@gmail.com", "https://acme.org", "plain",
         "gmail.com is a free mail service. That is normal for branches."),
        ("sec@acme.org", "", "plain", "The address is at acme.org; no website was given to compare it with."),
        ("sec@mailinator.com", "https://acme.org", "look", "mailinator.com gives out throw-away addresses."),
    ],
)  # fmt: skip
def test_the_mailbox_is_compared_with_the_website(email, website, weight, text):
    found = evidence.gather(EndorsementFactory(contact_email=email, website=website)).findings[0]
    assert (found.weight, found.text) == (weight, text)


@pytest.mark.parametrize(
    "change",
    [{"name": "Аcme Union"}, {"website": "https://xn--cme-8cd.org"}, {"contact_email": "sec@аcme.org"}],
)
def test_look_alike_letters_are_pointed_out(change):
    texts = [found.text for found in evidence.gather(EndorsementFactory(**change)).findings if found.weight == "look"]
    assert any("mixes letters of two alphabets" in text for text in texts)


def test_similar_names_and_the_same_organisation():
    near = OrganisationFactory(name="Friends of Marrow Bridge Library", town="Marrow Bridge")
    OrganisationFactory(name="Somebody Else Entirely")
    same = OrganisationFactory(name="Friends of Marrowbridge Library", town="Marrow Bridge")
    found = evidence.gather(EndorsementFactory(name="Friends of Marrowbridge Library", town="marrow bridge"))
    assert (found.similar, found.same_organisation) == ([near], same)


def test_a_branch_is_offered_its_union():
    union = OrganisationFactory(name="Lantern Union", kind="national_union", town="")
    assert evidence.gather(EndorsementFactory(name="Lantern Union, Thornbeck branch")).likely_parent == union
    assert evidence.gather(EndorsementFactory(name="Lantern")).likely_parent is None


def test_earlier_endorsements_of_the_same_address_and_network():
    statement = StatementFactory()
    earlier = EndorsementFactory(statement=statement, contact_email="branch@lantern.example.org", ip_key="k")
    EndorsementFactory(statement=statement, ip_key="other")
    found = evidence.gather(
        EndorsementFactory(contact_email="Branch+x@lantern.example.org", ip_key="k", signals="honeypot too_fast")
    )
    assert (found.earlier, found.nearby) == ([earlier], 1)
    assert [one.text for one in found.findings[-3:]] == [
        "Filled in a field that people cannot see.", "Sent within two seconds of opening the page.",
        "1 other endorsement was sent from the same network this week."
    ]  # fmt: skip


@pytest.mark.parametrize("others", [1, 3])
def test_gathering_costs_the_same_however_many_there_are(others, django_assert_num_queries):
    statement = StatementFactory()
    for _ in range(others):
        deciding.approve(endorsement=EndorsementFactory(statement=statement, contact_email="a@example.org"))
    endorsement = EndorsementFactory(contact_email="a@example.org", ip_key="k")
    with django_assert_num_queries(4):
        evidence.gather(endorsement)
