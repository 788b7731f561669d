"""Rows for tests, as the site itself would have written them."""

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from comments import text
from comments.models import Comment
from core.addresses import mailbox_key
from core.text import order
from mail.models import OutgoingEmail
from organisations import likeness
from organisations.models import AgreedHow, Endorsement, Kind, Organisation
from petitions.models import Event, Signature, Statement, Version
from petitions.statements import counting, promise
from submissions.models import Decision

TEXT = "<p>Our libraries belong to all of us. We ask the council to keep every branch open.</p>"


class StatementFactory(DjangoModelFactory):
    """A statement with version 1, open since yesterday; `published_at=None` makes a draft, `body` sets the text."""

    class Meta:
        model = Statement

    body = TEXT
    title = factory.Sequence(lambda number: f"Keep library {number} open")
    slug = factory.Sequence(lambda number: f"library-{number}")
    summary = "The council wants to close it in March."
    addressed_to = "Eastside Council"
    published_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))

    @classmethod
    def _create(cls, model_class: type[Statement], *args: Any, body: str, **values: Any) -> Statement:
        statement = super()._create(model_class, *args, **values)
        VersionFactory(statement=statement, body=body, published_at=statement.published_at)
        if statement.published_at:
            counting.prepare(statement)
        return statement


class VersionFactory(DjangoModelFactory):
    """A promise with the statement's own title and addressee, published an hour ago unless `published_at=None`."""

    class Meta:
        model = Version

    statement = factory.SubFactory(StatementFactory)
    number = factory.LazyAttribute(lambda version: version.statement.versions.count() + 1)
    title = factory.LazyAttribute(lambda version: version.statement.title if version.published_at else "")
    addressed_to = factory.LazyAttribute(lambda version: version.statement.addressed_to if version.published_at else "")
    body = TEXT
    published_at = factory.LazyFunction(lambda: timezone.now() - timedelta(hours=1))
    sha256 = factory.LazyAttribute(
        lambda version: promise.fingerprint(**promise.words(version)) if version.published_at else ""
    )


class SignatureFactory(DjangoModelFactory):
    """A signature that was agreed to and counts; `state="held"` or `"removed"` brings the decision behind it.

    The stored numbers do not know of it: `counting.recount(statement=…, repair=True)` tells them.
    """

    class Meta:
        model = Signature

    statement = factory.SubFactory(StatementFactory)
    version = factory.LazyAttribute(lambda signature: signature.statement.version)
    name = factory.Sequence(lambda number: f"Signer {number}")
    email = factory.Sequence(lambda number: f"signer-{number}@example.org")
    submission_id = factory.Sequence(lambda number: 1_000_000 + number)
    state = Signature.State.CONFIRMED
    held_reason = factory.LazyAttribute(lambda signature: "Looks odd" if signature.state == "held" else "")
    confirmed_at = factory.LazyFunction(timezone.now)
    agreed_at = factory.SelfAttribute("confirmed_at")

    @classmethod
    def _create(cls, model_class: type[Signature], *args: Any, **values: Any) -> Signature:
        if values["state"] in {"held", "removed"}:
            Decision.objects.create(
                makes="hold" if values["state"] == "held" else "remove",
                kind="signature",
                scope=values["statement"].pk,
                subject=mailbox_key(values["email"]),
                position=values.get("mailbox_position", 1),
                reason=values["held_reason"] or values.get("removed_reason", ""),
            )
        return super()._create(model_class, *args, **values)


class OutgoingEmailFactory(DjangoModelFactory):
    """A mail that waits in the notice lane."""

    class Meta:
        model = OutgoingEmail

    kind = "test"
    recipient = factory.Sequence(lambda number: f"reader-{number}@example.org")


class EventFactory(DjangoModelFactory):
    """A protest next month."""

    class Meta:
        model = Event

    statement = factory.SubFactory(StatementFactory)
    title = "Protest outside the town hall"
    slug = factory.Sequence(lambda number: f"protest-{number}")
    starts_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=30))


class OrganisationFactory(DjangoModelFactory):
    """An organisation with the keys that its name gives."""

    class Meta:
        model = Organisation

    name = factory.Sequence(lambda number: f"Lantern Union, branch {number}")
    slug = factory.Sequence(lambda number: f"lantern-{number}")
    kind = Kind.UNION_BRANCH
    town = "Eastside"
    key = factory.LazyAttribute(lambda organisation: likeness.key(organisation.name))
    sort_key = factory.LazyAttribute(lambda organisation: order.key(organisation.name))


class EndorsementFactory(DjangoModelFactory):
    """An endorsement that waits for a moderator; a row only, so the stored number does not know of it."""

    class Meta:
        model = Endorsement

    statement = factory.SubFactory(StatementFactory)
    version = factory.LazyAttribute(lambda endorsement: endorsement.statement.version)
    name = factory.Sequence(lambda number: f"Lantern Union, branch {number}")
    name_key = factory.LazyAttribute(lambda endorsement: likeness.key(endorsement.name))
    kind = Kind.UNION_BRANCH
    town = "Eastside"
    contact_name = "Winsome Nembhard"
    contact_role = "Branch secretary"
    contact_email = factory.Sequence(lambda number: f"branch-{number}@lantern.example.org")
    submission_id = factory.Sequence(lambda number: 1_000_000 + number)
    agreed_how = AgreedHow.MEMBERS_MEETING
    agreed_on = factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=3))
    state = Endorsement.State.WAITING
    confirmed_at = factory.LazyFunction(timezone.now)
    agreed_at = factory.SelfAttribute("confirmed_at")


class CommentFactory(DjangoModelFactory):
    """A published comment; `state` makes another one, `statement` puts it under one that exists.

    The thread's stored number does not know of it: `threads.recount(thread)` tells it.
    """

    class Meta:
        model = Comment
        exclude = ["statement"]

    statement = factory.SubFactory(StatementFactory)
    thread = factory.LazyAttribute(lambda comment: comment.statement.thread)
    author_name = factory.Sequence(lambda number: f"Reader {number}")
    author_email = factory.Sequence(lambda number: f"reader-{number}@example.org")
    body = factory.Sequence(lambda number: f"I have {number} reasons.")
    words_digest = factory.LazyAttribute(lambda comment: text.digest(comment.body))
    submission_id = factory.Sequence(lambda number: 2_000_000 + number)
    state = Comment.State.PUBLISHED
    confirmed_at = factory.LazyFunction(timezone.now)
    published_at = factory.LazyAttribute(lambda comment: timezone.now() if comment.state == "published" else None)
