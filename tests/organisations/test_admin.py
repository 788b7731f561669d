"""The moderators' pages: the queue, one endorsement with its evidence, who may do what, mergers."""

import re

import pytest

from core.text import order
from mail.models import OutgoingEmail
from organisations import deciding, endorsing, importers, motion
from organisations.models import Endorsement, Organisation
from petitions.models import Statement
from tests.factories import EndorsementFactory, OrganisationFactory, StatementFactory
from tests.organisations.form import endorse, endorse_with_logo, row
from tests.staff import log, staff, superuser

pytestmark = pytest.mark.django_db
QUEUE = "/admin/organisations/endorsement/"


@pytest.fixture
def carol():
    return superuser("carol")


def page(endorsement: Endorsement) -> str:
    return f"{QUEUE}{endorsement.pk}/change/"


def test_the_queue_shows_what_waits_oldest_first_and_changes_of_listed_ones(carol):
    waiting, listed, done = (EndorsementFactory(name=name) for name in ("Waiting", "Changed", "Done"))
    for endorsement in (listed, done):
        deciding.approve(endorsement=endorsement)
    Endorsement.objects.filter(pk=listed.pk).update(changed_at=listed.confirmed_at)
    shown = carol.get(QUEUE).context["cl"].result_list
    assert [endorsement.name for endorsement in shown] == [waiting.name, listed.name]
    assert len(carol.get(f"{QUEUE}?state=all").context["cl"].result_list) == 3


@pytest.mark.parametrize("rows", [1, 3])
def test_the_queue_costs_the_same_however_long_it_is(carol, django_assert_num_queries, rows):
    EndorsementFactory.create_batch(rows, statement=StatementFactory())
    carol.get(QUEUE)
    with django_assert_num_queries(10):
        carol.get(QUEUE)


def test_approving_from_the_page_leads_to_the_next_one(carol):
    first, second = EndorsementFactory(name="Lantern East"), EndorsementFactory(name="Threshold West")
    union = OrganisationFactory(name="Lantern Union", kind="national_union")
    response = carol.post(page(first), {"decision": "approve", "approve-organisation": "", "approve-parent": union.pk})
    assert response["Location"] == page(second)
    first.refresh_from_db()
    assert (first.state, first.decided_by.username, first.organisation.parent) == ("listed", "carol", union)


def test_declining_takes_a_ready_reason_or_ones_own(carol):
    ready, own, none = (EndorsementFactory() for _ in range(3))
    carol.post(page(ready), {"decision": "decline", "decline-ready": "This organisation is on the list already."})
    carol.post(page(own), {"decision": "decline", "decline-reason": "Your own words."})
    response = carol.post(page(none), {"decision": "decline"})
    assert (response.status_code, "Say why. The representative reads it." in response.content.decode()) == (200, True)
    assert [Endorsement.objects.get(pk=one.pk).decided_reason for one in (ready, own, none)] == [
        "This organisation is on the list already.", "Your own words.", ""
    ]  # fmt: skip
    assert log() == ["Declined: This organisation is on the list already.", "Declined: Your own words."]


def test_a_twin_is_refused_with_a_sentence(carol):
    first = EndorsementFactory(name="Lantern")
    deciding.approve(endorsement=first)
    twin = EndorsementFactory(name="Lantern", statement=first.statement)
    response = carol.post(page(twin), {"decision": "approve", "approve-organisation": first.organisation.pk})
    assert "This organisation is on the list already." in response.content.decode()
    twin.refresh_from_db()
    assert twin.state == "waiting"


def test_asking_and_undoing(carol):
    endorsement = EndorsementFactory()
    carol.post(page(endorsement), {"decision": "ask", "ask-question": "Which branch?"})
    carol.post(page(endorsement), {"decision": "approve", "approve-organisation": "", "approve-parent": ""})
    response = carol.post(page(endorsement), {"decision": "undo"}, follow=True)
    assert "The mail had not gone out and was stopped." in response.content.decode()
    endorsement.refresh_from_db()
    assert (endorsement.state, log()) == ("waiting", ["Asked: Which branch?", "Approved.", "Undone."])


def test_bulk_approval_asks_first_and_records_each(carol):
    rows = EndorsementFactory.create_batch(3)
    chosen = {"action": "approve", "_selected_action": [endorsement.pk for endorsement in rows]}
    assert "get a mail" in carol.post(QUEUE, chosen).content.decode()
    assert Endorsement.objects.listed().count() == 0
    response = carol.post(QUEUE, {**chosen, "confirmed": "1"}, follow=True)
    assert "3 approved." in response.content.decode()
    assert (Endorsement.objects.listed().count(), log()) == (3, ["Approved."] * 3)
    assert {endorsement.decided_by.username for endorsement in Endorsement.objects.all()} == {"carol"}
    assert OutgoingEmail.objects.filter(kind="endorsement_listed").count() == 3


@pytest.mark.parametrize("decision", ["approve", "ask", "decline", "undo"])
def test_looking_is_not_deciding(decision):
    audrey, endorsement = staff("audrey"), EndorsementFactory()
    assert audrey.get(page(endorsement)).status_code == 200
    answer = audrey.post(page(endorsement), {"decision": decision, "ask-question": "?", "decline-reason": "No."})
    endorsement.refresh_from_db()
    assert (answer.status_code, endorsement.state, endorsement.question) == (403, "waiting", "")
    assert audrey.get(f"{QUEUE}arrange/{endorsement.statement_id}/").status_code == 403


def test_a_moderator_may_decide_and_nobody_may_delete():
    mo, endorsement = staff("mo", "change_endorsement"), EndorsementFactory()
    mo.post(page(endorsement), {"decision": "approve", "approve-organisation": "", "approve-parent": ""})
    endorsement.refresh_from_db()
    assert endorsement.state == "listed"
    assert superuser("carol").get(f"{QUEUE}{endorsement.pk}/delete/").status_code == 403


def test_visitors_see_no_staff_page_and_no_waiting_logo(client, statement, carol):
    endorsement = endorse_with_logo(statement)
    url = f"{QUEUE}{endorsement.pk}/logo/"
    assert [client.get(path).status_code for path in (url, page(endorsement), QUEUE)] == [302, 302, 302]
    response = carol.get(url)
    assert (response["Content-Type"], response["Content-Security-Policy"]) == (
        "image/webp", "sandbox; default-src 'none'"
    )  # fmt: skip
    assert "no-store" in response["Cache-Control"]
    assert carol.get(f"{QUEUE}{EndorsementFactory().pk}/logo/").status_code == 404


def test_opening_a_page_changes_nothing(carol):
    endorsement = EndorsementFactory()
    before = list(Endorsement.objects.values())
    for path in (page(endorsement), QUEUE, f"{QUEUE}{endorsement.pk}/history/"):
        assert carol.get(path).status_code == 200
    assert list(Endorsement.objects.values()) == before


def test_the_order_of_the_initial_supporters(carol, statement):
    rows = [importers.bring_in(statement=statement, row=row(name, is_initial=True)) for name in ("A", "B", "C")]
    places = {str(endorsement.pk): place for endorsement, place in zip(rows, (2, 3, 1), strict=True)}
    assert carol.post(f"{QUEUE}arrange/{statement.pk}/", places).status_code == 302
    order = Endorsement.objects.order_by("position").values_list("name", flat=True)
    assert (list(order), log()) == (["C", "A", "B"], ["Arranged the initial supporters."])


def test_describing_an_organisation_goes_through_its_verb(carol, statement):
    organisation = importers.bring_in(statement=statement, row=row("Lantern")).organisation
    importers.bring_in(statement=statement, row=row("Threshold"))
    url = f"/admin/organisations/organisation/{organisation.pk}/change/"
    typed = {"name": "The Lantern Union", "kind": "national_union", "parent": "", "town": "", "website": ""}
    before = Statement.objects.get(pk=statement.pk).changed_at
    assert carol.post(url, typed).status_code == 302
    organisation.refresh_from_db()
    assert (organisation.name, organisation.sort_key, organisation.slug) == (
        "The Lantern Union", order.key("Lantern Union"), "lantern"
    )  # fmt: skip
    assert (Statement.objects.get(pk=statement.pk).changed_at > before, log()) == (True, ["Described."])
    twin = carol.post(url, {**typed, "name": "THRESHOLD", "town": "eastside"})
    assert "There is an organisation of that name in that town already." in twin.content.decode()


def test_merging_from_the_list_asks_which_one_stays(carol, statement):
    keep = importers.bring_in(statement=statement, row=row("Lantern")).organisation
    gone = importers.bring_in(statement=StatementFactory(), row=row("Lanternn")).organisation
    chosen = {"action": "merge", "_selected_action": [keep.pk, gone.pk]}
    url = "/admin/organisations/organisation/"
    assert "This cannot be undone." in carol.post(url, chosen).content.decode()
    carol.post(url, {**chosen, "confirmed": "1", "keep": keep.pk})
    assert (list(Organisation.objects.all()), keep.endorsements.listed().count()) == ([keep], 2)
    assert log() == ["Merged “Lanternn” into it."]


def test_the_campaigner_writes_the_motion(carol, statement):
    typed = {"statement": statement.pk, "notes": "", "believes": "", "resolves": "to march."}
    assert carol.post("/admin/organisations/motion/add/", typed).status_code == 302
    assert motion.text(statement).parts[2].points == ["to march."]


def test_a_motion_stays_with_its_statement(carol, statement):
    mine, other = (motion.write(statement=one, resolves="to march.") for one in (statement, StatementFactory()))
    typed = {"statement": other.statement_id, "notes": "", "believes": "", "resolves": "to sing."}
    assert carol.post(f"/admin/organisations/motion/{mine.pk}/change/", typed).status_code == 302
    points = [motion.text(row.statement).parts[2].points for row in (mine, other)]
    assert points == [["to sing."], ["to march."]]


def undo(client, html: str) -> str:
    address = re.search(r'<form method="post" action="([^"]+)" class="undo">', html)[1].replace("&amp;", "&")
    return client.post(address, follow=True).content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        {"decision": "approve", "approve-organisation": "", "approve-parent": ""},
        {"decision": "decline", "decline-reason": "Not yours."},
    ],
)
def test_a_decision_is_undone_from_the_message_about_it(carol, typed):
    first, second = EndorsementFactory(), EndorsementFactory()
    html = carol.post(page(first), typed, follow=True).content.decode()
    assert f"{second.pk}/change/" in html or second.name in html
    said = undo(carol, html)
    first.refresh_from_db()
    assert (first.state, log()[-1], "The mail had not gone out and was stopped." in said) == (
        "waiting",
        "Undone.",
        True,
    )


def test_bulk_decisions_and_the_order_are_undone(carol):
    rows = EndorsementFactory.create_batch(3)
    chosen = {"_selected_action": [endorsement.pk for endorsement in rows], "confirmed": "1"}
    said = undo(carol, carol.post(QUEUE, {**chosen, "action": "approve"}, follow=True).content.decode())
    assert ("3 decisions undone." in said, Endorsement.objects.filter(state="waiting").count()) == (True, 3)
    carol.post(QUEUE, {**chosen, "action": "approve"})
    url = f"{QUEUE}?state=listed"
    html = carol.post(url, {**chosen, "action": "make_initial"}, follow=True).content.decode()
    assert Endorsement.objects.filter(is_initial=True).count() == 3
    undo(carol, html)
    assert (Endorsement.objects.filter(is_initial=True).count(), Endorsement.objects.listed().count()) == (0, 3)


def test_nobody_undoes_an_endorsement_that_somebody_else_has_decided_about(carol):
    endorsement = EndorsementFactory()
    decline = {"decision": "decline", "decline-reason": "Not yours."}
    carol.post(page(endorsement), decline)
    mo = staff("mo", "change_endorsement")
    mo.post(page(endorsement), {"decision": "undo"})
    mo.post(page(endorsement), decline)
    assert "somebody has decided since" in carol.post(f"{QUEUE}undo/", follow=True).content.decode()
    endorsement.refresh_from_db()
    assert endorsement.state == "declined"


def test_keys_are_off_until_one_switches_them_on_for_oneself(carol):
    mo = staff("mo", "change_endorsement")
    assert ["queue.js" in one.get(QUEUE).content.decode() for one in (carol, mo)] == [False, False]
    carol.post("/admin/keys/", {"turn": "on"})
    html = carol.get(QUEUE).content.decode()
    assert re.findall(r'data-letter="(.)"', html) == list("jkxausdrqze?")
    assert ["queue.js" in one.get(QUEUE).content.decode() for one in (carol, mo)] == [True, False]
    carol.post("/admin/keys/", {"turn": "off"})
    assert "queue.js" not in carol.get(QUEUE).content.decode()


APPROVE = {"decision": "approve", "approve-organisation": "", "approve-parent": ""}


def test_words_that_came_since_the_page_was_opened_are_not_approved_unread(carol, statement):
    endorsement = endorse(statement, message="Solidarity")
    html = carol.get(page(endorsement)).content.decode()
    (seen, _) = re.findall(r'name="seen" value="([^"]+)"', html)
    endorse(statement, message="Buy our shelves")
    said = carol.post(page(endorsement), {**APPROVE, "seen": seen}).content.decode()
    assert ("has sent newer words since you looked" in said, "Buy our shelves" in said) == (True, True)
    declined = {"decision": "decline", "decline-reason": "No.", "seen": seen}
    assert "has sent newer words since you looked" in carol.post(page(endorsement), declined).content.decode()
    assert Endorsement.objects.get().state == "waiting"
    seen = re.search(r'name="seen" value="([^"]+)"', said)[1]
    assert carol.post(page(endorsement), {**APPROVE, "seen": seen}).status_code == 302
    assert Endorsement.objects.get().public_message == "Buy our shelves"


@pytest.mark.parametrize("asks_first", [True, False])
def test_of_many_those_with_newer_words_than_the_list_showed_are_left(carol, statement, asks_first):
    rows = [endorse(statement, organisation=name) for name in ("Lantern", "Threshold")]
    shown = dict(re.findall(r'name="(seen-\d+)" value="([^"]+)"', carol.get(QUEUE).content.decode()))
    assert len(shown) == 2
    endorsing.revise(endorsement_id=rows[0].pk, message="Buy our shelves")
    chosen = {"_selected_action": [row.pk for row in rows], "action": "approve", **shown}
    if asks_first:
        html = carol.post(QUEUE, chosen).content.decode()
        assert dict(re.findall(r'name="(seen-\d+)" value="([^"]+)"', html)) == shown
    said = carol.post(QUEUE, {**chosen, "confirmed": "1"}, follow=True).content.decode()
    assert "1 left as they were" in said
    assert [Endorsement.objects.get(pk=row.pk).state for row in rows] == ["waiting", "listed"]
