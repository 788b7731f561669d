"""Rows for tests. What a test does not say is true to life: a published statement, a waiting signature."""

import hashlib
from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone

from core.addresses import canonical
from petitions.models import Event, Signature, Statement, Version


class StatementFactory(factory.django.DjangoModelFactory):
    """A statement with its published version 1; `published_at=None` makes a draft with a draft text."""

    class Meta:
        model = Statement
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"Keep library {n} open")
    slug = factory.Sequence(lambda n: f"library-{n}")
    summary = "The council must keep all nine libraries open."
    addressed_to = "Eastside Council"
    published_at = factory.LazyFunction(lambda: timezone.now() - timedelta(hours=1))

    @factory.post_generation
    def body(self, create: bool, extracted: str | None, **kwargs: Any) -> None:
        """`body=` is the text of version 1."""
        if create:
            VersionFactory(
                statement=self,
                body=extracted or "<p>We, the undersigned, ask the council to keep them open.</p>",
                published_at=self.published_at,
            )


class VersionFactory(factory.django.DjangoModelFactory):
    """A version of a statement's text."""

    class Meta:
        model = Version

    number = 1
    body = "<p>We, the undersigned, ask the council to keep them open.</p>"
    published_at = None
    sha256 = factory.LazyAttribute(
        lambda version: hashlib.sha256(version.body.encode()).hexdigest() if version.published_at else ""
    )


class SignatureFactory(factory.django.DjangoModelFactory):
    """A signature that waits for its confirmation. It is a row only: the stored numbers do not know it."""

    class Meta:
        model = Signature

    statement = factory.SubFactory(StatementFactory)
    version = factory.LazyAttribute(lambda signature: signature.statement.version)
    name = factory.Sequence(lambda n: f"Signer {n}")
    email = factory.Sequence(lambda n: f"signer{n}@example.org")
    email_canonical = factory.LazyAttribute(lambda signature: canonical(signature.email))


class EventFactory(factory.django.DjangoModelFactory):
    """A protest next month."""

    class Meta:
        model = Event

    statement = factory.SubFactory(StatementFactory)
    title = "Protest outside the town hall"
    slug = factory.Sequence(lambda n: f"protest-{n}")
    starts_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=30))
