"""What a representative does: endorse, confirm, change, withdraw; and what the door does not tell."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from core import tokens
from mail.models import OutgoingEmail, Suppression
from organisations import chores, deciding, endorsing
from organisations.models import Endorsement, Organisation
from petitions.models import Statement
from tests.factories import StatementFactory
from tests.organisations.form import endorse, in_threads, typed

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - timedelta(days=30)


def kinds():
    return list(OutgoingEmail.objects.order_by("pk").values_list("kind", flat=True))


def test_endorsing_writes_one_unconfirmed_row_and_one_mail(statement):
    receipt = endorsing.endorse(statement=statement, ip_key="k", **typed())

    endorsement = Endorsement.objects.get()
    assert (endorsement.pk, endorsement.state, endorsement.name, endorsement.version, endorsement.organisation) == (
        receipt.endorsement_id, "unconfirmed", "Lantern Union, Eastside branch", statement.version, None
    )  # fmt: skip
    mail = OutgoingEmail.objects.get()
    assert (mail.pk, mail.kind, mail.recipient, mail.lane) == (
        receipt.mail_id, "endorsement_confirm", "branch@lantern.example.org", OutgoingEmail.Lane.CONFIRM
    )  # fmt: skip
    assert mail.context == {"statement": statement.pk, "endorsement": endorsement.pk, "ip": "k"}
    assert Organisation.objects.count() == 0


def test_the_consent_sentence_and_the_notice_are_kept(statement, settings):
    consent = endorse(statement).consent
    assert consent.text.startswith("By sending this, you say that your organisation has agreed")
    assert settings.CONTROLLER in consent.notice


def test_sending_again_before_confirming_replaces_what_was_typed(statement):
    first = endorse(statement, town="Estaside")
    again = endorse(statement, town="Eastside", organisation="LANTERN UNION  Eastside Branch")
    assert (again.pk, again.town, again.name) == (first.pk, "Eastside", "LANTERN UNION  Eastside Branch")
    assert kinds() == ["endorsement_confirm", "endorsement_confirm"]


def test_one_mailbox_may_speak_for_two_branches(statement):
    endorse(statement)
    endorse(statement, organisation="Lantern Union, Northquay branch")
    assert Endorsement.objects.count() == 2


@pytest.mark.parametrize("state", ["waiting", "listed"])
def test_sending_again_later_changes_nothing_and_looks_the_same(statement, state):
    endorsement = endorse(statement)
    endorsing.confirm(endorsement_id=endorsement.pk)
    if state == "listed":
        deciding.approve(endorsement=endorsement)
    receipt = endorsing.endorse(statement=statement, **typed(message="Taken over", contact_name="Somebody Else"))
    endorsement.refresh_from_db()
    assert (receipt.endorsement_id, endorsement.state, endorsement.message, endorsement.contact_name) == (
        endorsement.pk, state, "", "Winsome Nembhard"
    )  # fmt: skip
    assert kinds()[-1] == "endorsement_confirm"


def test_the_door_does_the_same_work_for_known_and_unknown_representatives(statement, django_assert_num_queries):
    endorse(statement, contact_email="first@example.org")  # writes the consent down
    endorsement = endorse(statement)
    endorsing.confirm(endorsement_id=endorsement.pk)
    with django_assert_num_queries(1):
        endorsing.endorse(statement=statement, **typed())
    with django_assert_num_queries(1):
        endorsing.endorse(statement=statement, **typed(contact_email="new@example.org"))


@pytest.mark.parametrize(
    "change",
    [
        {"closed_at": LONG_AGO},
        {"closes_at": timezone.now() - timedelta(seconds=1)},
        {"published_at": None},
        {"hidden_at": LONG_AGO},
        {"signed_by": "people"},
    ],
)
def test_nothing_gets_in_unless_the_statement_takes_organisations(statement, change):
    Statement.objects.filter(pk=statement.pk).update(**{"published_at": LONG_AGO - timedelta(days=9), **change})
    with pytest.raises(endorsing.StatementClosed):
        endorse(statement)
    with pytest.raises(endorsing.StatementClosed):
        endorsing.remind(statement=statement, email="a@example.org", meets_on=timezone.localdate())
    assert (Endorsement.objects.count(), OutgoingEmail.objects.count()) == (0, 0)


def test_confirming_puts_it_in_the_queue_once(statement):
    endorsement = endorse(statement)
    assert endorsing.standing(endorsement) == "ready"
    confirmed = endorsing.confirm(endorsement_id=endorsement.pk)
    assert (confirmed.state, confirmed.confirmed_at is not None) == ("waiting", True)
    with pytest.raises(endorsing.NotConfirmed) as refusal:
        endorsing.confirm(endorsement_id=endorsement.pk)
    assert refusal.value.state == "waiting"
    assert kinds() == ["endorsement_confirm", "endorsement_received"]
    assert list(Endorsement.objects.to_check()) == [endorsement]
    statement.refresh_from_db()
    assert (statement.organisations, Organisation.objects.count()) == (0, 0)


def test_the_code_confirms_and_has_ten_tries(statement):
    endorsement = endorse(statement)
    code = tokens.code(endorsing.CONFIRM, endorsement.pk)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert endorsing.confirm_by_code(endorsement_id=endorsement.pk, typed=wrong) is None
    assert endorsing.confirm_by_code(endorsement_id=endorsement.pk, typed=f"{code[:3]} {code[3:]}").state == "waiting"

    other = endorse(statement, contact_email="other@example.org")
    code = tokens.code(endorsing.CONFIRM, other.pk)
    for _ in range(tokens.CODE_TRIES):
        endorsing.confirm_by_code(endorsement_id=other.pk, typed=f"{(int(code) + 1) % 1_000_000:06d}")
    assert endorsing.confirm_by_code(endorsement_id=other.pk, typed=code) is None


def test_an_expired_link_says_so_and_can_be_renewed(statement, settings):
    endorsement = endorse(statement)
    Endorsement.objects.update(created_at=timezone.now() - timedelta(days=settings.UNCONFIRMED_DAYS, minutes=1))
    assert endorsing.standing(endorsement) == "expired"
    with pytest.raises(endorsing.NotConfirmed):
        endorsing.confirm(endorsement_id=endorsement.pk)
    endorsing.renew(endorsement_id=endorsement.pk)
    assert endorsing.standing(endorsement) == "ready"
    assert kinds() == ["endorsement_confirm", "endorsement_confirm"]


@pytest.mark.parametrize(("hours", "state"), [(23, "ready"), (25, "closed")])
def test_a_day_of_grace_after_closing(statement, hours, state):
    endorsement = endorse(statement)
    closed = timezone.now() - timedelta(hours=hours)
    Statement.objects.filter(pk=statement.pk).update(published_at=LONG_AGO, closes_at=closed)
    assert endorsing.standing(endorsement) == state


def test_disowning_deletes_and_silences_but_never_what_was_confirmed(statement):
    endorsing.disown(endorsement_id=endorse(statement).pk)
    assert (Endorsement.objects.count(), Suppression.objects.count()) == (0, 1)
    endorsement = endorse(statement, contact_email="b@example.org")
    endorsing.confirm(endorsement_id=endorsement.pk)
    endorsing.disown(endorsement_id=endorsement.pk)
    assert Endorsement.objects.count() == 1


def listed(statement, **more):
    endorsement = endorse(statement, **more)
    endorsing.confirm(endorsement_id=endorsement.pk)
    return deciding.approve(endorsement=endorsement)


def test_withdrawing_takes_it_off_the_list_and_out_of_the_count(statement):
    endorsement = listed(statement, message="Solidarity", publish_contact=True)
    statement.refresh_from_db()
    before = statement.changed_at
    endorsing.withdraw(endorsement_id=endorsement.pk)
    endorsement.refresh_from_db()
    statement.refresh_from_db()
    assert (endorsement.state, endorsement.public_message, endorsement.public_contact) == ("withdrawn", "", "")
    assert (statement.organisations, statement.changed_at > before) == (0, True)
    with pytest.raises(endorsing.NotConfirmed):
        endorsing.withdraw(endorsement_id=endorsement.pk)


def test_after_withdrawing_it_can_begin_anew(statement):
    endorsement = listed(statement)
    endorsing.withdraw(endorsement_id=endorsement.pk)
    assert endorse(statement).state == "unconfirmed"
    endorsing.confirm(endorsement_id=endorsement.pk)
    deciding.approve(endorsement=endorsement)
    statement.refresh_from_db()
    assert (statement.organisations, Organisation.objects.count()) == (1, 1)


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


def test_the_reminder_comes_the_morning_after_and_once(statement):
    day = date(2027, 1, 14)
    endorsing.remind(statement=statement, email="sec@example.org", meets_on=date(2027, 1, 7))
    mail = endorsing.remind(statement=statement, email="Sec+x@example.org", meets_on=day)
    assert OutgoingEmail.objects.count() == 1
    assert timezone.localtime(mail.due_at).isoformat() == "2027-01-15T08:30:00+00:00"
    assert mail.context == {"statement": statement.pk, "met": "2027-01-14"}


def test_a_reminder_that_went_out_is_forgotten(statement):
    mail = endorsing.remind(statement=statement, email="sec@example.org", meets_on=date(2027, 1, 7))
    assert chores.forget_meetings() == 0
    OutgoingEmail.objects.filter(pk=mail.pk).update(state="sent", finished_at=timezone.now())
    assert chores.forget_meetings() == 1
    assert OutgoingEmail.objects.count() == 0


def test_what_nobody_confirmed_goes_and_what_was_declined_before_is_that_again(statement, settings):
    old = timezone.now() - timedelta(days=settings.UNCONFIRMED_DAYS, minutes=1)
    endorse(statement)
    declined = endorse(statement, contact_email="b@example.org")
    endorsing.confirm(endorsement_id=declined.pk)
    deciding.decline(endorsement=declined, reason="Not voted yet.")
    endorse(statement, contact_email="b@example.org")
    kept = endorse(statement, contact_email="c@example.org")
    Endorsement.objects.exclude(pk=kept.pk).update(created_at=old)
    assert chores.expire() == 2
    assert set(Endorsement.objects.values_list("contact_email", "state")) == {
        ("b@example.org", "declined"), ("c@example.org", "unconfirmed")
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_twelve_parallel_posts_of_one_organisation_make_one_row():
    statement = StatementFactory()

    def post(_):
        return endorsing.endorse(statement=statement, **typed()).endorsement_id

    ids = in_threads(post, 12)
    assert (len(set(ids)), Endorsement.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_twelve_who_press_at_once_one_confirms():
    endorsement = endorse(StatementFactory())

    def press(_):
        try:
            return endorsing.confirm(endorsement_id=endorsement.pk).state
        except endorsing.NotConfirmed as refusal:
            return f"already {refusal.state}"

    outcomes = in_threads(press, 12)
    assert sorted(outcomes) == ["already waiting"] * 11 + ["waiting"]
    assert OutgoingEmail.objects.filter(kind="endorsement_received").count() == 1


@pytest.mark.parametrize("how", ["closed_at", "closes_at"])
def test_representatives_are_forgotten_after_the_statement_and_the_list_stays(statement, settings, how):
    endorsements = [
        listed(statement, publish_contact=True, message="Solidarity"),
        listed(statement, organisation="Lantern Union, Northquay branch"),
    ]
    closed = timezone.now() - timedelta(days=settings.ANONYMISE_AFTER_CLOSING_DAYS, minutes=1)
    Statement.objects.filter(pk=statement.pk).update(**{"published_at": closed - timedelta(days=9), how: closed})
    kept = listed(StatementFactory())
    assert (chores.forget_representatives(), chores.forget_representatives()) == (2, 0)
    for endorsement in endorsements:
        endorsement.refresh_from_db()
        assert (endorsement.contact_email, endorsement.contact_name, endorsement.state) == ("", "", "listed")
    assert endorsements[0].public_contact == "Winsome Nembhard, Branch secretary"
    kept.refresh_from_db()
    assert kept.contact_email == "branch@lantern.example.org"
    deciding.decline(endorsement=endorsements[0], reason="It never agreed.")
