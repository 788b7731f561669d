"""One statement, several publishers: asking, answering, whose news a signer ticks, and leaving."""

import re

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client

from core import identity
from integrations.models import Newsletter
from integrations.newsletters import people
from mail.models import OutgoingEmail, Suppression
from mail.worker import Worker
from petitions.models import Copublisher, Signature, SignatureSubmission, Statement
from petitions.signatures import consent, exports, joint_figures, signing, whose_news
from petitions.signatures.forms import SignForm
from petitions.statements import copublishing, counting
from petitions.statements.models import Statement as Row
from publishers import founding
from tests.asking import agree, ask, confirm_url, sign
from tests.factories import StatementFactory
from tests.publishers.several import HOST, ORIGIN, second

pytestmark = pytest.mark.django_db
HEADLINE = "Mill Road Tenants are proud to be a signatory to this joint statement"
PREFACE = "<p>We live beside it.</p>"


@pytest.fixture
def mill():
    return second()


@pytest.fixture
def statement(mill) -> Statement:
    made = StatementFactory(
        slug="libraries", title="Keep the libraries open", headline="Sign with us", preface="<p>We began it.</p>"
    )
    made.refresh_from_db()
    return made


@pytest.fixture
def joined(mill, statement) -> Copublisher:
    return join(statement, mill)


def join(statement: Statement, found) -> Copublisher:
    """Its publisher publishes it from now on."""
    asked = copublishing.invite(statement=statement, publisher=found.publisher)
    answered = copublishing.accept(copublisher=asked, by=found.administrator, headline=HEADLINE, preface=PREFACE)
    OutgoingEmail.objects.all().delete()
    statement.refresh_from_db()
    return answered


def page(path: str, host: str = "testserver") -> str:
    cache.clear()
    found = Client().get(path, headers={"host": host})
    assert found.status_code == 200, (path, found.status_code)
    return found.content.decode()


def test_inviting_asks_the_publisher_and_its_administrators(mill, statement, server):
    by = User.objects.create_user("carol", email="carol@example.org")
    asked = copublishing.invite(statement=statement, publisher=mill.publisher, by=by, note="You know the mill best.")
    assert (asked.is_invited, asked.is_joined, Statement.objects.get().joint_with) == (True, False, [])
    Worker().run_once()
    assert server.recipients() == ["office@mill.example", "mina@mill.example"]
    body = server.received[0].get_body(("plain",)).get_content()
    assert f"{ORIGIN}/admin/joint/" in body
    assert "You know the mill best." in body
    assert "carol of" in body
    assert server.received[0]["Reply-To"] == "carol@example.org"
    server.received.clear()
    copublishing.accept(copublisher=asked, by=mill.administrator)
    Worker().run_once()
    assert server.recipients() == ["carol@example.org"]
    assert "Mill Road Tenants publishes “Keep the libraries open”" in server.received[0].get_body().get_content()


def test_who_publishes_it_is_asked_once_and_nobody_asks_themselves(statement, mill):
    asked = copublishing.invite(statement=statement, publisher=mill.publisher)
    with pytest.raises(copublishing.Already):
        copublishing.invite(statement=statement, publisher=mill.publisher)
    with pytest.raises(copublishing.ItsOwn):
        copublishing.invite(statement=statement, publisher=statement.publisher)
    copublishing.withdraw(copublisher=asked)
    again = copublishing.invite(statement=statement, publisher=mill.publisher)
    assert [row.ended for row in statement.copublishers.order_by("pk")] == ["withdrawn", ""]
    with pytest.raises(copublishing.Answered):
        copublishing.accept(copublisher=asked, by=mill.administrator)
    copublishing.decline(copublisher=again, by=mill.administrator)
    with pytest.raises(copublishing.Answered):
        copublishing.withdraw(copublisher=again)
    with pytest.raises(copublishing.NotJoint):
        copublishing.leave(copublisher=again, by=mill.administrator)
    assert Statement.objects.get().joint_with == []


@pytest.mark.parametrize("verb", ["accept", "decline", "leave", "describe"])
def test_only_who_administers_a_publisher_answers_for_it(statement, mill, verb):
    asked = copublishing.invite(statement=statement, publisher=mill.publisher)
    other = User.objects.create_user("other", is_staff=True)
    words = {"headline": "", "preface": ""} if verb == "describe" else {}
    with pytest.raises(copublishing.NotTheirs):
        getattr(copublishing, verb)(copublisher=asked, by=other, **words)


def test_the_database_refuses_a_second_row_and_an_end_that_was_none(joined):
    for wrong in ({"ended_at": joined.accepted_at}, {"ended": "declined", "ended_at": joined.accepted_at}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Copublisher.objects.filter(pk=joined.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Copublisher.objects.create(statement=joined.statement, publisher=joined.publisher)


def test_it_stands_under_both_each_with_its_own_words(joined, statement):
    own, theirs = page("/statements/libraries/"), page("/statements/libraries/", HOST)
    assert ("Sign with us" in own, "We began it." in own, HEADLINE in own) == (True, True, False)
    assert ("Sign with us" in theirs, "We began it." in theirs) == (False, False)
    assert (HEADLINE in theirs, "We live beside it." in theirs) == (True, True)
    body = "Our libraries belong to all of us."
    assert (body in own, body in theirs) == (True, True)
    assert "http://testserver/statements/" not in theirs
    assert f'<link rel="canonical" href="{ORIGIN}/statements/libraries/">' in theirs
    assert "mill.example/statements" not in own
    for path in ("/", "/statements/", "/feed/", "/sitemap.xml"):
        assert ("libraries" in page(path), "libraries" in page(path, HOST)) == (True, True)


def test_changed_words_are_on_the_page_at_once(joined, mill):
    page("/statements/libraries/", HOST)
    copublishing.describe(copublisher=joined, by=mill.administrator, headline="Tenants for books", preface="")
    shown = page("/statements/libraries/", HOST)
    assert ("Tenants for books" in shown, "We live beside it." in shown) == (True, False)


def test_the_line_at_the_form_and_the_notice_name_all_who_answer(joined, statement):
    names = (identity.publisher().legal_name, "Mill Road Tenants e.V.")
    for host in ("testserver", HOST):
        shown = page("/statements/libraries/sign/", host)
        assert re.search(r"publish this together, and answer for your details together", shown)
        assert [name in shown for name in names] == [True, True]
        assert [name in page("/privacy/", host) for name in names] == [True, True]
    kept = sign(statement).consent
    assert [name in kept.notice and name in kept.text for name in names] == [True, True]
    assert kept.publishers == [statement.publisher_id, joined.publisher_id]


def test_there_is_one_box_each_and_none_is_ticked(joined, statement):
    for host in ("testserver", HOST):
        shown = page("/statements/libraries/", host)
        boxes = re.findall(r'<input type="checkbox" name="((?:email_updates|news_of_)\d*)"([^>]*)', shown)
        assert [name for name, _ in boxes] == ["email_updates", f"news_of_{joined.publisher_id}"]
        assert [rest for _, rest in boxes if "checked" in rest] == []
        for name in (identity.publisher().name, "Mill Road Tenants"):
            assert f"Email me news from {name}. You can stop at any time." in shown.replace("&#x27;", "'")


def test_what_a_joint_statement_asks_changes_no_other_form(joined, statement):
    """Forms share their fields until they are drawn: a label of one was every form's."""
    other = SignForm(statement=StatementFactory())
    SignForm(statement=Statement.objects.get(pk=statement.pk))
    assert str(other.fields["email_updates"].label) == str(consent.CHOICES[1])
    assert str(SignForm.base_fields["email_updates"].label) == str(consent.CHOICES[1])
    assert not [name for name in SignForm.base_fields if name.startswith("news_of_")]


def posted(joined: Copublisher, email: str, host: str, *ticked: str) -> SignatureSubmission:
    typed = {"name": "Amina Yusuf", "email": email, **dict.fromkeys(ticked, "on")}
    answer = Client().post("/statements/libraries/sign/", typed, headers={"host": host})
    assert answer.status_code == 303
    return SignatureSubmission.objects.latest("pk")


@pytest.mark.django_db(transaction=True)
def test_a_signer_ticks_whose_news_and_each_gets_their_own(joined, statement, mill):
    box = f"news_of_{joined.publisher_id}"
    both = posted(joined, "both@example.org", HOST, box, "email_updates")
    theirs = posted(joined, "theirs@example.org", "testserver", box)
    own = posted(joined, "own@example.org", HOST, "email_updates")
    none = posted(joined, "none@example.org", HOST)
    confirm = Client().get(confirm_url(both), headers={"host": HOST}).content.decode()
    assert f"Yes, from {identity.publisher().name}, Mill Road Tenants" in confirm
    assert "Yes, from Mill Road Tenants" in Client().get(confirm_url(theirs)).content.decode()
    for one in (both, theirs, own, none):
        agree(one)
    kept = Signature.objects.order_by("pk").values_list("email_updates", "news_of", "asked_by")
    pk = joined.publisher_id
    assert list(kept) == [(True, [pk], pk), (False, [pk], None), (True, [], pk), (False, [], pk)]
    assert [row.news_of for row in SignatureSubmission.objects.all()] == [None] * 4
    assert counting.recount(statement=statement).agrees
    assert counting.numbers([statement])[statement.pk].people == 4

    def addresses(what: exports.Export) -> set[str]:
        lines = b"".join(exports.export(statement=statement, what=what, why="News", by=mill.administrator)).decode()
        return set(re.findall(r"\w+@example\.org", lines))

    assert addresses(exports.CONTACTS) == {"both@example.org", "own@example.org"}
    assert addresses(exports.contacts_of(mill.publisher)) == {"both@example.org", "theirs@example.org"}
    shares = [(one.publisher.pk, one.signed_here, one.want_news) for one in joint_figures.of(statement)]
    assert shares == [(statement.publisher_id, 1, 2), (pk, 3, 2)]


@pytest.mark.django_db(transaction=True)
def test_who_wants_no_mail_is_in_no_file_of_theirs(joined, statement, mill):
    signed = agree(posted(joined, "theirs@example.org", HOST, f"news_of_{joined.publisher_id}"))
    key = Signature.objects.get(pk=signed.result_id).mailbox_key
    Suppression.objects.create(mailbox_key=key)
    pieces = exports.export(
        statement=statement, what=exports.contacts_of(mill.publisher), why="News", by=mill.administrator
    )
    assert b"theirs@" not in b"".join(pieces)


def test_the_newsletter_of_each_gets_only_those_who_ticked_its_own_box(joined, statement):
    made = [
        Newsletter.objects.create(
            publisher=one, recipient=f"List of {one}", program="civicrm", list_id="1", url="https://a.example"
        )
        for one in (statement.publisher, joined.publisher)
    ]
    consent._told_last.clear()
    cache.clear()
    box = f"news_of_{joined.publisher_id}"
    for email, ticked in (
        ("own@example.org", ["email_updates"]),
        ("theirs@example.org", [box]),
        ("no@example.org", []),
    ):
        agree(posted(joined, email, HOST, *ticked))
    assert [[row.email for row in people.may_be_handed_over(one)] for one in made] == [
        ["own@example.org"], ["theirs@example.org"],
    ]  # fmt: skip
    theirs = Signature.objects.get(news_of=[joined.publisher_id])
    people.take_news_off(made[1], bytes(theirs.mailbox_key))
    theirs.refresh_from_db()
    assert theirs.news_of == []


def test_one_person_counts_once_whosever_page_they_came_by(joined, statement):
    agree(posted(joined, "amina@example.org", HOST))
    agree(posted(joined, "amina@example.org", "testserver", f"news_of_{joined.publisher_id}"))
    assert [(row.asked_by_id, row.news_of) for row in Signature.objects.all()] == [(None, [joined.publisher_id])]
    assert counting.recount(statement=statement).agrees
    assert counting.numbers([statement])[statement.pk].people == 1


def test_whose_news_is_chosen_anew_on_the_own_page(joined, statement, server):
    one = agree(posted(joined, "amina@example.org", HOST, "email_updates"))
    Worker().run_once()
    (receipt,) = [mail for mail in server.received if "/manage/" in mail.get_body(("plain",)).get_content()]
    link = re.search(rf"{ORIGIN}(/manage/\S+)", receipt.get_body(("plain",)).get_content())[1]
    own = Client().get(link, headers={"host": HOST}).content.decode()
    assert ("Email me news from Mill Road Tenants" in own, "Stop emails from Mill" in own) == (True, False)
    done = Client().post(link, {"action": f"news_on_{joined.publisher_id}"}, headers={"host": HOST}).content.decode()
    assert "Stop emails from Mill Road Tenants" in done
    assert Signature.objects.get(pk=one.result_id).news_of == [joined.publisher_id]
    Client().post(link, {"action": f"news_off_{joined.publisher_id}"}, headers={"host": HOST})
    assert Signature.objects.get(pk=one.result_id).news_of == []
    Client().post(link, {"action": "news_on_999999"}, headers={"host": HOST})
    assert Signature.objects.get(pk=one.result_id).news_of == []


@pytest.mark.django_db(transaction=True)
def test_leaving_keeps_what_was_given_and_stops_what_comes(joined, statement, mill):
    box = f"news_of_{joined.publisher_id}"
    before = agree(posted(joined, "before@example.org", HOST, box))
    waiting = posted(joined, "waiting@example.org", HOST, box)
    copublishing.leave(copublisher=joined, by=mill.administrator)
    after = Client().post("/statements/libraries/sign/", {"name": "Bo", "email": "bo@example.org", box: "on"})
    assert after.status_code == 303
    late = agree(SignatureSubmission.objects.latest("pk"))
    assert "Mill Road" not in Client().get(confirm_url(waiting)).content.decode()
    meanwhile = agree(waiting)
    kept = {one.result_id: Signature.objects.get(pk=one.result_id).news_of for one in (before, meanwhile, late)}
    assert list(kept.values()) == [[joined.publisher_id], [], []]
    assert "Mill Road" not in page("/statements/libraries/")
    moved = Client().get("/statements/libraries/", headers={"host": HOST})
    assert (moved.status_code, moved["Location"]) == (302, "http://testserver/statements/libraries/")
    pieces = exports.export(
        statement=statement, what=exports.contacts_of(mill.publisher), why="News", by=mill.administrator
    )
    assert b"before@example.org" in b"".join(pieces)
    with pytest.raises(signing.NotThere):
        whose_news.choose(signature_id=late.result_id, publisher=joined.publisher_id, on=True)
    assert whose_news.choose(signature_id=before.result_id, publisher=joined.publisher_id, on=False)


@pytest.mark.parametrize(("withdraws", "kept"), [(False, True), (True, False)])
def test_who_signs_again_takes_nothing_from_a_publisher_that_has_left(joined, statement, mill, withdraws, kept):
    """No form can ask about it any more; who took everything back took that back, too."""
    signature = agree(posted(joined, "before@example.org", HOST, f"news_of_{joined.publisher_id}")).result_id
    copublishing.leave(copublisher=joined, by=mill.administrator)
    if withdraws:
        signing.withdraw(signature_id=signature)
    sign(Statement.objects.get(pk=statement.pk), "before@example.org", name="Bo Other")
    row = Signature.objects.get(pk=signature)
    assert (row.name, row.news_of) == ("Bo Other", [joined.publisher_id] if kept else [])


def test_who_signs_again_on_a_joint_page_says_anew_whose_news(joined, statement):
    signature = agree(posted(joined, "amina@example.org", HOST, f"news_of_{joined.publisher_id}")).result_id
    agree(posted(joined, "amina@example.org", HOST))
    assert Signature.objects.get(pk=signature).news_of == []


def test_a_third_without_a_host_shares_the_sites_own_pages(joined, statement):
    third = founding.add(
        name="Weir Friends", slug="weir", legal_name="Weir Friends", contact_email="hello@weir.example"
    )
    copublishing.accept(copublisher=copublishing.invite(statement=statement, publisher=third), headline="For the weir")
    statement.refresh_from_db()
    assert statement.joint_with == [joined.publisher_id, third.pk]
    assert "Sign with us" in page("/statements/libraries/")
    assert "Weir Friends" in page("/statements/libraries/")
    assert "libraries" in page("/p/weir/")


def test_what_is_written_with_the_statement_is_what_the_rows_say(joined, statement, mill):
    rows = Copublisher.objects.joined().filter(statement=statement).values_list("publisher", flat=True)
    assert Row.objects.get(pk=statement.pk).joint_with == list(rows)
    copublishing.leave(copublisher=joined, by=mill.administrator)
    assert Row.objects.get(pk=statement.pk).joint_with == []


def test_a_statement_of_one_publisher_asks_and_writes_nothing_more(statement):
    shown = page("/statements/libraries/")
    assert ("news_of_" in shown, "together" in shown.lower()) == (False, False)
    one = sign(statement)
    assert (one.asked_by, one.news_of) == (None, [])
    assert ask(statement, "bo@example.org").news_of is None
