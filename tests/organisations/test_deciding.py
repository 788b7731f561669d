"""Approve, decline, ask, undo: what becomes public, who is told, and what is written down."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from core import redirects
from mail.models import OutgoingEmail
from organisations import deciding, directory, endorsing
from organisations.models import Endorsement, Organisation
from petitions.models import Statement
from petitions.signatures.signing import TIME_TO_UNDO
from submissions import agreeing
from tests.asking import mail_all
from tests.factories import EndorsementFactory, OrganisationFactory, StatementFactory
from tests.organisations.form import agree, ask, endorse, in_threads
from tests.staff import log

pytestmark = pytest.mark.django_db


@pytest.fixture
def carol():
    return User.objects.create_superuser("carol")


def count(statement: Statement) -> int:
    """The stored number, which must be that of the rows."""
    stored = Statement.objects.get(pk=statement.pk).organisations
    assert stored == Endorsement.objects.listed().filter(statement=statement).count()
    return stored


def mails() -> list[str]:
    return list(OutgoingEmail.objects.order_by("pk").values_list("kind", flat=True))


def test_approving_makes_the_organisation_lists_it_and_tells_the_representative(carol):
    endorsement = EndorsementFactory(name="Lantern Union, Eastside", publish_contact=True, message="Solidarity")
    deciding.approve(endorsement=endorsement, by=carol)
    organisation = Organisation.objects.get()
    assert (endorsement.state, endorsement.organisation, endorsement.decided_by) == ("listed", organisation, carol)
    assert (endorsement.public_contact, endorsement.public_message) == (
        "Winsome Nembhard, Branch secretary", "Solidarity"
    )  # fmt: skip
    assert (organisation.name, organisation.slug, organisation.kind) == (
        "Lantern Union, Eastside", "lantern-union-eastside", "union_branch"
    )  # fmt: skip
    assert (count(endorsement.statement), mails()) == (1, ["endorsement_listed"])
    assert log() == ["Approved."]


@pytest.mark.parametrize("state", ["declined", "withdrawn", "listed"])
def test_only_what_waits_can_be_approved(state):
    endorsement = EndorsementFactory()
    if state == "listed":
        deciding.approve(endorsement=endorsement)
    else:
        Endorsement.objects.update(state=state)
    with pytest.raises(deciding.NotWaiting):
        deciding.approve(endorsement=endorsement)
    assert count(endorsement.statement) == (state == "listed")


def test_a_known_organisation_is_not_made_twice():
    known = OrganisationFactory(name="Lantern Union", town="Eastside", website="https://lantern.example.org")
    endorsement = EndorsementFactory(name="The Lantern Union", town="eastside", website="")
    deciding.approve(endorsement=endorsement)
    known.refresh_from_db()
    assert (endorsement.organisation, Organisation.objects.count()) == (known, 1)
    assert (known.name, known.website, known.slug) == (
        "The Lantern Union", "https://lantern.example.org", known.slug
    )  # fmt: skip


def test_the_moderator_may_say_which_organisation_it_is_and_its_name_stays():
    known, union = OrganisationFactory(name="Eastside Libraries branch"), OrganisationFactory(name="Lantern Union")
    endorsement = EndorsementFactory(name="Lantern Eastside libs")
    deciding.approve(endorsement=endorsement, organisation=known, parent=union)
    known.refresh_from_db()
    assert (endorsement.organisation, known.name, known.parent) == (known, "Eastside Libraries branch", union)


def test_one_organisation_is_listed_once_on_a_statement_and_on_many_statements():
    first = EndorsementFactory(name="Lantern Union")
    twin = EndorsementFactory(name="Lantern Union", statement=first.statement, contact_email="other@example.org")
    elsewhere = EndorsementFactory(name="Lantern Union")
    deciding.approve(endorsement=first)
    with pytest.raises(deciding.AlreadyListed):
        deciding.approve(endorsement=twin)
    deciding.approve(endorsement=elsewhere)
    assert (count(first.statement), count(elsewhere.statement), Organisation.objects.count()) == (1, 1, 1)


def test_changing_into_another_organisation_is_refused():
    OrganisationFactory(name="Threshold", town="Eastside")
    endorsement = EndorsementFactory(name="Lantern")
    deciding.approve(endorsement=endorsement)
    endorsement = endorsing.revise(endorsement_id=endorsement.pk, name="Threshold")
    with pytest.raises(deciding.Twin):
        deciding.approve(endorsement=endorsement)
    assert Organisation.objects.filter(name="Lantern").exists()


def test_declining_says_why(carol):
    endorsement = EndorsementFactory()
    with pytest.raises(deciding.NoReason):
        deciding.decline(endorsement=endorsement, reason="  ", by=carol)
    deciding.decline(endorsement=endorsement, reason=" Not voted yet. ", by=carol)
    assert (endorsement.state, endorsement.decided_reason, mails()) == (
        "declined", "Not voted yet.", ["endorsement_declined"]
    )  # fmt: skip
    assert log() == ["Declined: Not voted yet."]


def test_a_listed_one_can_be_taken_off(carol):
    endorsement = EndorsementFactory(message="Solidarity", publish_contact=True)
    deciding.approve(endorsement=endorsement)
    deciding.decline(endorsement=endorsement, reason="It never agreed.", by=carol)
    assert (count(endorsement.statement), endorsement.public_message, endorsement.public_contact) == (0, "", "")
    assert log() == ["Taken off the list: It never agreed."]


@pytest.mark.parametrize("make", ["submission", "revision"])
def test_nobody_decides_about_words_that_they_have_not_read(statement, make):
    read = endorse(statement, message="Solidarity")
    if make == "submission":
        endorse(statement, message="Buy our shelves")
    else:
        endorsing.revise(endorsement_id=read.pk, message="Buy our shelves")
    seen = read.edition
    for decide, more in ((deciding.approve, {}), (deciding.decline, {"reason": "No."})):
        with pytest.raises(deciding.NewerWords, match="newer words since you looked"):
            decide(endorsement=read, **more)
        with pytest.raises(deciding.NewerWords):
            decide(endorsement=Endorsement.objects.get(), seen=seen, **more)
    assert (Endorsement.objects.get().state, count(statement)) == ("waiting", 0)
    approved = deciding.approve(endorsement=Endorsement.objects.get())
    assert (approved.public_message, approved.decided_submission_id) == ("Buy our shelves", approved.submission_id)


def test_asking_keeps_it_in_the_queue(carol):
    endorsement = EndorsementFactory()
    deciding.ask(endorsement=endorsement, question="Which branch?", by=carol)
    assert (endorsement.state, endorsement.question, mails()) == ("waiting", "Which branch?", ["endorsement_question"])
    assert list(Endorsement.objects.to_check()) == [endorsement]
    mail = OutgoingEmail.objects.get()
    assert mail.due_at - mail.created_at > TIME_TO_UNDO * 0.9


@pytest.mark.parametrize("decide", ["approve", "decline"])
def test_undo_puts_it_back_and_stops_the_mail_that_has_not_gone(decide, carol):
    endorsement = EndorsementFactory()
    more = {"reason": "No."} if decide == "decline" else {}
    getattr(deciding, decide)(endorsement=endorsement, by=carol, **more)
    assert deciding.undo(endorsement=endorsement, by=carol) is True
    assert (endorsement.state, count(endorsement.statement), mails()) == ("waiting", 0, [])
    assert log()[-1] == "Undone."
    with pytest.raises(deciding.NothingToUndo):
        deciding.undo(endorsement=endorsement, by=carol)


def test_undo_says_when_the_mail_has_gone():
    endorsement = EndorsementFactory()
    deciding.approve(endorsement=endorsement)
    OutgoingEmail.objects.update(state="sent")
    assert deciding.undo(endorsement=endorsement) is False


def test_the_campaigner_orders_the_initial_supporters(carol):
    statement = StatementFactory()
    rows = [EndorsementFactory(statement=statement) for _ in range(3)]
    for endorsement in rows:
        deciding.approve(endorsement=endorsement)
        deciding.make_initial(endorsement=endorsement, by=carol)
    assert [endorsement.position for endorsement in rows] == [1, 2, 3]
    deciding.arrange(statement=statement, order=[rows[2].pk, rows[0].pk, rows[1].pk], by=carol)
    assert list(statement.endorsements.order_by("position")) == [rows[2], rows[0], rows[1]]
    deciding.make_initial(endorsement=rows[0], initial=False)
    assert (rows[0].is_initial, rows[0].position) == (False, 0)


def test_a_merger_loses_no_endorsement(carol):
    one, two = StatementFactory(), StatementFactory()
    keep = deciding.approve(endorsement=EndorsementFactory(statement=one, name="Lantern Union")).organisation
    first = EndorsementFactory(statement=one, name="Lanternn Union")
    gone = deciding.approve(endorsement=first).organisation
    deciding.approve(endorsement=EndorsementFactory(statement=two, name="Lanternn Union"))
    branch = OrganisationFactory(parent=gone)

    directory.merge(keep=keep, gone=gone, by=carol)

    assert (count(one), count(two), Endorsement.objects.filter(organisation=keep).count()) == (1, 1, 3)
    branch.refresh_from_db()
    assert (branch.parent, Organisation.objects.filter(pk=gone.pk).exists()) == (keep, False)
    assert list(redirects.to(keep.get_absolute_url())) == ["/organisations/lanternn-union"]
    assert log() == ["Merged “Lanternn Union” into it."]


def test_merging_keeps_the_better_place_and_what_only_the_other_knew():
    statement = StatementFactory()
    keep = deciding.approve(endorsement=EndorsementFactory(statement=statement, name="Lantern", town="")).organisation
    other = EndorsementFactory(statement=statement, name="Lantern", town="Eastside", website="https://l.example.org")
    gone = deciding.approve(endorsement=other).organisation
    deciding.make_initial(endorsement=other)
    directory.merge(keep=keep, gone=gone)
    keep.refresh_from_db()
    assert (keep.town, keep.website) == ("Eastside", "https://l.example.org")
    assert Endorsement.objects.listed().get().is_initial is True


def test_an_organisation_is_no_branch_of_itself_or_its_branches():
    union = OrganisationFactory(name="Lantern")
    branch = OrganisationFactory(name="Lantern, Eastside", parent=union)
    for parent in (union, branch):
        with pytest.raises(directory.OwnBranch):
            directory.describe(organisation=union, name="Lantern", kind="other", parent=parent)
    with pytest.raises(directory.SameOrganisation):
        directory.merge(keep=union, gone=union)


def test_a_taken_address_gets_a_number():
    deciding.approve(endorsement=EndorsementFactory(name="Lantern", town="Eastside"))
    endorsement = deciding.approve(endorsement=EndorsementFactory(name="Lantern", town="Northquay"))
    assert endorsement.organisation.slug == "lantern-2"
    assert deciding.approve(endorsement=EndorsementFactory(name="李伟")).organisation.slug == "organisation"


@pytest.mark.django_db(transaction=True)
def test_of_twelve_who_approve_at_once_one_lists_it():
    endorsement = EndorsementFactory()

    def approve(_):
        try:
            return deciding.approve(endorsement=Endorsement.objects.get(pk=endorsement.pk)).state
        except deciding.NotWaiting:
            return "decided already"

    outcomes = in_threads(approve, 12)
    assert sorted(outcomes) == ["decided already"] * 11 + ["listed"]
    assert (count(endorsement.statement), mails()) == (1, ["endorsement_listed"])


@pytest.mark.django_db(transaction=True)
def test_twelve_twins_approved_at_once_make_one_tile():
    statement = StatementFactory()
    twins = [
        EndorsementFactory(statement=statement, name="Lantern Union", contact_email=f"rep{number}@example.org")
        for number in range(12)
    ]

    def approve(number):
        try:
            return deciding.approve(endorsement=twins[number]).state
        except deciding.DecidingError as error:
            return type(error).__name__

    outcomes = in_threads(approve, 12)
    assert sorted(outcomes) == ["AlreadyListed"] * 11 + ["listed"]
    assert (count(statement), Organisation.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_twelve_of_one_organisation_on_twelve_statements_at_once_make_one_organisation():
    rows = [EndorsementFactory(name="Lantern Union") for _ in range(12)]

    def approve(number):
        return deciding.approve(endorsement=rows[number]).organisation_id

    assert (len(set(in_threads(approve, 12))), Organisation.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_approving_and_withdrawing_at_once_leave_the_number_true():
    statement = StatementFactory()
    rows = [endorse(statement, contact_email=f"rep{number}@example.org", organisation=f"Society {number}")
            for number in range(8)]  # fmt: skip

    def work(number):
        endorsement = Endorsement.objects.get(pk=rows[number % 8].pk)
        try:
            if number < 8:
                deciding.approve(endorsement=endorsement)
            else:
                endorsing.withdraw(endorsement_id=endorsement.pk)
        except (deciding.DecidingError, endorsing.NotThere):
            return

    in_threads(work, 16)
    count(statement)


@pytest.mark.django_db(transaction=True)
def test_twelve_who_withdraw_at_once_leave_the_number_true():
    statement = StatementFactory()
    rows = [deciding.approve(endorsement=EndorsementFactory(statement=statement)) for _ in range(12)]
    in_threads(lambda number: endorsing.withdraw(endorsement_id=rows[number].pk), 12)
    assert count(statement) == 0


@pytest.mark.django_db(transaction=True)
def test_approving_while_newer_words_are_agreed_to_publishes_none_that_nobody_has_read():
    statement = StatementFactory()
    read = [endorse(statement, organisation=f"Society {number}", message="Read") for number in range(6)]
    newer = [ask(statement, organisation=f"Society {number}", message="Unread") for number in range(6)]

    def work(number):
        if number >= 6:
            return agree(newer[number - 6]).state
        try:
            return deciding.approve(endorsement=read[number]).state
        except deciding.NewerWords:
            return "refused"

    outcomes = in_threads(work, 12)
    for row, approved, agreed in zip(read, outcomes[:6], outcomes[6:], strict=True):
        row.refresh_from_db()
        stands = {"listed": ("listed", "Read", True), "refused": ("waiting", "", False)}[approved]
        assert (row.message, row.state, row.public_message, row.changed_at is not None) == ("Unread", *stands)
        assert agreed == row.state
    count(statement)


@pytest.mark.django_db(transaction=True)
def test_agreeing_while_the_statement_closes_for_good_is_all_or_nothing():
    statement = StatementFactory()
    submissions = [ask(statement, organisation=f"Society {number}") for number in range(6)]
    mail_all()

    def work(number):
        if number == 6:
            Statement.objects.filter(pk=statement.pk).update(hidden_at=timezone.now())
            return "hidden"
        try:
            return agree(submissions[number]).state
        except agreeing.NotAgreed as refusal:
            return refusal.state

    outcomes = in_threads(work, 7)[:6]
    assert set(outcomes) <= {"waiting", "hidden"}
    assert Endorsement.objects.count() == outcomes.count("waiting")
    assert OutgoingEmail.objects.filter(kind="endorsement_received").count() == outcomes.count("waiting")


def test_what_was_merged_away_meanwhile_comes_back_by_no_decision(statement):
    """Saving the row in hand would have made the organisation anew."""
    keep, gone, parent = (OrganisationFactory() for _ in range(3))
    endorsement = endorse(statement)
    directory.merge(keep=keep, gone=Organisation.objects.get(pk=gone.pk))
    directory.merge(keep=keep, gone=Organisation.objects.get(pk=parent.pk))
    with pytest.raises(deciding.MergedMeanwhile):
        deciding.approve(endorsement=endorsement, organisation=gone)
    with pytest.raises(deciding.MergedMeanwhile):
        deciding.approve(endorsement=endorsement, parent=parent)
    with pytest.raises(directory.MergedMeanwhile):
        directory.merge(keep=gone, gone=keep)
    with pytest.raises(directory.MergedMeanwhile):
        directory.describe(organisation=gone, name="Lantern", kind="other")
    assert list(Organisation.objects.all()) == [keep]
