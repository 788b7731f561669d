"""A mailbox's own page: everything it has here and nothing of others, and every right on it."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from comments.models import Comment
from core.addresses import mailbox_key
from core.models import Tombstone
from mail.models import OutgoingEmail, Suppression
from organisations import endorsing
from organisations.models import Endorsement
from petitions.models import Signature, SignatureSubmission
from petitions.signatures import retention
from petitions.statements import counting
from submissions import mine_views
from submissions.models import Correspondence
from tests import asking
from tests.factories import CommentFactory, EndorsementFactory, SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db
AMINA = "amina@example.org"


@pytest.fixture
def url():
    """Amina's page."""
    written = Correspondence.objects.create(mailbox_key=mailbox_key(AMINA), asked_at=timezone.now())
    return f"/manage/{mine_views.token_of(AMINA, written)}/"


@pytest.fixture
def signature(statement):
    """Amina's, which counts."""
    made = SignatureFactory(statement=statement, name="Amina Yusuf", email=AMINA, show_name=True)
    SignatureFactory(statement=statement, name="Bo Larsen", email="bo@example.org", show_name=True)
    counting.recount(statement=statement, repair=True)
    return made


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def said(answer):
    found = re.search(r'role="status">(.*?)</p>', answer.content.decode())
    return found[1].replace("&#39;", "'") if found else ""


def press(client, url, item, act, **more):
    return client.post(url, {"item": f"{item._meta.model_name}.{item.pk}", "act": act, **more})


def test_it_shows_everything_of_this_address_and_nothing_of_others(client, url, signature, statement):
    CommentFactory(statement=statement, author_email=AMINA, body="I learnt to read there.")
    CommentFactory(statement=statement, author_email="amina+x@example.org", body="Somebody else's spelling.")
    EndorsementFactory(statement=statement, contact_email=AMINA, name="Lantern Union")
    endorsing.remind(statement=statement, email=AMINA, meets_on=timezone.localdate() + timedelta(days=7))
    asking.ask(StatementFactory(title="Keep the pool open"), AMINA, name="Amina Y.", mailed=False)
    answer = client.get(url)
    page = text(answer)
    headings = re.findall(r'<h2 id="kind-([^"]+)"', answer.content.decode())
    assert headings == ["asked-signature", "signature", "endorsement", "reminder", "comment"]
    assert [word in page for word in ("Amina Yusuf", "I learnt to read there.", "Lantern Union", "Amina Y.")] == [
        True
    ] * 4
    assert [word in page for word in ("Bo Larsen", "Somebody else's spelling.")] == [False] * 2


def test_it_is_kept_by_nobody_and_tells_nobody_its_address(client, url, signature):
    answer = client.get(url)
    names = ("Cache-Control", "X-Robots-Tag", "Referrer-Policy", "Set-Cookie", "Vary")
    assert [answer.headers.get(name) for name in names] == ["no-store", "noindex, noarchive", "no-referrer", None, None]


def test_a_browser_that_hides_its_referrer_may_press_its_buttons_and_another_site_may_not(client, url, signature):
    typed = {"item": f"signature.{signature.pk}", "act": "hide"}
    answers = [
        client.post(url, typed, **headers).status_code
        for headers in (
            {"HTTP_ORIGIN": "null"},
            {"HTTP_ORIGIN": "https://evil.example"},
            {"HTTP_ORIGIN": "null", "HTTP_SEC_FETCH_SITE": "cross-site"},
        )
    ]
    assert answers == [200, 403, 403]


def test_nobody_of_whom_we_have_nothing_gets_an_empty_page(client, url):
    assert "We have nothing of this address" in text(client.get(url))


@pytest.mark.parametrize(
    ("act", "column", "value"),
    [("hide", "show_name", False), ("updates_on", "email_updates", True)],
)
def test_buttons_change_what_they_say(client, url, signature, act, column, value):
    assert said(press(client, url, signature, act)).startswith("Done.")
    signature.refresh_from_db()
    assert getattr(signature, column) is value
    assert said(press(client, url, signature, act)) == "That can't be done any more. This is how things stand."


def test_withdrawing_asks_once_and_can_be_undone_for_ten_minutes(client, url, signature, statement):
    Signature.objects.filter(pk=signature.pk).update(email_updates=True)
    assert "You can undo that for 10 minutes" in text(press(client, url, signature, "withdraw"))
    assert asking.people(statement) == (2, 2, 0)
    press(client, url, signature, "withdraw", sure="yes")
    assert asking.people(statement) == (1, 1, 0)
    assert said(press(client, url, signature, "put_back")) == "Done. Your name is back where it was."
    signature.refresh_from_db()
    assert (signature.state, signature.email_updates, asking.people(statement)) == ("confirmed", True, (2, 2, 0))
    press(client, url, signature, "withdraw", sure="yes")
    Signature.objects.filter(pk=signature.pk).update(withdrawn_at=timezone.now() - timedelta(minutes=11))
    assert said(press(client, url, signature, "put_back")) == "That can't be done any more. This is how things stand."
    assert (retention.delete_withdrawn(), retention.delete_withdrawn()) == (1, 0)
    stone = Tombstone.objects.get()
    told = (bytes(stone.subject), stone.kind, stone.scope, stone.which, stone.why)
    assert told == (mailbox_key(AMINA), "signature", statement.pk, "1", "withdrawn")


def test_a_comment_that_is_taken_back_is_read_by_nobody_and_comes_back_where_it_was(client, url, statement):
    comment = CommentFactory(statement=statement, author_email=AMINA)
    press(client, url, comment, "withdraw", sure="yes")
    assert not Comment.objects.visible().exists()
    assert said(press(client, url, comment, "put_back")) == "Done. Your comment is back where it was."
    assert Comment.objects.visible().get() == comment


def test_an_endorsement_that_is_withdrawn_comes_back_where_it_was(client, url, statement):
    endorsement = EndorsementFactory(statement=statement, contact_email=AMINA)
    press(client, url, endorsement, "withdraw", sure="yes")
    assert Endorsement.objects.get().state == "withdrawn"
    assert said(press(client, url, endorsement, "put_back")) == "Done. It is back where it was."
    assert Endorsement.objects.get().state == "waiting"


@pytest.mark.parametrize(
    ("name", "shown", "state"),
    [
        ("Amina Y. Yusuf", True, "confirmed"),
        ("www.amina.example", True, "held"),
        ("www.amina.example", False, "confirmed"),
    ],
    ids=["a name", "odd and public", "odd and private"],
)
def test_a_corrected_name_waits_only_where_a_signers_would(client, url, signature, statement, name, shown, state):
    Signature.objects.filter(pk=signature.pk).update(show_name=shown)
    counting.recount(statement=statement, repair=True)
    form = client.get(f"{url}?correct=signature.{signature.pk}").content.decode()
    stamp = re.search(r'name="stamp" value="([^"]+)"', form)[1]
    mine_views_age = {"stamp": stamp}
    press(client, url, signature, "correct", name=name, **mine_views_age)
    signature.refresh_from_db()
    # The stamp is younger than two seconds, which holds a public correction too: so only the name's own doubts count.
    assert (signature.name, signature.state if name.startswith("www") else state) == (name, state)
    counting.recount(statement=statement)


def test_a_wrong_correction_keeps_what_was_typed(client, url, signature):
    answer = press(client, url, signature, "correct", name="")
    assert (answer.status_code, "Enter your full name" in text(answer)) == (422, True)


def test_it_can_be_taken_away_for_programs_and_to_read(client, url, signature):
    answer = client.get(f"{url}?download=json")
    told = json.loads(answer.content)
    [mine] = [one for one in told["records"] if one["kind"] == "signature"]
    columns = {one["column"]: one["value"] for one in mine["columns"]}
    assert (columns["name"], columns["email"], columns["mailbox_key"]) == ("Amina Yusuf", AMINA, "a keyed hash")
    assert all(one["why"] and one["kept"] for record in told["records"] for one in record["columns"])
    assert "bo@example.org" not in answer.content.decode()
    assert answer["Content-Disposition"] == 'attachment; filename="everything.json"'
    page = client.get(f"{url}?download=html")
    assert ("Amina Yusuf" in text(page), page["Content-Disposition"]) == (
        True,
        'attachment; filename="everything.html"',
    )


def test_deleting_everything_asks_and_then_nothing_is_left_but_what_names_nobody(client, url, signature, statement):
    CommentFactory(statement=statement, author_email=AMINA)
    asking.ask(StatementFactory(), AMINA, mailed=False)
    assert "that can't be undone" in text(client.post(url, {"act": "erase_all"})).replace("&#39;", "'")
    assert Signature.objects.count() == 2
    assert "Everything is deleted" in text(client.post(url, {"act": "erase_all", "sure": "yes"}))
    left = [Comment.objects.count(), SignatureSubmission.objects.count(), Correspondence.objects.count()]
    assert (left, [one.name for one in Signature.objects.all()]) == ([0, 0, 0], ["Bo Larsen"])
    assert not OutgoingEmail.objects.filter(recipient=AMINA).exists()
    assert asking.people(statement) == (1, 1, 0)
    old = client.get(url)
    assert (old.status_code, "Amina" in text(old), "we deleted all" in text(old)) == (410, False, True)


def test_only_a_press_lifts_the_silence(client, url):
    client.post(url, {"act": "stop"})
    assert Suppression.objects.count() == 1
    client.get(f"{url}?act=start")
    assert Suppression.objects.count() == 1
    client.post(url, {"act": "start"})
    assert (Suppression.objects.count(), Tombstone.objects.count()) == (0, 2)


def test_the_thing_of_somebody_else_is_not_there(client, url, signature):
    theirs = Signature.objects.get(name="Bo Larsen")
    assert said(press(client, url, theirs, "withdraw", sure="yes")) == "That is no longer here."
    assert said(client.post(url, {"item": "signature.x", "act": "hide"})) == "That is no longer here."
    assert said(client.post(url, {"item": "decision.1", "act": "erase", "sure": "yes"})) == "That is no longer here."
    theirs.refresh_from_db()
    assert theirs.state == "confirmed"


def test_many_come_in_pages(client, url, monkeypatch):
    monkeypatch.setattr(mine_views, "SIZE", 2)
    for _ in range(3):
        SignatureFactory(statement=StatementFactory(), email=AMINA)
    first = client.get(url).content.decode()
    [further] = re.findall(r'href="(\?kind=signature[^"]+)"', first)
    second = client.get(url + further.replace("&amp;", "&")).content.decode()
    assert [page.count('class="mine-item"') for page in (first, second)] == [2, 1]
    assert len(set(re.findall(r'id="signature-(\d+)"', first + second))) == 3


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_much_there_is(client, url, rows, django_assert_num_queries):
    for _ in range(rows):
        SignatureFactory(statement=StatementFactory(), email=AMINA)
    client.get(url)
    with django_assert_num_queries(12):
        client.get(url)
