"""What programs write: signatures to be confirmed, events, news."""

from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from api.models import Scope
from core.models import AuditEntry
from mail.models import OutgoingEmail
from petitions.models import Event, Mailing, SignatureSubmission, Update
from publishers.models import Publisher
from tests.asking import agree, mail_all, people, sign
from tests.factories import EventFactory, StatementFactory

pytestmark = pytest.mark.django_db


def new_signature(program, statement, **more: Any) -> dict[str, Any]:
    """What a program sends of somebody who has read everything."""
    read = program.read(f"statements/{statement.slug}/consent").json()
    said = {"name": "Amina Yusuf", "email": "amina@example.org", "consent": read["sha256"], "version": read["version"]}
    return {**said, **more}


def record() -> list[str]:
    """What the record says was done, oldest first."""
    return list(AuditEntry.objects.order_by("pk").values_list("what", flat=True))


def errors(answer) -> dict[str, str]:
    """The code by field."""
    assert answer.status_code == 422
    return {one["field"]: one["code"] for one in answer.json()["errors"]}


def test_a_signature_is_asked_for_and_counts_once_its_owner_agrees(program, statement):
    address = f"statements/{statement.slug}/signatures"
    answer = program.send(address, new_signature(program, statement, show_name=True, via="members"))
    submission = SignatureSubmission.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"reference": submission.reference, "state": "waiting"})
    assert (submission.name, submission.channel, submission.via, submission.show_name) == (
        "Amina Yusuf", "api", "members", True,
    )  # fmt: skip
    assert list(OutgoingEmail.objects.values_list("kind", "recipient")) == [("signature_confirm", "amina@example.org")]
    assert people(statement) == (0, 0, 0)
    mail_all()
    agree(submission)
    assert people(statement) == (1, 1, 0)
    assert program.read(f"statements/{statement.slug}/numbers").json()["signatures"] == 1


def test_who_has_signed_already_gets_the_same_answer(program, statement):
    sign(statement, "amina@example.org")
    address = f"statements/{statement.slug}/signatures"
    known, new = (
        program.send(address, new_signature(program, statement, email=email))
        for email in ("amina@example.org", "new@example.org")
    )
    assert (known.status_code, set(known.json()), dict(known.headers).keys()) == (
        new.status_code, set(new.json()), dict(new.headers).keys(),
    )  # fmt: skip


def test_nobody_agrees_to_words_they_were_not_shown(program, statement):
    address = f"statements/{statement.slug}/signatures"
    said = new_signature(program, statement)
    assert errors(program.send(address, {**said, "consent": "0" * 64})) == {"consent": "outdated"}
    assert errors(program.send(address, {**said, "version": 2})) == {"version": "outdated"}
    assert SignatureSubmission.objects.count() == 0


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"email": "nonsense"}, {"email": "no_at"}),
        ({"email": "amina@gmial.com"}, {"email": "suggestion"}),
        ({"name": ""}, {"name": "required"}),
        ({"name": "x" * 300}, {"name": "string_too_long"}),
        ({"name": None}, {"name": "string_type"}),
        ({"email": ["a@example.org", "b@example.org"]}, {"email": "string_type"}),
        ({"mail": "a@example.org"}, {"mail": "extra_forbidden"}),
    ],
)
def test_what_is_wrong_is_said_by_field(program, statement, sent, wrong):
    answer = program.send(f"statements/{statement.slug}/signatures", new_signature(program, statement, **sent))
    assert set(errors(answer)) == set(wrong)
    if "no_at" not in wrong.values():
        assert errors(answer) == wrong
    assert (SignatureSubmission.objects.count(), OutgoingEmail.objects.count()) == (0, 0)


def test_an_address_that_looks_mistyped_is_taken_when_it_is_meant(program, statement):
    said = new_signature(program, statement, email="amina@gmial.com", email_is_right=True)
    assert program.send(f"statements/{statement.slug}/signatures", said).status_code == 202
    assert SignatureSubmission.objects.get().email == "amina@gmial.com"


def test_a_closed_statement_and_another_publishers_take_nobody(program):
    closed = StatementFactory(closed_at=timezone.now())
    answer = program.send(f"statements/{closed.slug}/signatures", new_signature(program, closed))
    assert (answer.status_code, answer.json()["detail"]) == (409, "This statement takes no signatures now.")
    other = Publisher.objects.create(name="Other", slug="other", legal_name="Other", contact_email="o@example.org")
    theirs = StatementFactory(publisher=other)
    answer = program.send(f"statements/{theirs.slug}/signatures", new_signature(program, theirs))
    assert (answer.status_code, "another's" in answer.json()["detail"]) == (403, True)
    assert SignatureSubmission.objects.count() == 0


def test_an_odd_name_is_held_as_from_the_form(program, statement):
    said = new_signature(program, statement, name="www.buy.example")
    assert program.send(f"statements/{statement.slug}/signatures", said).status_code == 202
    assert "work" not in SignatureSubmission.objects.get().signals
    assert SignatureSubmission.objects.get().signals != ""


START = "2027-03-01T18:00:00+00:00"


def test_an_event_is_added_and_changed_and_called_off(program, statement):
    made = program.send(f"statements/{statement.slug}/events", {"title": "March", "starts_at": START, "venue": "Hall"})
    assert (made.status_code, made.json()["slug"], made.json()["sequence"]) == (201, "march", 0)
    event = Event.objects.get()
    assert (event.title, event.starts_at.isoformat(), event.statement) == ("March", START, statement)
    changed = program.send("events/march", {"status": "cancelled"}, method="PATCH")
    assert (changed.status_code, changed.json()["status"], changed.json()["sequence"]) == (200, "cancelled", 1)
    assert changed.json()["venue"] == "Hall"
    assert [line.partition(" (through API token")[0] for line in record()] == ["Added", "Changed status"]
    assert [line for line in record() if "“Members' list”" not in line] == []
    assert set(AuditEntry.objects.values_list("by_name", flat=True)) == {"ada"}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"ends_at": "2027-02-01T18:00:00+00:00"}, ""),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"online_url": "javascript:alert(1)"}, "online_url"),
        ({"slug": "taken"}, "slug"),
        ({"starts_at": "soon"}, "starts_at"),
        ({"whole_days": True}, ""),
    ],
)
def test_an_event_that_cannot_be_is_refused(program, statement, sent, field):
    EventFactory(slug="taken")
    answer = program.send(f"statements/{statement.slug}/events", {"title": "March", "starts_at": START, **sent})
    assert set(errors(answer)) == {field}
    assert Event.objects.count() == 1


def test_news_are_drafted_published_and_cleaned(program, statement):
    body = "<p>Good.</p><script>alert(1)</script>"
    made = program.send(f"statements/{statement.slug}/news", {"title": "We won", "body": body})
    assert (made.status_code, made.json()["slug"], made.json()["published_at"]) == (201, "we-won", None)
    assert Update.objects.get().body == "<p>Good.</p>"
    assert program.read(f"statements/{statement.slug}/news").json()["data"] == []
    address = f"statements/{statement.slug}/news/we-won"
    assert program.send(address, {"published_at": "2026-01-01T00:00:00Z"}, method="PATCH").status_code == 200
    assert [one["title"] for one in program.read(f"statements/{statement.slug}/news").json()["data"]] == ["We won"]


def test_news_on_their_way_by_mail_stay_as_they_are(program, statement):
    update = Update.objects.create(
        statement=statement, title="Sent", slug="sent", body="<p>So.</p>", published_at=timezone.now()
    )
    Mailing.objects.create(update=update, started_at=Now())
    answer = program.send(f"statements/{statement.slug}/news/sent", {"title": "Other"}, method="PATCH")
    assert (answer.status_code, "stay as they were tested" in answer.json()["detail"]) == (409, True)
    update.refresh_from_db()
    assert update.title == "Sent"


def test_only_what_the_token_is_for_can_be_changed(program, program_with, statement):
    other = Publisher.objects.create(name="Other", slug="other", legal_name="Other", contact_email="o@example.org")
    theirs = EventFactory(slug="theirs", statement=StatementFactory(publisher=other))
    assert program.send("events/theirs", {"title": "Mine"}, method="PATCH").status_code == 404
    assert program.send(f"statements/{theirs.statement.slug}/news", {"title": "a", "body": "b"}).status_code == 404
    less = program_with(Scope.NEWS_WRITE)
    answer = less.send(f"statements/{statement.slug}/events", {"title": "March", "starts_at": START})
    assert (answer.status_code, answer.json()["detail"]) == (
        403,
        "This token has not the scope events:write. It has: news:write. Ask an administrator of the site for one that "
        "has it.",
    )
    theirs.refresh_from_db()
    assert (theirs.title, Event.objects.count(), Update.objects.count()) == ("Protest outside the town hall", 1, 0)
