"""What waits, and decisions about it, in the name of the token's owner."""

import pytest
from django.contrib.auth.models import Group, User

from api.models import Scope
from core import roles
from core.models import AuditEntry
from mail.models import OutgoingEmail
from petitions.models import Assignment
from tests.api.conftest import Program, new_token
from tests.factories import CommentFactory, EndorsementFactory, SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db


def lines() -> list[tuple[str, str, str]]:
    """Who did what and why, oldest first, by the record."""
    return list(AuditEntry.objects.order_by("pk").values_list("by_name", "what", "why"))


@pytest.mark.parametrize(
    ("sent", "state", "what", "mail"),
    [
        ({"decision": "approve"}, "published", "Approved", ["comment_published"]),
        ({"decision": "decline", "reason": "it is an advert"}, "binned", "Declined", ["comment_declined"]),
        ({"decision": "decline", "reason": "it is an advert", "tell": False}, "binned", "Declined", []),
        ({"decision": "bin", "reason": "twice"}, "binned", "Put in the bin", []),
    ],
)
def test_a_comment_is_decided_about(program, sent, state, what, mail):
    comment = CommentFactory(state="waiting", published_at=None, author_email="ben@example.org")
    (waits,) = program.read("moderation/comments").json()["data"]
    assert (waits["id"], waits["words"]["text"]) == (comment.pk, comment.body)
    answer = program.send(f"comments/{comment.pk}/decision", sent)
    assert (answer.status_code, answer.json()) == (200, {"id": comment.pk, "state": state})
    comment.refresh_from_db()
    assert (comment.state, comment.decided_by.username) == (state, "ada")
    ((who, said, why),) = lines()
    assert (who, why) == ("ada", sent.get("reason", ""))
    assert said.startswith(f"{what} (through API token ")
    assert list(OutgoingEmail.objects.values_list("kind", flat=True)) == mail
    assert program.read("moderation/comments").json()["data"] == []


def test_what_needs_a_reason_says_so_and_what_does_not_apply_too(program):
    comment = CommentFactory(state="waiting")
    answer = program.send(f"comments/{comment.pk}/decision", {"decision": "decline"})
    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, ["reason"])
    published = CommentFactory()
    answer = program.send(f"comments/{published.pk}/decision", {"decision": "approve"})
    assert (answer.status_code, answer.json()["detail"]) == (409, "This does not apply to that comment.")
    assert program.send("comments/999999/decision", {"decision": "bin"}).status_code == 404
    assert lines() == []


def test_an_endorsement_is_listed_only_with_the_words_that_were_read(program):
    endorsement = EndorsementFactory()
    (waits,) = program.read("moderation/endorsements").json()["data"]
    address = f"endorsements/{endorsement.pk}/decision"
    newer = program.send(address, {"decision": "list", "seen": "1.other"})
    assert (newer.status_code, "newer words" in newer.json()["detail"]) == (409, True)
    done = program.send(address, {"decision": "list", "seen": waits["seen"]})
    assert (done.status_code, done.json()["state"]) == (200, "listed")
    again = program.read("moderation/endorsements").json()["data"]
    endorsement.refresh_from_db()
    no = program.send(address, {"decision": "decline", "seen": endorsement.edition, "reason": "No branch of ours"})
    assert (again, no.status_code, no.json()["state"]) == ([], 200, "declined")
    assert [line[1].partition(" (through")[0] for line in lines()] == ["Approved", "Taken off the list"]


def test_a_signature_is_released_or_removed(program):
    held = SignatureFactory(state="held")
    (waits,) = program.read("moderation/signatures").json()["data"]
    assert (waits["words"], "email" in str(waits)) == ({"name": held.name, "why": "Looks odd"}, False)
    address = f"signatures/{held.pk}/decision"
    assert program.send(address, {"decision": "release", "seen": "1"}).status_code == 409
    done = program.send(address, {"decision": "release", "seen": waits["seen"]})
    assert (done.status_code, done.json()["state"]) == (200, "confirmed")
    without = program.send(address, {"decision": "remove", "seen": waits["seen"]})
    assert (without.status_code, without.json()["errors"][0]["field"]) == (422, "reason")
    removed = program.send(address, {"decision": "remove", "seen": waits["seen"], "reason": "A fake"})
    assert (removed.status_code, removed.json()["state"]) == (200, "removed")
    twice = program.send(address, {"decision": "release", "seen": waits["seen"]})
    assert (twice.status_code, twice.json()["detail"]) == (409, "It is removed, so this does not apply to it.")
    assert [(who, what.partition(" (through")[0], why) for who, what, why in lines()] == [
        ("ada", "Released", ""),
        ("ada", "Removed", "A fake"),
    ]


def test_a_token_does_no_more_than_its_owner():
    roles.establish()
    moderator = User.objects.create_user("mo", is_staff=True)
    moderator.groups.add(Group.objects.get(name=roles.MODERATOR))
    mine, others = StatementFactory(), StatementFactory()
    Assignment.objects.create(user=moderator, statement=mine)
    own, foreign = CommentFactory(statement=mine, state="waiting"), CommentFactory(statement=others, state="waiting")
    program = Program(new_token(moderator, Scope.MODERATE, Scope.EVENTS_WRITE))
    assert [one["id"] for one in program.read("moderation/comments").json()["data"]] == [own.pk]
    assert program.send(f"comments/{foreign.pk}/decision", {"decision": "bin"}).status_code == 404
    event = program.send(f"statements/{mine.slug}/events", {"title": "a", "starts_at": "2027-01-01T00:00:00Z"})
    assert (event.status_code, "The owner of this token may not" in event.json()["detail"]) == (403, True)
    User.objects.filter(pk=moderator.pk).update(is_active=False)
    assert program.read("moderation/comments").status_code == 401
    foreign.refresh_from_db()
    assert foreign.state == "waiting"
