"""Undoing a decision brings back how it stood: in the queue, or on the list with the words it had."""

import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from mail.models import OutgoingEmail
from organisations import chores, deciding, directory, endorsing, logos
from organisations.models import Endorsement, Logo, Organisation
from petitions.models import Statement
from tests.factories import EndorsementFactory, OrganisationFactory
from tests.organisations.form import in_threads
from tests.organisations.pictures import png
from tests.staff import log, staff

pytestmark = pytest.mark.django_db
OLD = {"name": "Lantern Union", "town": "Eastside", "website": "https://old.example.org"}
NEW = {"name": "Lantern and Lamp Union", "town": "Northquay", "website": "https://new.example.org"}
WORDS = ["public_message", "public_contact"]
STANDS = [
    "state",
    "organisation_id",
    "listed_at",
    "changed_at",
    "decided_by_id",
    "decided_at",
    "decided_reason",
    *WORDS,
]


@pytest.fixture
def carol():
    return User.objects.create_superuser("carol")


def picture() -> logos.Drawing:
    return logos.draw(io.BytesIO(png()))


def listed(**more) -> Endorsement:
    return deciding.approve(
        endorsement=EndorsementFactory(**OLD, message="Old words", publish_contact=True, **more),
        by=User.objects.create_user("amal"),
    )


def changed(**more) -> Endorsement:
    endorsement = listed()
    more = {"message": "New words", "contact_role": "Chair", **NEW, **more}
    return endorsing.revise(endorsement_id=endorsement.pk, **more)


def stands(endorsement: Endorsement) -> dict:
    """How the row and its organisation stand now, and that the stored number is that of the rows."""
    row = Endorsement.objects.filter(pk=endorsement.pk).values(*STANDS).get()
    words = Organisation.objects.values("name", "kind", "town", "website", "logo_id", "parent_id")
    number = Endorsement.objects.listed().filter(statement=endorsement.statement_id).count()
    assert Statement.objects.get(pk=endorsement.statement_id).organisations == number
    return row | {"words": list(words), "number": number}


def test_undoing_an_approved_change_leaves_it_listed_with_the_old_words_and_the_change_in_the_queue(carol):
    endorsement = changed()
    before = stands(endorsement)
    deciding.approve(endorsement=endorsement, by=carol)
    assert (stands(endorsement)["public_message"], stands(endorsement)["words"][0]["name"]) == (
        "New words", NEW["name"]
    )  # fmt: skip
    was = Statement.objects.get(pk=endorsement.statement_id).changed_at
    assert deciding.undo(endorsement=endorsement, by=carol) is True
    assert stands(endorsement) == before
    assert (before["state"], before["public_message"], before["number"]) == ("listed", "Old words", 1)
    assert (list(Endorsement.objects.to_check()), log()[-1]) == ([endorsement], "Undone.")
    assert Statement.objects.get(pk=endorsement.statement_id).changed_at > was


def test_undoing_twice_takes_nothing_off_the_list():
    endorsement = changed()
    deciding.approve(endorsement=endorsement)
    deciding.undo(endorsement=endorsement)
    before = stands(endorsement)
    with pytest.raises(deciding.NothingToUndo):
        deciding.undo(endorsement=endorsement)
    assert stands(endorsement) == before


@pytest.mark.parametrize("make", [listed, changed])
def test_undoing_a_removal_puts_it_on_the_list_again(make, carol):
    endorsement = make()
    deciding.make_initial(endorsement=endorsement)
    before = stands(endorsement)
    deciding.decline(endorsement=endorsement, reason="It never agreed.", by=carol)
    assert stands(endorsement)["number"] == 0
    deciding.undo(endorsement=endorsement, by=carol)
    assert stands(endorsement) == before
    endorsement.refresh_from_db()
    assert (endorsement.is_initial, endorsement.position) == (True, 1)


def test_a_first_approval_leaves_a_known_organisation_as_it_was():
    known = OrganisationFactory(name="The Lantern Union", town="Eastside", website="https://known.example.org")
    endorsement = EndorsementFactory(**OLD)
    before = stands(endorsement)
    deciding.approve(endorsement=endorsement)
    known.refresh_from_db()
    assert (known.name, known.website) == ("Lantern Union", OLD["website"])
    deciding.undo(endorsement=endorsement)
    assert stands(endorsement) == before


def test_the_old_logo_waits_for_the_undo_and_is_thrown_away_after_the_next_decision():
    old, new = ({"logo": endorsing.store(picture())} for _ in range(2))
    endorsement = changed()
    Organisation.objects.update(**old)
    Endorsement.objects.update(**new)
    deciding.approve(endorsement=endorsement)
    assert (Organisation.objects.get().logo, chores.throw_away_logos()) == (new["logo"], 0)
    deciding.undo(endorsement=endorsement)
    assert Organisation.objects.get().logo == old["logo"]
    for _ in range(2):
        endorsing.revise(endorsement_id=endorsement.pk, town="Eastside")
        endorsement.refresh_from_db()
        deciding.approve(endorsement=endorsement)
    assert (chores.throw_away_logos(), list(Logo.objects.all())) == (1, [new["logo"]])


def test_what_the_representative_has_taken_away_since_does_not_come_back():
    endorsement = changed()
    deciding.approve(endorsement=endorsement)
    endorsing.revise(endorsement_id=endorsement.pk, message="", publish_contact=False)
    deciding.undo(endorsement=endorsement)
    assert [stands(endorsement)[name] for name in ("state", *WORDS)] == ["listed", "", ""]


def test_what_somebody_else_has_described_since_stays():
    endorsement = changed()
    deciding.approve(endorsement=endorsement)
    found = Organisation.objects.get()
    directory.describe(organisation=found, name="Lanterns", kind="charity", town=found.town, website=found.website)
    deciding.undo(endorsement=endorsement)
    found.refresh_from_db()
    assert (found.name, found.kind, found.town, found.website) == ("Lanterns", "charity", "Eastside", OLD["website"])


def test_the_moderator_who_said_it_was_another_organisation_takes_that_back():
    endorsement, other = changed(), OrganisationFactory(name="Threshold")
    before = stands(endorsement)
    deciding.approve(endorsement=endorsement, organisation=other)
    assert endorsement.organisation == other
    deciding.undo(endorsement=endorsement)
    assert stands(endorsement) == before


def test_an_organisation_that_was_merged_into_another_since_stays_merged():
    endorsement, other = changed(), OrganisationFactory(name="Threshold")
    deciding.approve(endorsement=endorsement)
    directory.merge(keep=other, gone=endorsement.organisation)
    deciding.undo(endorsement=endorsement)
    assert (stands(endorsement)["state"], endorsement.organisation, other.name) == ("listed", other, "Threshold")


def test_the_log_in_of_who_decided_before_may_be_gone(carol):
    endorsement = changed()
    deciding.approve(endorsement=endorsement, by=carol)
    User.objects.get(username="amal").delete()
    deciding.undo(endorsement=endorsement, by=carol)
    assert [stands(endorsement)[name] for name in ("state", "decided_by_id")] == ["listed", None]


def test_it_stays_declined_where_its_organisation_has_been_listed_since():
    endorsement = listed()
    deciding.decline(endorsement=endorsement, reason="No.")
    twin = EndorsementFactory(**OLD, statement=endorsement.statement, contact_email="twin@example.org")
    deciding.approve(endorsement=twin)
    with pytest.raises(deciding.AlreadyListed):
        deciding.undo(endorsement=endorsement)
    assert [stands(endorsement)[name] for name in ("state", "number")] == ["declined", 1]


def test_it_stays_approved_where_its_old_name_has_been_taken_since():
    endorsement = changed()
    deciding.approve(endorsement=endorsement)
    OrganisationFactory(name=OLD["name"], town=OLD["town"])
    with pytest.raises(deciding.Twin):
        deciding.undo(endorsement=endorsement)
    assert stands(endorsement)["public_message"] == "New words"


def test_only_the_mail_of_that_decision_is_stopped():
    endorsement = changed()
    deciding.approve(endorsement=endorsement)
    deciding.undo(endorsement=endorsement)
    assert list(OutgoingEmail.objects.values_list("kind", flat=True)) == ["endorsement_listed"]


@pytest.mark.parametrize("end", ["withdraw", "forget"])
def test_nothing_of_before_is_kept_once_it_is_withdrawn_or_forgotten(end):
    endorsement = changed()
    deciding.approve(endorsement=endorsement)
    if end == "withdraw":
        endorsing.withdraw(endorsement_id=endorsement.pk)
        assert chores.delete_withdrawn() == 0  # its representative may think better of it
        Endorsement.objects.update(withdrawn_at=timezone.now() - timedelta(minutes=11))
        assert (chores.delete_withdrawn(), Endorsement.objects.count()) == (1, 0)
        return
    Statement.objects.update(closes_at="2001-01-01T12:00:00Z", published_at="2000-01-01T12:00:00Z")
    assert chores.forget_representatives() == 1
    endorsement.refresh_from_db()
    assert endorsement.was is None


def test_the_page_offers_the_undo_once_and_says_what_it_did():
    mo, endorsement = staff("mo", "change_endorsement"), changed()
    page = f"/admin/organisations/endorsement/{endorsement.pk}/change/"
    mo.post(page, {"decision": "approve"})
    assert "on the list with the words it had before" in mo.get(page).content.decode()
    said = mo.post(page, {"decision": "undo"}, follow=True).content.decode()
    assert "It is listed as before, and its changes wait again." in said
    assert ('value="undo"' in said, "can still be undone" in said) == (False, False)
    again = mo.post(page, {"decision": "undo"}, follow=True).content.decode()
    assert "There is nothing to undo." in again


QUEUE = "/admin/organisations/endorsement/"


def ask(client, endorsement: Endorsement, question: str) -> str:
    typed = {"decision": "ask", "ask-question": question}
    return client.post(f"{QUEUE}{endorsement.pk}/change/", typed, follow=True).content.decode()


def test_a_question_is_withdrawn_before_its_mail_leaves():
    mo, endorsement = staff("mo", "change_endorsement"), EndorsementFactory()
    ask(mo, endorsement, "Which branch?")
    first = Endorsement.objects.get()
    assert 'class="undo"' in ask(mo, endorsement, "Which town?")
    said = mo.post(f"{QUEUE}undo/", follow=True).content.decode()
    assert "The question had not gone out and was stopped." in said
    now = Endorsement.objects.get()
    assert (now.state, now.question, now.asked_at) == ("waiting", "Which branch?", first.asked_at)
    assert (OutgoingEmail.objects.count(), log()[-1]) == (1, "Withdrew the question.")


def test_a_question_that_has_gone_out_stays():
    mo, endorsement = staff("mo", "change_endorsement"), EndorsementFactory()
    ask(mo, endorsement, "Which branch?")
    OutgoingEmail.objects.update(state="sent")
    said = mo.post(f"{QUEUE}undo/", follow=True).content.decode()
    assert "1 left as they are: The question has gone out already." in said
    assert Endorsement.objects.get().question == "Which branch?"
    with pytest.raises(deciding.QuestionIsOut):
        deciding.withdraw_question(endorsement=EndorsementFactory())


@pytest.mark.django_db(transaction=True)
def test_twelve_who_undo_at_once_go_one_step_back():
    endorsement = changed()
    before = stands(endorsement)
    deciding.approve(endorsement=endorsement)

    def undo(_) -> str:
        try:
            deciding.undo(endorsement=Endorsement.objects.get(pk=endorsement.pk))
        except deciding.NothingToUndo:
            return "undone already"
        return "undone"

    assert sorted(in_threads(undo, 12)) == ["undone", *["undone already"] * 11]
    assert stands(endorsement) == before


@pytest.mark.parametrize("first", ["waiting", "listed"])
def test_who_looked_before_it_was_decided_and_undone_has_not_seen_words_that_came_since(carol, first):
    """Undoing brought the old edition back, and with it words that nobody had read could be approved."""
    endorsement = changed() if first == "listed" else EndorsementFactory(**OLD, message="Old words")
    endorsement.refresh_from_db()
    seen = endorsement.edition
    deciding.approve(endorsement=endorsement, by=carol)
    endorsing.revise(endorsement_id=endorsement.pk, message="Unseen words")
    endorsement.refresh_from_db()
    deciding.undo(endorsement=endorsement, by=carol)
    with pytest.raises(deciding.NewerWords):
        deciding.approve(endorsement=endorsement, by=carol, seen=seen)
    endorsement.refresh_from_db()
    assert endorsement.public_message == {"waiting": "", "listed": "Old words"}[first]
