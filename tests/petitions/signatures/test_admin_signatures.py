"""The staff pages of signatures and of failing mail: tables of any size, where every act has a name."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from mail.models import OutgoingEmail
from petitions.models import Rule, Signature, Statement
from petitions.signatures import rules
from petitions.statements import counting, publishing
from submissions.models import Decision
from tests.asking import agree, ask, sign
from tests.factories import OutgoingEmailFactory, SignatureFactory, StatementFactory
from tests.staff import everything, log, staff

pytestmark = pytest.mark.django_db

SIGNATURES = "/admin/petitions/signature/"
MAIL = "/admin/mail/outgoingemail/"


@pytest.fixture
def statement() -> Statement:
    statement = StatementFactory(published_at=None, body="<p>Keep all nine libraries open.</p>")
    publishing.publish(statement=statement)
    return statement


def names(page) -> list[str]:
    return [row.name for row in page.context["cl"].result_list]


@pytest.fixture
def crowd(statement) -> list[Signature]:
    return [SignatureFactory(statement=statement, name=f"Person {number}") for number in range(120)]


def test_signatures_are_paged_by_key_newest_first(carol, crowd):
    pages, url = [], SIGNATURES
    while url:
        page = carol.get(url)
        pages.append(names(page))
        url = page.context["cl"].older_url and SIGNATURES + page.context["cl"].older_url
    assert [len(page) for page in pages] == [50, 50, 20]
    assert [name for page in pages for name in page] == [f"Person {number}" for number in reversed(range(120))]
    assert page.context["cl"].newest_url == "?"


def test_no_list_of_signatures_counts_them(carol, crowd, django_assert_max_num_queries):
    with django_assert_max_num_queries(9) as captured:
        carol.get(SIGNATURES, {"q": "Person", "state__exact": "confirmed"})
    assert [query["sql"] for query in captured if "COUNT(*)" in query["sql"].upper()] == []


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("amina@example.org", ["Amina"]),
        ("AMINA@example.org ", ["Amina"]),
        ("@mill.example", ["Bo", "Amir"]),
        ("am", ["Amir", "Amina"]),
        ("mina", ["Amina"]),
        ("k" * 22, ["Amir"]),
        ("k" * 21, []),
        ("%", []),
        ("", ["Bo", "Amir", "Amina"]),
    ],
)
def test_searching_signatures(carol, statement, term, found):
    for name, email in [("Amina", "amina@example.org"), ("Amir", "amir@mill.example"), ("Bo", "bo@mill.example")]:
        SignatureFactory(statement=statement, name=name, email=email, ip_key="k" * 22 if name == "Amir" else "")
    assert names(carol.get(SIGNATURES, {"q": term})) == found


@pytest.mark.parametrize("after", ["x", "-1", "9" * 40, "1' OR 1=1"])
def test_a_garbled_key_shows_the_first_page(carol, crowd, after):
    assert len(names(carol.get(SIGNATURES, {"after": after}))) == 50


def act(client: Client, action: str, *rows: Signature, url: str = SIGNATURES, **typed: str):
    return client.post(url, {"action": action, "_selected_action": [row.pk for row in rows], **typed})


def confirmed(statement: Statement, state: str = "confirmed", **row: str) -> Signature:
    signature = SignatureFactory(statement=statement, state=state, confirmed_at=timezone.now(), **row)
    counting.recount(statement=statement, repair=True)
    return signature


def test_removing_asks_for_a_reason_then_counts_and_records(carol, statement):
    one, two = confirmed(statement), confirmed(statement)
    page = act(carol, "remove", one, two)
    assert (page.status_code, page.context["sample"]) == (200, [two, one])
    assert Signature.objects.filter(state="confirmed").count() == 2
    page = act(carol, "remove", one, two, confirmed="1", reason="")
    assert page.context["form"].errors == {"reason": ["This field is required."]}
    assert act(carol, "remove", one, two, confirmed="1", reason="Duplicate").status_code == 302
    assert list(Signature.objects.values_list("state", "removed_reason")) == [("removed", "Duplicate")] * 2
    assert counting.recount(statement=statement).stored == (0, 0, 2)
    assert log() == ["Removed: Duplicate"] * 2
    assert {entry.object_repr for entry in LogEntry.objects.all()} == {f"Signature {one.pk}", f"Signature {two.pk}"}


def test_the_page_that_asks_posts_what_it_says(carol, statement):
    signature = confirmed(statement)
    html = act(carol, "remove", signature, url=f"{SIGNATURES}?state__exact=confirmed").content.decode()
    inputs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html)
    assert [pair for pair in inputs if pair[0] != "csrfmiddlewaretoken"] == [
        ("_selected_action", str(signature.pk)), ("action", "remove"), ("confirmed", "1")
    ]  # fmt: skip
    assert re.findall(r'<input type="submit" class="default" value="([^"]*)"', html) == ["Remove as duplicate or fake"]
    assert "They no longer count." in html


def test_holding_releasing_and_restoring(carol, statement):
    signature = confirmed(statement)

    def state() -> str:
        return Signature.objects.get(pk=signature.pk).state

    act(carol, "hold", signature, confirmed="1", reason="Looks odd")
    assert (state(), Signature.objects.get(pk=signature.pk).held_reason) == ("held", "Looks odd")
    act(carol, "release", signature, confirmed="1")
    assert state() == "confirmed"
    act(carol, "remove", signature, confirmed="1", reason="Fake")
    act(carol, "restore", signature, confirmed="1")
    assert state() == "confirmed"
    assert counting.recount(statement=statement).agrees
    assert log() == ["Held: Looks odd", "Released.", "Removed: Fake", "Restored."]


def test_what_does_not_apply_is_left_and_said(carol, statement):
    held, fine = confirmed(statement, state="held", held_reason="Odd"), confirmed(statement)
    page = carol.post(
        SIGNATURES, {"action": "release", "_selected_action": [held.pk, fine.pk], "confirmed": "1"}, follow=True
    )
    said = [str(message) for message in page.context["messages"]]
    assert said == [
        "1 released.",
        "1 left as they were, because this does not apply to them, or newer words came since you looked.",
    ]
    assert len(log()) == 1


@pytest.mark.parametrize("page", ["list", "row"])
def test_what_was_agreed_to_since_somebody_looked_is_not_released(carol, statement, page):
    """A crowd's hold, a harmless name, and another one while the moderator's page is open."""
    one = agree(ask(statement, signals="honeypot"))
    address = SIGNATURES if page == "list" else f"{SIGNATURES}{one.result_id}/change/"
    (seen,) = set(re.findall(rf'name="seen-{one.result_id}"\s+value="(\d+)"', carol.get(address).content.decode()))
    agree(ask(statement, name="Rude Words", show_name=True))
    signature = Signature.objects.get()
    assert (signature.name, signature.state) == ("Rude Words", "held")
    asked = act(carol, "release", signature, **{f"seen-{signature.pk}": seen})
    assert f'name="seen-{signature.pk}" value="{seen}"' in asked.content.decode(), "carried through the question"
    act(carol, "release", signature, confirmed="1", **{f"seen-{signature.pk}": seen})
    assert (Signature.objects.get().state, log()) == ("held", [])
    act(carol, "release", signature, confirmed="1", **{f"seen-{signature.pk}": str(signature.submission_id)})
    assert Signature.objects.get().state == "confirmed"


def test_too_many_at_once_are_refused(carol, statement, monkeypatch):
    monkeypatch.setattr("core.admin.decisions.AT_ONCE", 1)
    page = carol.post(
        SIGNATURES,
        {"action": "hold", "_selected_action": [confirmed(statement).pk, confirmed(statement).pk]},
        follow=True,
    )
    assert [str(message) for message in page.context["messages"]] == ["Choose at most 1 at a time."]


@pytest.mark.parametrize("action", ["hold", "release", "remove", "restore"])
def test_a_viewer_decides_nothing_about_signatures(viewer, statement, action):
    signature = confirmed(statement, state="held", held_reason="Odd")
    page = viewer.get(SIGNATURES)
    assert (page.status_code, page.context["action_form"]) == (200, None)
    before = everything()
    act(viewer, action, signature, confirmed="1", reason="Mine")
    assert everything() == before
    assert viewer.get(f"{SIGNATURES}{signature.pk}/change/").context["decisions"] == []


def test_nobody_edits_adds_or_deletes_a_signature(carol, statement):
    signature = SignatureFactory(statement=statement)
    url = f"{SIGNATURES}{signature.pk}"
    before = everything()
    codes = [carol.post(f"{url}/change/", {"name": "X"}), carol.post(f"{url}/delete/"), carol.post(f"{SIGNATURES}add/")]
    assert [response.status_code for response in codes] == [403, 403, 403]
    assert everything() == before


def test_failing_mail_is_listed_first_and_can_be_tried_again(carol, viewer):
    failed = OutgoingEmailFactory(state="failed", outcome="550 no such mailbox", attempts=5)
    sent = OutgoingEmailFactory(state="sent")
    assert list(carol.get(MAIL).context["cl"].result_list) == [failed]
    assert list(carol.get(MAIL, {"state": "all"}).context["cl"].result_list) == [sent, failed]
    act(viewer, "try_again", failed, url=MAIL, confirmed="1")
    assert OutgoingEmail.objects.get(pk=failed.pk).state == "failed"
    act(carol, "try_again", failed, sent, url=MAIL + "?state=all", confirmed="1")
    states = OutgoingEmail.objects.order_by("pk").values_list("state", "attempts", "outcome")
    assert list(states) == [("queued", 0, ""), ("sent", 0, "")]
    assert log() == ["Put back in the queue."]


@pytest.mark.parametrize(
    ("stands", "offered"),
    [
        ({"state": "confirmed"}, ["hold", "remove"]),
        ({"state": "held", "held_reason": "Odd"}, ["release", "remove"]),
        ({"state": "removed"}, ["restore"]),
        ({"state": "withdrawn"}, []),
        ({"state": "anonymised"}, []),
    ],
)
def test_the_page_of_one_offers_what_applies(carol, statement, stands, offered):
    signature = confirmed(statement, **stands)
    page = carol.get(f"{SIGNATURES}{signature.pk}/change/")
    assert [decision["name"] for decision in page.context["decisions"]] == offered


def test_what_was_decided_about_a_mailbox_stands_on_its_page(carol, statement):
    """Also what no longer stands, and what was decided about the second person is theirs."""
    signature = sign(statement, signals="honeypot too_fast")
    second = agree(ask(statement, name="Bo"), "second").result_id
    act(carol, "release", signature, confirmed="1")
    act(carol, "remove", signature, confirmed="1", reason="A duplicate")
    mo = staff("mo", "change_signature")
    act(mo, "restore", signature, confirmed="1")
    act(mo, "hold", Signature.objects.get(pk=second), confirmed="1", reason="About Bo")
    page = carol.get(f"{SIGNATURES}{signature.pk}/change/")
    told = [(one.what, one.why, one.who, one.undone_at is not None) for one in page.context["history"]]
    trap = "Filled in a field that people cannot see; Sent within two seconds of opening the page"
    assert told == [
        ("Restored", "", "mo", False),
        ("Removed", "A duplicate", "carol", True),
        ("Released", "", "carol", False),
        ("Held", trap, "the form", True),
    ]
    html = page.content.decode()
    assert ("Decided about this mailbox" in html, trap in html, "About Bo" in html) == (True, True, False)


def test_a_rule_stands_there_with_its_number_and_who_made_it(carol, statement):
    signature = confirmed(statement, email="a@mill.example")
    carol_herself = User.objects.get(username="carol")
    rule = rules.start(rule=Rule(domain="mill.example", reason="A script"), by=carol_herself)
    rules.run_batch()
    (told,) = carol.get(f"{SIGNATURES}{signature.pk}/change/").context["history"]
    assert (told.what, told.why, told.who) == ("Removed", "A script", f"carol, rule {rule.pk}")


def test_who_decided_is_kept_with_the_decision(carol, statement):
    signature = confirmed(statement)
    for action in ("hold", "release", "remove", "restore"):
        act(carol, action, signature, confirmed="1", reason="Odd")
    made = Decision.objects.order_by("pk").values_list("makes", "by__username", "reason", "submission")
    assert list(made) == [
        ("hold", "carol", "Odd", signature.submission_id), ("release", "carol", "", signature.submission_id),
        ("remove", "carol", "Odd", signature.submission_id), ("restore", "carol", "", signature.submission_id),
    ]  # fmt: skip


def test_the_list_says_why_in_words(carol, statement):
    sign(statement, signals="honeypot")
    html = carol.get(SIGNATURES).content.decode()
    assert "held for review: Filled in a field that people cannot see" in html
