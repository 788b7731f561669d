"""What a representative does: endorse, agree, change, withdraw; and what the door does not tell."""

import io
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.addresses import address_key
from mail.models import OutgoingEmail
from organisations import chores, deciding, endorsing, logos
from organisations.models import Endorsement, EndorsementSubmission, Logo, Organisation
from petitions.models import Statement
from submissions import agreeing, status
from tests.asking import later, mail_all
from tests.factories import EndorsementFactory, StatementFactory, VersionFactory
from tests.moments import from_now
from tests.organisations.form import agree, ask, endorse, endorse_with_logo, in_threads, typed
from tests.organisations.pictures import png

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=-30)


def kinds():
    return list(OutgoingEmail.objects.order_by("pk").values_list("kind", flat=True))


def listed(statement, **more):
    return deciding.approve(endorsement=endorse(statement, **more))


def state(submission):
    return agreeing.state(endorsing.NUMBER, submission.pk)


def test_asking_writes_one_submission_and_one_mail(statement):
    asked = endorsing.endorse(statement=statement, ip_key="k", **typed())

    submission = EndorsementSubmission.objects.get()
    assert (submission.pk, submission.reference, submission.name, submission.version, submission.ip_key) == (
        asked.submission_id, asked.reference, "Lantern Union, Eastside branch", statement.version, "k"
    )  # fmt: skip
    mail = OutgoingEmail.objects.get()
    assert (mail.pk, mail.kind, mail.recipient, mail.lane, mail.context) == (
        asked.mail_id, "endorsement_confirm", "branch@lantern.example.org", OutgoingEmail.Lane.CONFIRM,
        {"submission": submission.pk},
    )  # fmt: skip
    assert (Endorsement.objects.count(), Organisation.objects.count()) == (0, 0)


def test_the_consent_sentence_and_the_notice_are_kept(statement, settings):
    consent = endorse(statement).consent
    assert consent.text.startswith("By sending this, you say that your organisation has agreed")
    assert settings.CONTROLLER in consent.notice


@pytest.mark.parametrize("stands", ["asked", "waiting", "listed", "declined", "withdrawn"])
def test_asking_again_is_a_second_row_and_changes_nothing_of_the_first(statement, stands):
    first = ask(statement)
    if stands != "asked":
        endorsement = agree(first)
        if stands == "listed":
            deciding.approve(endorsement=endorsement)
        elif stands == "declined":
            deciding.decline(endorsement=endorsement, reason="No.")
        elif stands == "withdrawn":
            endorsing.withdraw(endorsement_id=endorsement.pk)
    before = [list(model.objects.values()) for model in (EndorsementSubmission, Endorsement)]
    second = ask(statement, message="Taken over", contact_name="Somebody Else")
    rows = EndorsementSubmission.objects.exclude(pk=second.pk).values()
    assert [list(rows), list(Endorsement.objects.values())] == before
    assert kinds()[-1] == "endorsement_confirm"


def test_the_database_refuses_to_change_what_was_typed(statement):
    submission = ask(statement, message="Solidarity")
    changes = [{"name": "Another"}, {"name_key": "another"}, {"message": ""}, {"agreed_on": None}, {"email": ""}]
    for change in changes:
        with pytest.raises(IntegrityError, match=r"What was typed is never changed\."), transaction.atomic():
            EndorsementSubmission.objects.update(**change)
    agree(submission)
    stub = EndorsementSubmission.objects.get()
    assert (stub.name, stub.email, stub.contact_name, stub.message, stub.agreed_on, stub.agreed_how) == (
        "", "", "", "", None, ""
    )  # fmt: skip


def test_the_database_knows_from_where_to_where_an_endorsement_goes():
    for old, allowed in endorsing.MOVES.items():
        for new in Endorsement.State:
            endorsement = listed_row() if old == "listed" else EndorsementFactory(state=old)
            rows = Endorsement.objects.filter(pk=endorsement.pk)
            to = {"state": new, "organisation": endorsement.organisation or listed_row().organisation}
            if new == old or new in allowed:
                assert rows.update(**to, listed_at=timezone.now()) == 1
            else:
                with pytest.raises(IntegrityError, match="It cannot go from there to there"), transaction.atomic():
                    rows.update(**to)


def listed_row():
    return deciding.approve(endorsement=EndorsementFactory())


def test_the_door_does_the_same_work_for_known_and_unknown_representatives(statement, django_assert_num_queries):
    ask(statement, contact_email="first@example.org")  # writes the consent down
    endorse(statement)
    for more in ({}, {"contact_email": "new@example.org"}):
        with django_assert_num_queries(1):
            endorsing.endorse(statement=statement, **typed(**more))


@pytest.mark.parametrize(
    "change",
    [
        {"closed_at": LONG_AGO},
        {"closes_at": timedelta(seconds=-1)},
        {"published_at": None},
        {"hidden_at": LONG_AGO},
        {"signed_by": "people"},
    ],
)
def test_nothing_gets_in_unless_the_statement_takes_organisations(statement, change):
    change = from_now({"published_at": LONG_AGO - timedelta(days=9), **change})
    Statement.objects.filter(pk=statement.pk).update(**change)
    for more in ({}, {"logo": logos.draw(io.BytesIO(png()))}):
        with pytest.raises(endorsing.StatementClosed):
            ask(statement, **more)
    with pytest.raises(endorsing.StatementClosed):
        endorsing.remind(statement=statement, email="a@example.org", meets_on=timezone.localdate())
    assert [model.objects.count() for model in (EndorsementSubmission, OutgoingEmail, Logo)] == [0, 0, 0]


def test_agreeing_puts_exactly_that_before_the_moderators_once(statement):
    submission = ask(statement, message="Solidarity", publish_contact=True, website="https://l.example.org", via="wa")
    endorsement = agree(submission)
    assert (endorsement.state, endorsement.submission_id, endorsement.source) == ("waiting", submission.pk, "form")
    kept = [getattr(submission, name) for name in endorsing.TAKEN]
    assert [getattr(endorsement, name) for name in endorsing.TAKEN] == kept
    assert (endorsement.contact_email, bytes(endorsement.address_key), endorsement.created_at) == (
        "branch@lantern.example.org", address_key("branch@lantern.example.org"), submission.created_at
    )  # fmt: skip
    with pytest.raises(agreeing.NotAgreed, match="agreed"):
        agree(submission)
    assert kinds() == ["endorsement_confirm", "endorsement_received"]
    assert list(Endorsement.objects.to_check()) == [endorsement]
    statement.refresh_from_db()
    assert (statement.organisations, Organisation.objects.count()) == (0, 0)


def test_what_waits_takes_the_owners_newer_answers(statement):
    first = endorse_with_logo(statement, town="Estaside")
    again = endorse(statement, town="Eastside", organisation="LANTERN UNION  Eastside Branch")
    assert (again.pk, again.town, again.name, again.state, again.confirmed_at, again.logo) == (
        first.pk, "Eastside", "LANTERN UNION Eastside Branch", "waiting", first.confirmed_at, first.logo
    )  # fmt: skip
    assert again.agreed_at > first.agreed_at


def test_what_is_listed_keeps_its_approved_words_until_somebody_has_looked(statement):
    endorsement = listed(statement, message="Solidarity", town="Eastside")
    again = endorse(statement, message="Buy our shelves", town="Northquay")
    assert (again.pk, again.state, again.message, again.public_message) == (
        endorsement.pk, "listed", "Buy our shelves", "Solidarity"
    )  # fmt: skip
    assert (again.organisation.town, list(Endorsement.objects.to_check())) == ("Eastside", [again])
    statement.refresh_from_db()
    assert (statement.organisations, kinds()[-1]) == (1, "endorsement_received")
    deciding.approve(endorsement=again)
    again.organisation.refresh_from_db()
    assert (again.public_message, again.organisation.town) == ("Buy our shelves", "Northquay")


def test_leaving_out_the_name_of_a_listed_one_acts_at_once(statement):
    listed(statement, message="Solidarity", publish_contact=True)
    again = endorse(statement, message="", publish_contact=False)
    assert (again.state, again.public_message, again.public_contact) == ("listed", "", "")


@pytest.mark.parametrize("before", ["declined", "withdrawn"])
def test_what_was_declined_or_withdrawn_waits_anew(statement, before):
    endorsement = listed(statement, message="Old words")
    if before == "declined":
        deciding.decline(endorsement=endorsement, reason="No.")
    else:
        endorsing.withdraw(endorsement_id=endorsement.pk)
    again = endorse(statement, message="New words")
    assert (again.pk, again.state, again.message, again.withdrawn_at, again.was) == (
        endorsement.pk, "waiting", "New words", None, None
    )  # fmt: skip
    with pytest.raises(deciding.NothingToUndo):
        deciding.undo(endorsement=again)
    deciding.approve(endorsement=again)
    statement.refresh_from_db()
    assert (statement.organisations, Organisation.objects.count()) == (1, 1)


def test_agreeing_ends_only_its_sames(statement):
    forged = ask(statement, message="Forged")
    others = [
        ask(statement, organisation="Lantern Union, Northquay branch"),
        ask(statement, contact_email="branch+x@lantern.example.org"),
        ask(StatementFactory()),
    ]
    endorsement = endorse(statement)
    assert [state(one) for one in (forged, *others)] == ["superseded", "waiting", "waiting", "waiting"]
    with pytest.raises(agreeing.NotAgreed, match="superseded"):
        agree(forged)
    endorsement.refresh_from_db()
    assert endorsement.message == ""
    for one in others:
        agree(one)
    assert Endorsement.objects.count() == 4


def test_a_withdrawn_one_can_come_back_by_what_was_asked_before(statement):
    older = ask(statement, message="Older")
    endorsement = endorse(statement)
    endorsing.withdraw(endorsement_id=endorsement.pk)
    assert (agree(older).pk, agree_again_is(older)) == (endorsement.pk, "agreed")


def agree_again_is(submission):
    with pytest.raises(agreeing.NotAgreed) as refusal:
        agree(submission)
    return refusal.value.state


def test_it_is_given_to_the_version_that_was_on_the_screen(statement):
    VersionFactory(statement=statement)
    assert [endorse(statement, seen_version=seen).version.number for seen in (1, 2, 0, 99)] == [1, 2, 2, 2]


def test_an_expired_one_cannot_be_agreed_to(statement, settings):
    submission = ask(statement)
    mail_all()
    later(days=settings.UNCONFIRMED_DAYS, minutes=-1)
    assert state(submission) == "waiting"
    later(minutes=2)
    with pytest.raises(agreeing.NotAgreed, match="expired"):
        agree(submission)
    assert Endorsement.objects.count() == 0


@pytest.mark.parametrize(("hours", "stands"), [(23, "waiting"), (25, "closed")])
def test_a_day_of_grace_after_closing(statement, hours, stands):
    submission = ask(statement)
    mail_all()
    later(days=3)
    change = from_now({"published_at": LONG_AGO, "closes_at": timedelta(hours=-hours)})
    Statement.objects.filter(pk=statement.pk).update(**change)
    assert state(submission) == stands


def test_a_statement_that_takes_organisations_no_more_is_closed_to_them(statement):
    submission = ask(statement)
    Statement.objects.filter(pk=statement.pk).update(signed_by="people")
    assert agree_again_is(submission) == "closed"


def test_this_was_not_me_ends_it_and_leaves_what_was_agreed_alone(statement):
    endorsement, submission = endorse(statement), ask(statement, message="Forged")
    assert agreeing.disown(endorsing.NUMBER, submission.pk) is True
    assert (agree_again_is(submission), Endorsement.objects.get().message) == ("ended", "")
    assert agreeing.disown(endorsing.NUMBER, endorsement.submission_id) is False


def test_twins_in_a_hurry_with_one_logo_are_one_line_in_the_mail(statement):
    first, second, other = (ask(statement, logo=logos.draw(io.BytesIO(png(width)))) for width in (60, 60, 61))
    digests = [bytes(one.digest) for one in (first, second, other)]
    assert (digests[0] == digests[1], digests[0] == digests[2]) == (True, False)
    assert len({one.logo_id for one in (first, second, other)}) == 3


def test_the_logo_of_what_is_only_asked_for_is_kept_until_that_is_gone(statement):
    submission = ask(statement, logo=logos.draw(io.BytesIO(png())))
    assert chores.throw_away_logos() == 0
    endorsement = agree(submission)
    assert (endorsement.logo.width, chores.throw_away_logos()) == (60, 0)
    forged = ask(statement, logo=logos.draw(io.BytesIO(png())))
    forged.delete()
    assert (chores.throw_away_logos(), Logo.objects.get()) == (1, endorsement.logo)


def test_withdrawing_takes_it_off_the_list_and_out_of_the_count(statement):
    endorsement = listed(statement, message="Solidarity", publish_contact=True)
    statement.refresh_from_db()
    before = statement.changed_at
    endorsing.withdraw(endorsement_id=endorsement.pk)
    endorsement.refresh_from_db()
    statement.refresh_from_db()
    assert (endorsement.state, endorsement.public_message, endorsement.public_contact) == ("withdrawn", "", "")
    assert (statement.organisations, statement.changed_at > before) == (0, True)
    with pytest.raises(endorsing.NotThere, match="withdrawn"):
        endorsing.withdraw(endorsement_id=endorsement.pk)
    with pytest.raises(endorsing.NotThere, match="unknown"):
        endorsing.withdraw(endorsement_id=0)


def test_changes_go_to_review_and_the_list_shows_what_was_approved(statement):
    endorsement = listed(statement, message="Solidarity")
    endorsing.revise(endorsement_id=endorsement.pk, name="Totally Different Ltd", message="Buy our shelves")
    endorsement.refresh_from_db()
    assert (endorsement.state, endorsement.public_message, endorsement.organisation.name) == (
        "listed", "Solidarity", "Lantern Union, Eastside branch"
    )  # fmt: skip
    assert list(Endorsement.objects.to_check()) == [endorsement]
    deciding.approve(endorsement=endorsement)
    endorsement.organisation.refresh_from_db()
    assert (endorsement.organisation.name, endorsement.public_message) == ("Totally Different Ltd", "Buy our shelves")
    assert list(Endorsement.objects.to_check()) == []


def test_taking_something_away_acts_at_once(statement):
    endorsement = listed(statement, message="Solidarity", publish_contact=True)
    assert endorsement.public_contact == "Winsome Nembhard, Branch secretary"
    before = Statement.objects.get(pk=statement.pk).changed_at
    endorsing.revise(endorsement_id=endorsement.pk, message="", publish_contact=False)
    endorsement.refresh_from_db()
    assert (endorsement.public_message, endorsement.public_contact) == ("", "")
    assert Statement.objects.get(pk=statement.pk).changed_at > before


def test_the_mailbox_cannot_be_changed(statement):
    endorsement = listed(statement)
    with pytest.raises(TypeError, match="contact_email"):
        endorsing.revise(endorsement_id=endorsement.pk, contact_email="new@example.org")


def test_the_reminder_comes_the_morning_after_and_nobody_moves_it(statement):
    first = endorsing.remind(statement=statement, email="sec@example.org", meets_on=date(2027, 1, 7))
    mail = endorsing.remind(statement=statement, email="Sec+x@example.org", meets_on=date(2027, 1, 14))
    assert set(OutgoingEmail.objects.all()) == {first, mail}
    assert timezone.localtime(mail.due_at).isoformat() == "2027-01-15T08:30:00+00:00"
    own = address_key("sec+x@example.org").hex()
    assert mail.context == {"statement": statement.pk, "met": "2027-01-14", "address": own}


def test_a_reminder_that_went_out_is_forgotten(statement):
    mail = endorsing.remind(statement=statement, email="sec@example.org", meets_on=date(2027, 1, 7))
    assert chores.forget_meetings() == 0
    OutgoingEmail.objects.filter(pk=mail.pk).update(state="sent", finished_at=timezone.now())
    assert chores.forget_meetings() == 1
    assert OutgoingEmail.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_twelve_who_press_at_once_one_agrees():
    submission = ask(StatementFactory())

    def press(_):
        try:
            return agreeing.agree(endorsing.NUMBER, submission.pk).state
        except agreeing.NotAgreed as refusal:
            return f"already {refusal.state}"

    outcomes = in_threads(press, 12)
    assert sorted(outcomes) == ["already agreed"] * 11 + ["waiting"]
    assert OutgoingEmail.objects.filter(kind="endorsement_received").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_twelve_sames_agreed_at_once_one_stands():
    statement = StatementFactory()
    submissions = [ask(statement, message=f"Words {number}") for number in range(12)]

    def press(number):
        try:
            return agreeing.agree(endorsing.NUMBER, submissions[number].pk).state
        except agreeing.NotAgreed as refusal:
            return refusal.state

    outcomes = in_threads(press, 12)
    assert sorted(outcomes) == ["superseded"] * 11 + ["waiting"]
    endorsement = Endorsement.objects.get()
    assert endorsement.message == f"Words {[one.pk for one in submissions].index(endorsement.submission_id)}"
    assert status.of([(endorsing.NUMBER, endorsement.submission_id)])[0].result_id == endorsement.pk


@pytest.mark.parametrize("how", ["closed_at", "closes_at"])
def test_representatives_are_forgotten_after_the_statement_and_the_list_stays(statement, settings, how):
    endorsements = [
        listed(statement, publish_contact=True, message="Solidarity"),
        endorse(statement, contact_email="twin@example.org"),
    ]
    closed = timezone.now() - timedelta(days=settings.ANONYMISE_AFTER_CLOSING_DAYS, minutes=1)
    Statement.objects.filter(pk=statement.pk).update(**{"published_at": closed - timedelta(days=9), how: closed})
    kept = listed(StatementFactory())
    assert (chores.forget_representatives(), chores.forget_representatives()) == (2, 0)
    for endorsement, stands in zip(endorsements, ["listed", "waiting"], strict=True):
        endorsement.refresh_from_db()
        assert (endorsement.contact_email, endorsement.contact_name, endorsement.state) == ("", "", stands)
        nobody = endorsement.pk.to_bytes(16, "big")
        assert (bytes(endorsement.address_key), bytes(endorsement.mailbox_key)) == (nobody, nobody)
    assert endorsements[0].public_contact == "Winsome Nembhard, Branch secretary"
    kept.refresh_from_db()
    assert kept.contact_email == "branch@lantern.example.org"
    deciding.decline(endorsement=endorsements[0], reason="It never agreed.")


def test_networks_are_forgotten_after_a_week(settings):
    old, young = (EndorsementFactory(ip_key="k") for _ in range(2))
    ago = timezone.now() - timedelta(days=settings.IP_KEY_DAYS, minutes=1)
    Endorsement.objects.filter(pk=old.pk).update(created_at=ago)
    assert (chores.forget_networks(), chores.forget_networks()) == (1, 0)
    assert [Endorsement.objects.get(pk=row.pk).ip_key for row in (old, young)] == ["", "k"]


def test_what_was_declined_is_deleted_in_its_time(settings):
    """What nobody decided about: tests/mail/test_farewell.py."""
    old, young = (EndorsementFactory(state="declined", decided_at=timezone.now()) for _ in range(2))
    ago = timezone.now() - timedelta(days=settings.DECLINED_DAYS, minutes=1)
    Endorsement.objects.filter(pk=old.pk).update(decided_at=ago)
    assert (chores.delete_declined(), chores.delete_declined(), Endorsement.objects.get()) == (1, 0, young)
