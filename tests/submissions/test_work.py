"""Work is asked for in a flood only; what comes without it is held with its reason, and never refused or lost."""

import time
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from hypothesis import given
from hypothesis import strategies as st

from comments.models import Comment, CommentSubmission
from core import addresses, switches
from core.models import Switch
from mail.models import OutgoingEmail
from organisations.models import EndorsementSubmission
from petitions.models import SignatureSubmission
from petitions.signatures import ceilings
from submissions import limits, networks, traps, work
from submissions.models import Decision
from tests.asking import agree, mail_all
from tests.factories import OutgoingEmailFactory, SignatureFactory, StatementFactory
from tests.organisations.form import posted
from tests.staff import log, staff, superuser
from tests.work import done, solve

pytestmark = pytest.mark.django_db
AMINA = "amina@example.org"
ROUND = 1_800_000_000  # a multiple of ROUNDED_SECONDS


@pytest.fixture(autouse=True)
def easy(settings):
    settings.WORK_BITS = 6


@pytest.fixture
def on():
    switches.turn_on(name="work")


@pytest.fixture
def statement():
    return StatementFactory(slug="libraries")


@pytest.fixture
def clock(monkeypatch):
    """Sets the time of day, in seconds since 1970."""

    def set_to(moment):
        monkeypatch.setattr(time, "time", lambda: moment)

    set_to(ROUND)
    return set_to


def sign(client, statement, work: str | None = None, email: str = AMINA):
    typed = {"name": "Amina Yusuf", "email": email} | ({} if work is None else {"work": work})
    return client.post(f"/statements/{statement.slug}/sign/", typed)


def signals() -> list[str]:
    return list(SignatureSubmission.objects.order_by("pk").values_list("signals", flat=True))


def test_as_a_rule_nobody_is_asked_for_it(client, statement):
    for given_work in (None, "", "junk", done(client, f"sign.{statement.pk}", AMINA)):
        assert sign(client, statement, given_work).status_code == 303
    assert signals() == ["", "", "", ""]


def test_who_did_it_is_counted_and_who_did_not_waits_and_reads_the_same(client, statement, on):
    scope = f"sign.{statement.pk}"
    asked = client.get(f"/proof-of-work/{scope}/").content.decode()
    other = client.get("/proof-of-work/sign.999/").content.decode()
    for_nothing = work.challenge(scope, is_asked=False)
    nearly = next(f"{asked}:{n}" for n in range(999) if not work.is_done(scope, f"{asked}:{n}", AMINA))
    tries = [
        solve(asked, AMINA), solve(for_nothing, AMINA),  # this one asked before the flood
        None, "", "junk", f"/proof-of-work/{scope}/", nearly, solve(other, AMINA), solve(asked, "Amina@example.org"),
        solve(asked.replace(".6.", ".0."), AMINA), solve(asked, AMINA) + "9" * 40,
    ]  # fmt: skip
    answers = [sign(client, statement, one) for one in tries]
    assert {answer.status_code for answer in answers} == {303}
    assert signals() == ["", "", *["work"] * 9]
    page, held = (client.get(answers[at]["Location"]).content.decode() for at in (0, -1))
    tidy = [text.replace(answers[at]["Location"].partition("k=")[2], "") for at, text in ((0, page), (-1, held))]
    assert tidy[0] == tidy[1]
    mail_all()
    first, *_, last = SignatureSubmission.objects.order_by("pk")
    assert agree(last).state == "held"
    signature = statement.signatures.get()
    assert (signature.held_reason, Decision.objects.get().reason) == ("work", "work")
    assert traps.words("work") == "Sent without the work that forms asked for at that time"
    assert first.signals == ""


def test_it_is_asked_of_comments_and_organisations_too(client, statement, on):
    thread = statement.thread
    said = {"name": "Amina", "email": AMINA, "body": "I learnt to read here."}
    assert client.post("/statements/libraries/comments/", {**said, "also_sign": "on"}).status_code == 303
    solved = {**said, "body": "Me too.", "work": done(client, f"comment.{thread.pk}", AMINA)}
    assert client.post("/statements/libraries/comments/", solved).status_code == 303
    assert list(CommentSubmission.objects.order_by("pk").values_list("signals", flat=True)) == ["work", ""]
    assert signals() == ["work"]
    mail_all()
    agree(CommentSubmission.objects.earliest("pk"))
    assert traps.words("work") in Comment.objects.get().held_reason
    form = posted()
    solved = {**form, "work": done(client, f"endorse.{statement.pk}", form["contact_email"])}
    for typed in (form, solved):
        assert client.post("/statements/libraries/endorse/form/", typed).status_code == 303
    assert list(EndorsementSubmission.objects.order_by("pk").values_list("signals", flat=True)) == ["work", ""]


@pytest.mark.parametrize(
    ("is_asked", "age", "works"),
    [
        *[(True, age, works) for age, works in [(0, True), (7199, True), (7200, False), (-1, False)]],
        *[(False, age, works) for age, works in [(0, True), (1199, True), (1200, False)]],
    ],
)
def test_a_challenge_lasts_as_long_as_people_write(clock, is_asked, age, works):
    given_work = solve(work.challenge("sign.7", is_asked=is_asked), AMINA)
    clock(ROUND + age)
    assert work.is_done("sign.7", given_work, AMINA) is works


def test_everybody_who_asks_in_the_same_ten_minutes_is_asked_the_same(client, clock, on):
    first = client.get("/proof-of-work/sign.7/")
    clock(ROUND + 599)
    assert client.get("/proof-of-work/sign.7/").content == first.content
    assert (first["Content-Type"], "Vary" in first, first["Cache-Control"][:6]) == (
        "text/plain; charset=utf-8", False, "public",
    )  # fmt: skip
    clock(ROUND + 600)
    assert client.get("/proof-of-work/sign.7/").content != first.content


@pytest.mark.parametrize("scope", ["sign", "sign.x", "sign.7.8", "sign.-7", "sign." + "9" * 19, "s%00.7"])
def test_nonsense_asks_for_nothing(client, scope):
    assert client.get(f"/proof-of-work/{scope}/").status_code == 404


@given(st.text(max_size=80), st.text(max_size=40))
def test_whatever_is_sent_gets_a_verdict(junk, address):
    assert work.is_done("sign.1", junk, address) is False


def test_pages_are_the_same_whether_or_not_it_is_asked_for(client, statement):
    pages = [client.get(f"/statements/libraries/{end}").content for end in ("", "sign/", "endorse/form/")]
    switches.turn_on(name="work")
    assert [client.get(f"/statements/libraries/{end}").content for end in ("", "sign/", "endorse/form/")] == pages
    statement_page, sign_page, endorse_page = (page.decode() for page in pages)
    forms = [(f"sign.{statement.pk}", sign_page), (f"endorse.{statement.pk}", endorse_page)]
    forms += [(f"sign.{statement.pk}", statement_page), (f"comment.{statement.thread.pk}", statement_page)]
    for scope, page in forms:
        assert page.count(f'<input type="hidden" name="work" value="/proof-of-work/{scope}/">') == 1


def test_a_form_that_comes_back_asks_anew(client, statement):
    page = client.post("/statements/libraries/sign/", {"name": "", "email": AMINA, "work": "as-it-was"}).content
    assert (b"as-it-was" in page, page.count(f'value="/proof-of-work/sign.{statement.pk}/"'.encode())) == (False, 1)


def test_staff_switch_it_on_and_off(client, statement):
    carol = superuser("carol")
    page = "/admin/switches/"
    assert "Proof of work: off" in carol.get(page).content.decode()
    carol.post(page, {"name": "work", "turn": "on"})
    assert "Proof of work: on" in carol.get(page).content.decode()
    sign(client, statement)
    carol.post(page, {"name": "work", "turn": "off"})
    sign(client, statement)
    assert signals() == ["work", ""]
    why = str(next(kind.sentence for kind in switches.KINDS if kind.name == "work"))
    assert log() == [f"Switched on: Proof of work: {why}", "Switched off again."]
    assert staff("audrey").post(page, {"name": "work", "turn": "on"}).status_code == 403
    assert Switch.objects.count() == 0


def flood(statement, number: int) -> None:
    for one in range(number):
        key = addresses.mailbox_key(f"x{one}@flood.example")
        domain = addresses.domain_key("x@flood.example")
        SignatureFactory(statement=statement, channel="web", submission_id=one + 1, mailbox_key=key, domain_key=domain,
                         email=f"x{one}@flood.example")  # fmt: skip


def test_a_ceiling_asks_for_it_and_stops_by_itself(client, statement, settings):
    settings.CEILING_DOMAIN_HOUR = 2
    flood(statement, 2)
    assert (ceilings.watch(), Switch.objects.count()) == (0, 0)
    flood(StatementFactory(), 3)
    assert ceilings.watch() > 0
    sign(client, statement)
    assert "A ceiling was reached" in superuser("carol").get("/admin/switches/").content.decode()
    Switch.objects.update(until=Now() - timedelta(seconds=1))
    sign(client, statement)
    assert signals() == ["work", ""]
    assert "Proof of work: off" in superuser("dora").get("/admin/switches/").content.decode()


def test_a_network_that_is_slowed_asks_for_it():
    later = {"lane": OutgoingEmail.Lane.CONFIRM, "kind": "signature_confirm", "outcome": networks.SLOWLY}
    OutgoingEmailFactory(**{**later, "outcome": limits.LATER}, due_at=Now() + timedelta(hours=1))
    assert (networks.watch(), Switch.objects.count()) == (0, 0)
    OutgoingEmailFactory(**later, due_at=Now() + timedelta(minutes=9))
    assert (networks.watch(), switches.standing().count()) == (0, 1)


def test_what_staff_switched_on_no_clock_switches_off(on):
    work.flooded()
    assert Switch.objects.get().until is None
    Switch.objects.update(until=Now() + timedelta(minutes=1))
    work.flooded()
    assert switches.standing().filter(until__gt=Now() + timedelta(minutes=59)).count() == 1
    switches.turn_on(name="work")
    assert Switch.objects.get().until is None


def test_a_site_may_never_ask_by_itself(settings):
    settings.WORK_MINUTES = 0
    work.flooded()
    assert Switch.objects.count() == 0
