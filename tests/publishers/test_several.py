"""Two publishers on one site: own statements, hosts, roles and mails; nobody sees another's people."""

import re

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from comments import digest
from core import identity, roles
from core.speed import memory
from mail.worker import Worker
from petitions.models import Invitation, Signature, Statement
from petitions.signatures import consent
from petitions.statements import inviting
from publishers import hosting, staffing
from publishers.models import Host, Publisher
from tests.factories import CommentFactory, EventFactory, SignatureFactory, StatementFactory
from tests.publishers.several import HOST, ORIGIN, second
from tests.staff import logged_in, superuser

pytestmark = pytest.mark.django_db

OWN, THEIRS = "keep-the-libraries", "repair-the-mill"
PATHS = ("", "sign/", "share/", "history/", "signatures/", "count.json", "embed-code/", "feed/", "comments/feed/")


def at(path: str, host: str = "testserver", client: Client | None = None, **more: str):
    """The answer at that host, made anew."""
    cache.clear()
    return (client or Client()).get(path, headers={"host": host, **more})


def text(path: str, host: str = "testserver") -> str:
    found = at(path, host)
    assert found.status_code == 200, (path, host, found.status_code)
    return found.content.decode()


def without_stamps(body: bytes) -> bytes:
    """Without what is made anew each time: when a form was given out."""
    return re.sub(rb'name="(stamp|work)" value="[^"]*"|<updated>[^<]*</updated>', b"", body)


@pytest.fixture
def own() -> Statement:
    return StatementFactory(slug=OWN, title="Keep the libraries open")


@pytest.fixture
def theirs(own):
    found = second()
    statement = StatementFactory(slug=THEIRS, title="Repair the mill", publisher=found.publisher)
    EventFactory(statement=statement, slug="mill-day", title="Mill day")
    return found._replace(publisher=Publisher.objects.get(pk=found.publisher.pk)), statement


SITE = ("/", "/statements/", "/feed/", "/events/", "/events.ics", "/sitemap.xml", "/privacy/", "/robots.txt")


def test_adding_a_second_changes_no_byte_of_the_first(own):
    EventFactory(statement=own, slug="library-day")
    paths = [*SITE, *(f"/statements/{OWN}/{path}" for path in PATHS)]
    before = {path: without_stamps(at(path).content) for path in paths if at(path).status_code == 200}
    found = second()
    StatementFactory(slug=THEIRS, title="Repair the mill", publisher=found.publisher)
    memory.forget()
    after = {path: without_stamps(at(path).content) for path in before}
    assert {path for path in before if before[path] != after[path]} == set()
    assert len(before) > 12


def test_each_host_shows_its_own_publisher_alone(theirs):
    home, other = text("/", HOST), text("/")
    assert ("Repair the mill" in home, "Keep the libraries open" in home) == (True, False)
    assert ("Repair the mill" in other, "Keep the libraries open" in other) == (False, True)
    for path in ("/statements/", "/feed/", "/sitemap.xml"):
        assert (THEIRS in text(path, HOST), OWN in text(path, HOST)) == (True, False)
        assert (THEIRS in text(path), OWN in text(path)) == (False, True)
    assert ("Mill day" in text("/events.ics", HOST), "Mill day" in text("/events.ics")) == (True, False)


def test_the_origin_of_its_host_stands_in_everything(theirs):
    for path in ("", "embed-code/", "share/"):
        page = text(f"/statements/{THEIRS}/{path}", HOST)
        assert ORIGIN in page
        assert "http://testserver" not in page
    for path in ("/", "/feed/", "/sitemap.xml", "/robots.txt", "/events.ics", f"/statements/{THEIRS}/feed/"):
        assert "http://testserver" not in text(path, HOST)
    answer = at(f"/oembed/?url={ORIGIN}/statements/{THEIRS}/", HOST).json()
    assert {key: answer[key] for key in ("provider_name", "provider_url", "author_name")} == {
        "provider_name": "Mill Road Tenants", "provider_url": f"{ORIGIN}/", "author_name": "Mill Road Tenants",
    }  # fmt: skip
    assert at(f"/oembed/?url=http://testserver/statements/{OWN}/", HOST).status_code == 404


def test_the_privacy_notice_of_a_host_names_its_controller(theirs):
    assert "Mill Road Tenants e.V." in text("/privacy/", HOST)
    assert "Mill Road Tenants" not in text("/privacy/")


def test_an_unknown_host_gets_nothing(theirs):
    assert [at(path, "evil.example").status_code for path in ("/", f"/statements/{THEIRS}/", "/admin/")] == [400] * 3


def test_a_page_of_another_host_leads_there_and_nowhere_else(theirs):
    for path in ("", "share/", "signatures/"):
        moved = at(f"/statements/{THEIRS}/{path}?via=wa")
        assert (moved.status_code, moved["Location"]) == (302, f"{ORIGIN}/statements/{THEIRS}/{path}?via=wa")
    back = at(f"/statements/{OWN}/", HOST)
    assert (back.status_code, back["Location"]) == (302, f"http://testserver/statements/{OWN}/")
    assert at("/events/mill-day/").status_code == 404
    assert at("/p/mill/")["Location"] == f"{ORIGIN}/p/mill/"


def test_the_origin_check_is_that_of_the_host(theirs):
    def post(host: str, origin: str) -> int:
        typed = {"name": "Amina Yusuf", "email": "amina@example.org"}
        path = f"/statements/{THEIRS}/sign/"
        return Client().post(path, typed, headers={"host": host, "origin": origin}).status_code

    assert post(HOST, ORIGIN) == 303
    assert post(HOST, "http://testserver") == 403
    assert post("testserver", ORIGIN) == 403


def test_its_mails_are_its_own(theirs, server):
    found, statement = theirs
    typed = {"name": "Amina Yusuf", "email": "amina@example.org"}
    Client().post(f"/statements/{THEIRS}/sign/", typed, headers={"host": HOST})
    Client().post(f"/statements/{OWN}/sign/", {**typed, "email": "bo@example.org"})
    Worker().run_once()
    (mine,), (others,) = server.to("amina@example.org"), server.to("bo@example.org")
    assert mine["From"] == "Mill Road Tenants <post@mill.example>"
    assert mine["Reply-To"] == "office@mill.example"
    body = mine.get_body(("plain",)).get_content()
    assert f"{ORIGIN}/confirm/" in body
    assert "http://testserver" not in body
    assert "mill.example" not in others.as_string()
    link = re.search(r"/confirm/\S+", body)[0]
    Client().post(link, headers={"host": HOST})
    server.received.clear()
    Worker().run_once()
    (receipt,) = server.to("amina@example.org")
    assert receipt["From"] == "Mill Road Tenants <post@mill.example>"
    assert "http://testserver" not in receipt.get_body(("plain",)).get_content()
    kept = Signature.objects.get(statement=statement).consent
    assert (kept.publishers, "Mill Road Tenants e.V." in kept.notice) == ([found.publisher.pk], True)


def test_without_a_host_its_pages_are_at_the_sites_and_speak_for_it(own):
    found = second(host="")
    StatementFactory(slug=THEIRS, title="Repair the mill", publisher=found.publisher)
    memory.forget()
    for path in ("", "sign/", "share/"):
        assert "Mill Road Tenants" in text(f"/statements/{THEIRS}/{path}")
    assert "Repair the mill" not in text("/")
    assert "Repair the mill" in text("/p/mill/")
    assert THEIRS in text("/sitemap.xml")


def test_its_own_administrator_sees_its_people_and_nobody_elses(theirs, own):
    found, statement = theirs
    SignatureFactory(statement=statement, name="Mina's Signer")
    SignatureFactory(statement=own, name="Somebody Else's")
    pages = ["petitions/signature/", "petitions/statement/", "petitions/event/", "publishers/publisher/", ""]
    seen = {page: found.desk.get(f"/admin/{page}").content.decode() for page in pages}
    assert "Mina&#x27;s Signer" in seen["petitions/signature/"]
    assert "Repair the mill" in seen["petitions/statement/"]
    assert "Mill Road Tenants" in seen["publishers/publisher/"]
    first = identity.publisher().name
    for page in pages[:-1]:
        for words in ("Somebody Else", "Keep the libraries open", f">{first}<"):
            assert words not in seen[page], (page, words)
    assert "Keep the libraries open" not in seen[""]
    one = Signature.objects.get(statement=own).pk
    assert found.desk.get(f"/admin/petitions/signature/{one}/change/").status_code == 302
    assert found.desk.get(f"/admin/petitions/statement/{own.pk}/").status_code == 404
    assert found.desk.get("/admin/auth/user/").status_code == 403
    assert found.desk.get("/admin/core/auditentry/").status_code == 403
    assert found.desk.get("/admin/mail/outgoingrequest/").status_code == 403


def test_staff_of_the_first_see_nothing_of_the_second(theirs, own):
    _, statement = theirs
    SignatureFactory(statement=statement, name="Mina's Signer")
    roles.establish()
    auditor = User.objects.create_user("ada", is_staff=True)
    auditor.groups.add(*roles.Group.objects.filter(name=roles.AUDITOR))
    desk = logged_in(auditor)
    for page in ("petitions/signature/", "petitions/statement/", "publishers/publisher/"):
        shown = desk.get(f"/admin/{page}").content.decode()
        assert ("Mina" in shown, "Repair the mill" in shown, "Mill Road Tenants" in shown) == (False, False, False)
    assert "Keep the libraries open" in desk.get("/admin/petitions/statement/").content.decode()
    everything = superuser("root").get("/admin/petitions/statement/").content.decode()
    assert ("Repair the mill" in everything, "Keep the libraries open" in everything) == (True, True)


def test_an_auditor_of_the_second_reads_all_of_it_and_no_more(theirs, own):
    found, _ = theirs
    person = User.objects.create_user("otto", is_staff=True)
    staffing.employ(user=person, publisher=found.publisher, role=staffing.Role.AUDITOR)
    shown = logged_in(person).get("/admin/petitions/statement/").content.decode()
    assert ("Repair the mill" in shown, "Keep the libraries open" in shown) == (True, False)
    for page in ("core/auditentry/", "api/token/", "integrations/endpoint/"):
        assert list(logged_in(person).get(f"/admin/{page}").context["cl"].result_list) == []


def test_what_its_people_begin_is_its_own(theirs):
    found, _ = theirs
    typed = {"title": "Mend the weir", "slug": "weir", "kind": "petition", "language": "en", "body": "<p>Mend it.</p>",
             "signed_by": "both", "image_focus": "middle", "names_order": "", "names_batch": ""}  # fmt: skip
    answer = found.desk.post("/admin/petitions/statement/add/", typed)
    assert answer.status_code == 302, answer.context["adminform"].errors
    assert Statement.objects.get(slug="weir").publisher == found.publisher


def test_its_administrator_keeps_its_words_and_people_but_no_hosts(theirs):
    found, _ = theirs
    page = found.desk.get(f"/admin/publishers/publisher/{found.publisher.pk}/change/")
    assert (page.status_code, "hosts" in page.content.decode()) == (200, False)
    first = Publisher.objects.first()
    assert found.desk.get(f"/admin/publishers/publisher/{first.pk}/change/").status_code == 302
    assert found.desk.get("/admin/publishers/publisher/add/").status_code == 403
    people = found.desk.get("/admin/publishers/membership/")
    assert [row.user.username for row in people.context["cl"].result_list] == ["mina"]


def test_who_is_let_go_is_out(theirs):
    found, _ = theirs
    staffing.let_go(membership=found.administrator.memberships.get())
    found.administrator.refresh_from_db()
    assert not found.administrator.is_staff


def test_a_site_administrator_adds_one_on_the_desk(own):
    desk = superuser("root")
    typed = {"name": "Weir Friends", "slug": "weir-friends", "legal_name": "Weir Friends", "accent": "#9b1c2e",
             "contact_email": "hello@weir.example", "pack": "gb",
             "hosts": "https://WEIR.example/ www.weir.example"}  # fmt: skip
    refused = desk.post("/admin/publishers/publisher/add/", {**typed, "hosts": "testserver"})
    assert refused.context["adminform"].form.errors == {
        "hosts": ["testserver is the site’s own name. A publisher needs another one."]
    }
    assert desk.post("/admin/publishers/publisher/add/", typed).status_code == 302
    made = Publisher.objects.get(slug="weir-friends")
    assert (made.origin, made.position) == ("http://weir.example", 1)
    assert list(Host.objects.values_list("name", flat=True)) == ["weir.example", "www.weir.example"]
    assert "Weir Friends" in text("/", "www.weir.example")


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("Mill.Example, https://www.mill.example/about", ["mill.example", "www.mill.example"]),
        ("mill.example:443 mill.example:8443", ["mill.example", "mill.example:8443"]),
        ("mühle.example", ["xn--mhle-0ra.example"]),
        ("", []),
    ],
)
def test_hosts_are_read_as_people_type_them(typed, names):
    assert hosting.named(typed) == names


@pytest.mark.parametrize("typed", ["mill_road.example", "-mill.example", "mill..example", "mill.example:port"])
def test_what_can_be_no_host_is_refused(typed):
    with pytest.raises(hosting.NoHost):
        hosting.named(typed)


def test_one_name_is_one_publishers(theirs):
    with pytest.raises(hosting.Taken, match=r"mill\.example is another publisher’s already"):
        hosting.serve(publisher=Publisher.objects.first(), names=[HOST])


def test_what_signers_are_told_is_of_the_publisher_we_speak_for(theirs):
    found, statement = theirs
    with identity.at(found.publisher.pk):
        assert identity.origin() == ORIGIN
        assert "Mill Road Tenants e.V." in consent.words(statement).notice
    assert identity.origin() == "http://testserver"


def test_who_is_invited_to_its_statements_works_for_it(theirs, own, server):
    found, statement = theirs
    inviting.invite(email="nina@mill.example", role=roles.MODERATOR, statements=[statement], by=found.administrator)
    Worker().run_once()
    (mail,) = server.to("nina@mill.example")
    assert mail["From"] == "Mill Road Tenants <post@mill.example>"
    assert f"{ORIGIN}/admin/invitation/" in mail.get_body(("plain",)).get_content()
    asked = Invitation.objects.get()
    nina = User(username="nina")
    nina.set_password("a-very-long-password")
    inviting.take(invitation_id=asked.pk, link_number=asked.link_number, person=nina)
    assert [(one.publisher, one.role) for one in nina.memberships.all()] == [(found.publisher, "moderator")]
    SignatureFactory(statement=statement, name="Mina's Signer")
    SignatureFactory(statement=own, name="Somebody Else's")
    shown = logged_in(nina).get("/admin/petitions/signature/").content.decode()
    assert ("Mina&#x27;s Signer" in shown, "Somebody Else" in shown) == (True, False)


def test_a_moderator_of_one_is_told_of_what_waits_for_theirs_alone(theirs, own):
    found, statement = theirs
    CommentFactory(thread=statement.thread, state="waiting")
    for _ in range(3):
        CommentFactory(thread=own.thread, state="waiting")
    assert digest.queue_of_today(found.administrator) == {"waiting": 1, "reported": 0}


def test_who_worked_for_the_first_goes_on_to_when_the_second_takes_them_on(theirs, own):
    found, _ = theirs
    roles.establish()
    carl = User.objects.create_user("carl", is_staff=True, last_login=own.created_at)
    carl.groups.add(roles.Group.objects.get(name=roles.CAMPAIGNER))
    staffing.employ(user=carl, publisher=found.publisher, role=staffing.Role.MODERATOR)
    held = carl.memberships.order_by("publisher").values_list("publisher", "role")
    assert list(held) == [(own.publisher_id or Publisher.objects.first().pk, "campaigner"),
                          (found.publisher.pk, "moderator")]  # fmt: skip
