"""A kind that nobody has thought of yet, from the form to the row: docs/how-to/add-a-kind.md is written from this."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, models
from django.db.models.functions import Now
from django.utils import timezone

import tests.asking
from core.sealed import SealedAddressField
from core.speed import prepared
from local.environment import ROOT
from mail import kinds as mail_kinds
from petitions.models import Event
from petitions.statements import availability
from submissions import agreeing, asking, chores, codes, desk, emails, kinds, limits, schema, status
from submissions.kinds import Agreed, Choice, Details, Kind, Row
from submissions.models import Submission
from tests.asking import codes_in, later, link_in, mails_to, value_of
from tests.factories import EventFactory
from tests.mailserver import deliver, subject_of, text_of

pytestmark = pytest.mark.django_db
AMINA = "amina@example.org"


class Rsvp(models.Model):
    """Somebody who comes to an event."""

    event_id = models.BigIntegerField()
    mailbox_key = models.BinaryField(max_length=16)
    name = models.CharField(max_length=80)
    guests = models.PositiveSmallIntegerField(null=True)
    agreed_at = models.DateTimeField()

    class Meta:
        app_label = "toy"
        constraints = [models.UniqueConstraint(fields=["event_id", "mailbox_key"], name="rsvp_once")]

    def __str__(self) -> str:
        return self.name


class RsvpSubmission(Submission):
    """What was typed to come."""

    email = SealedAddressField(of="rsvp", max_length=254, blank=True)
    event_id = models.BigIntegerField()
    name = models.CharField(max_length=80)
    guests = models.PositiveSmallIntegerField(null=True)

    class Meta(Submission.Meta):
        app_label = "toy"


class RsvpKind(Kind):
    """Coming to an event. Its sameness is the event and the mailbox."""

    name, number, model = "rsvp", 99, RsvpSubmission
    label, heading, button = "Coming", "Confirm that you come", "Yes, I am coming"
    done, mine = "We expect you.", "See the event"

    source = """toy_rsvpsubmission s JOIN petitions_event ev ON ev.id = s.event_id
        JOIN petitions_statement st ON st.id = ev.statement_id"""
    placed = ("event_id",)
    place = f"""
        SELECT ev.id AS event_id FROM petitions_event ev JOIN petitions_statement st ON st.id = ev.statement_id
        WHERE ev.id = %(event)s AND {availability.PUBLIC_SQL} AND ev.starts_at > statement_timestamp()"""
    reachable = availability.PUBLIC_SQL
    in_time = "(ev.starts_at > statement_timestamp())"
    superseded = """EXISTS (SELECT 1 FROM toy_rsvp r WHERE r.event_id = s.event_id AND r.mailbox_key = s.mailbox_key
        AND r.agreed_at >= s.created_at)"""
    title = "ev.title"

    def details(self, submissions):
        return {
            one.pk: Details(
                rows=[Row("Name", one.name), Row("Guests", str(one.guests or 0))], choices=[Choice(self.button)]
            )
            for one in submissions
        }

    def agree(self, submission_id, choice):
        rows = prepared.run(_AGREE, {**status.times(), "id": submission_id})
        return Agreed(rows[0][0], "coming", self.url(rows[0][0], is_reader=True)) if rows else None

    def url(self, result_id, *, is_reader):
        event = Event.objects.select_related("statement").get(pk=Rsvp.objects.get(pk=result_id).event_id)
        return event.statement.get_absolute_url()


_AGREE = f"""
WITH asked AS (
    SELECT s.* FROM {RsvpKind.source}
    WHERE s.id = %(id)s AND s.agreed_at IS NULL AND s.ended_at IS NULL AND {status.EXPIRES} > statement_timestamp()
        AND {RsvpKind.reachable} AND {RsvpKind.in_time}
    FOR UPDATE OF s
), coming AS (
    INSERT INTO toy_rsvp AS r (event_id, mailbox_key, name, guests, agreed_at)
    SELECT event_id, mailbox_key, name, guests, statement_timestamp() FROM asked
    ON CONFLICT (event_id, mailbox_key) DO UPDATE SET name = EXCLUDED.name, guests = EXCLUDED.guests,
        agreed_at = EXCLUDED.agreed_at
    WHERE r.agreed_at < (SELECT created_at FROM asked)
    RETURNING id
), used_up AS (
    UPDATE toy_rsvpsubmission s SET agreed_at = statement_timestamp(), result_id = coming.id, email = '',
        name = '', guests = NULL
    FROM coming WHERE s.id = %(id)s
)
SELECT id FROM coming
"""


@pytest.fixture(autouse=True)
def kind():
    """The kind, with its tables and triggers, for the length of one test."""
    with connection.schema_editor() as editor:
        editor.create_model(Rsvp)
        editor.create_model(RsvpSubmission)
    written = schema.append_only("toy_rsvpsubmission", fixed=["event_id"], texts=["name"], optional=["guests"])
    with connection.cursor() as cursor:
        cursor.execute(written)
    kinds.register(RsvpKind)
    made = kinds.named("rsvp")
    emails.mails_of(made)
    yield made
    kinds.unregister(RsvpKind)
    for name in (made.mail, made.reminder):
        del mail_kinds._kinds[name]


@pytest.fixture
def event():
    return EventFactory(title="Protest outside the town hall")


def ask(event, email=AMINA, name="Amina Yusuf", guests=2, **about):
    asked = asking.ask("rsvp", email=email, typed={"name": name, "guests": guests}, event=event.pk, **about)
    return asked and RsvpSubmission.objects.get(pk=asked.submission_id)


def coming():
    return list(Rsvp.objects.order_by("pk").values_list("name", "guests"))


def test_from_asking_by_mail_to_agreeing(client, server, event):
    submission = ask(event)
    (message,) = mails_to(server, AMINA)
    assert subject_of(message) == f"Confirm that you come: {event.title} ({submission.reference})"
    assert f"Coming · {event.title} · " in text_of(message)
    assert "Amina" not in text_of(message), "nothing that was typed"
    page = client.get(link_in(message)).content.decode()
    assert re.findall(r"<dt>(.*?)</dt>\s*<dd><bdi>(.*?)</bdi>", page) == [("Name", "Amina Yusuf"), ("Guests", "2")]
    assert coming() == []
    done = client.post(link_in(message), {"agree": value_of(submission)})
    assert (done.status_code, done["Location"]) == (303, event.statement.get_absolute_url())
    assert coming() == [("Amina Yusuf", 2)]
    submission.refresh_from_db()
    assert (submission.name, submission.email, submission.guests, submission.result_id) == (
        "", "", None, Rsvp.objects.get().pk,
    )  # fmt: skip
    again = client.post(link_in(message))
    assert (again.status_code, "We expect you." in again.content.decode(), coming()) == (
        200, True, [("Amina Yusuf", 2)],
    )  # fmt: skip


def test_by_its_code(server, event, kind):
    submission = ask(event)
    (message,) = mails_to(server, AMINA)
    (found,) = status.of([(99, submission.pk)])
    assert codes.attempt(kind, found, *codes_in(message), ip_key="") is codes.Tried.RIGHT


def test_it_shares_a_mail_and_a_page_with_what_else_waits(client, server, event):
    first, second = ask(event), ask(EventFactory(), name="A. Yusuf")
    (message,) = mails_to(server, AMINA)
    assert codes_in(message) == [codes.spaced(codes.code_of(99, bytes(one.digest))) for one in (first, second)]
    url = link_in(message)
    client.post(url, {"disown": value_of(second)})
    client.post(url, {"agree": value_of(first)})
    assert coming() == [("Amina Yusuf", 2)]


def test_a_flood_of_another_kind_does_not_bury_it(server, event):
    for number in range(14):
        tests.asking.ask(event.statement, name=f"Forger {number}", ip_key="attack", mailed=False)
    ask(event, ip_key="phone")
    deliver()
    assert text_of(server.to(AMINA)[0]).count("Signature · ") == 9
    assert text_of(server.to(AMINA)[0]).count("Coming · ") == 1


def test_its_sameness_ends_older_ones_and_a_newer_one_replaces(event):
    older, newer = ask(event), ask(event, name="A. Yusuf", guests=0)
    agreeing.agree(99, newer.pk)
    with pytest.raises(agreeing.NotAgreed, match="superseded"):
        agreeing.agree(99, older.pk)
    agreeing.agree(99, ask(event, name="Amina Y.", guests=1).pk)
    assert coming() == [("Amina Y.", 1)]


@pytest.mark.parametrize("state", ["closed", "hidden", "expired", "ended"])
def test_where_it_stands_is_told_by_the_kind(event, state):
    submission = ask(event)
    if state == "closed":
        Event.objects.update(starts_at=timezone.now() - timedelta(minutes=1))
    elif state == "hidden":
        type(event.statement).objects.update(hidden_at=Now())
    elif state == "expired":
        later(days=28)
    else:
        agreeing.disown(99, submission.pk)
    with pytest.raises(agreeing.NotAgreed, match=state):
        agreeing.agree(99, submission.pk)
    assert coming() == []


def test_it_cannot_be_asked_where_it_has_no_place():
    assert ask(EventFactory(starts_at=timezone.now() - timedelta(days=1))) is None
    assert RsvpSubmission.objects.count() == 0


def test_limits_chores_and_alarms_know_it(server, event):
    for number in range(7):
        ask(event, name=f"Forger {number}")
        later(seconds=11)
        deliver()
    assert len(server.to(AMINA)) == 5
    later(hours=2)
    assert desk.mail_that_was_promised() is not None
    later(days=28)
    assert (chores.delete_unconfirmed(), RsvpSubmission.objects.count()) == (7, 0)
    assert {"rsvp_confirm", "rsvp_reminder"} < set(limits._mails())


@pytest.mark.parametrize(("name", "number"), [("rsvp", 98), ("other", 99), ("signature", 98), ("other", 1)])
def test_names_and_numbers_are_taken_once(name, number):
    other = type("Other", (RsvpKind,), {"name": name, "number": number})
    with pytest.raises(ValueError, match="There is a kind"):
        kinds.register(other)


def test_kinds_are_found_by_name_and_number(kind):
    assert (kinds.named("rsvp"), kinds.numbered(99)) == (kind, kind)
    assert kinds.everything()[-1] is kind
    for find, key in ((kinds.named, "nothing"), (kinds.numbered, 98)):
        with pytest.raises(KeyError):
            find(key)


def test_the_how_to_shows_what_is_run_here():
    page = (ROOT / "docs/how-to/add-a-kind.md").read_text()
    here = Path(__file__).read_text()
    blocks = re.findall(r"```python\n(.*?)\n```", page, re.DOTALL)
    assert len(blocks) == 5
    assert [block for block in blocks if block not in here] == []
