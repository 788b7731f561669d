"""A request that came by letter: staff find somebody, give out, correct and erase, and the record names nobody."""

import json

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from core.models import AuditEntry
from petitions.models import SheetLine, Signature
from petitions.signatures import paper
from petitions.statements import counting
from tests.factories import CommentFactory, SignatureFactory

pytestmark = pytest.mark.django_db
AMINA, PASSWORD = "amina@example.org", "a long password"
SURE = {"sure": "yes", "reason": "Letter 12 of 3 May, from Amina", "password": PASSWORD}


@pytest.fixture
def clerk():
    """Somebody who may answer requests, and nothing else."""
    user = User.objects.create_user("clerk", password=PASSWORD, is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="answer_requests"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def signature(statement):
    """Amina's, in another spelling than the letter has."""
    made = SignatureFactory(statement=statement, name="Amina Yusuf", email="Amina@Example.org", show_name=True)
    counting.recount(statement=statement, repair=True)
    return made


def find(clerk, sought):
    answer = clerk.post("/admin/people/", {"sought": sought})
    assert answer.status_code == 302
    return answer["Location"]


def record():
    return list(AuditEntry.objects.order_by("pk").values_list("what", "label", "why"))


def test_only_who_may_answers_requests(client, clerk, admin_client):
    nobody = Client()
    nobody.force_login(User.objects.create_user("nobody", password=PASSWORD, is_staff=True))
    paths = ["/admin/people/", "/admin/people/person/", "/admin/people/line/"]
    assert [nobody.get(path).status_code for path in paths] == [403, 403, 403]
    assert [clerk.get(path).status_code for path in paths] == [200, 302, 302]  # back to the search


def test_an_address_leads_to_everything_and_stands_in_no_address_of_a_page(clerk, signature, statement):
    CommentFactory(statement=statement, author_email=AMINA, body="I learnt to read there.")
    url = find(clerk, " amina@example.ORG ")
    page = clerk.get(url).content.decode()
    assert [words in page for words in ("Amina Yusuf", "I learnt to read there.")] == [True, True]
    assert [word in url.lower() for word in ("amina", "example")] == [False, False]


def test_a_name_finds_signers_writers_and_paper(clerk, signature, statement):
    paper.type_in(statement=statement, number=1, lines=[("Amína Yusuf", ""), ("Bo", "")])
    CommentFactory(statement=statement, author_name="Bo")
    page = clerk.post("/admin/people/", {"sought": "amina"}).content.decode()
    assert (page.count("See everything"), page.count("See or erase it"), "A…@Example.org" in page) == (1, 1, False)
    assert clerk.post("/admin/people/", {"sought": ""}).status_code == 422


def test_erasing_asks_for_a_ground_and_a_password_and_the_record_names_nobody(clerk, signature, statement):
    url = find(clerk, AMINA)
    item = {"act": "erase", "item": f"signature.{signature.pk}"}
    assert "can’t be undone" in clerk.post(url, item).content.decode()
    assert clerk.post(url, {**item, **SURE, "password": "wrong"}).status_code == 200
    assert Signature.objects.count() == 1
    assert clerk.post(url, {**item, **SURE, "reason": "Letter of amina@example.org"}).status_code == 302
    assert (Signature.objects.count(), counting.recount(statement=statement).stored) == (0, (0, 0, 0))
    assert record() == [
        ("Looked for a person by their address", "A person's request", ""),
        ("Erased one thing at a person’s request", "A person's request", "Letter of …"),
    ]


def test_all_is_given_out_corrected_and_erased(clerk, signature):
    url = find(clerk, AMINA)
    told = json.loads(clerk.post(url, {"act": "export", **SURE}).content)
    assert [one["kind"] for one in told["records"]] == ["signature"]
    clerk.post(url, {"act": "correct", "item": f"signature.{signature.pk}", "name": "Amina Y.", **SURE})
    signature.refresh_from_db()
    assert signature.name == "Amina Y."
    clerk.post(url, {"act": "erase_all", **SURE})
    assert not Signature.objects.exists()
    assert "We have nothing of this mailbox" in clerk.get(url).content.decode()


def test_a_line_on_paper_is_erased_and_still_counts(clerk, statement):
    paper.type_in(statement=statement, number=1, lines=[("Amina Yusuf", "E1 6AN"), ("Bo", "")])
    page = clerk.post("/admin/people/", {"sought": "Yusuf"}).content.decode()
    url = page.split("/admin/people/line/?k=")[1].split('"')[0]
    clerk.post(f"/admin/people/line/?k={url}", SURE)
    statement.refresh_from_db()
    assert sorted(SheetLine.objects.values_list("name", "postcode")) == [("", ""), ("Bo", "")]
    assert (statement.paper, paper.recount(statement)) == (2, (2, 2))


def test_an_address_that_is_none_is_told_so(clerk):
    answer = clerk.post("/admin/people/", {"sought": "amina@"})
    assert (answer.status_code, 'value="amina@"' in answer.content.decode()) == (422, True)


def test_somebody_of_whom_nothing_is_here(clerk):
    assert "We have nothing of this mailbox" in clerk.get(find(clerk, "nobody@example.org")).content.decode()
    assert "Nobody of that name is here" in clerk.post("/admin/people/", {"sought": "Zebedee"}).content.decode()
