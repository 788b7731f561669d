"""Statements in the words of those who list them: what a visitor may do with them, and whose they are."""

from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Q

from core import identity
from petitions.statements import availability
from publishers.models import Publisher

if TYPE_CHECKING:
    from petitions.statements.models import Statement


class ClockTimestamp(models.Func):
    """The time at this instant, not at the transaction's start: two changes in one transaction differ."""

    template = "clock_timestamp()"
    output_field = models.DateTimeField()


class StatementQuerySet(models.QuerySet):
    """Statements by what a visitor may do with them. Time is the database's."""

    def public(self) -> "StatementQuerySet":
        """Published (not scheduled, not draft) and not hidden: the one rule every representation uses."""
        return self.filter(availability.PUBLIC)

    def by(self, publisher: int | None) -> "StatementQuerySet":
        """Published by that publisher, alone or together with others; all of them while nobody is written down."""
        return self if publisher is None else self.filter(Q(publisher=publisher) | Q(joint_with__contains=[publisher]))

    def listed_here(self) -> "StatementQuerySet":
        """Public ones of whoever we speak for (core/identity.py): what its home, its lists and its feeds show."""
        return self.public().by(identity.publisher().pk)

    def at_home(self) -> "StatementQuerySet":
        """Public ones whose pages are at the origin that was asked: of one host's publisher, or of all without one."""
        here = identity.here()
        if here is not None:
            return self.public().by(here)
        without_host = ArraySubquery(Publisher.objects.filter(origin="").order_by().values("pk"))
        at_the_site = Q(publisher=None) | Q(publisher__origin="") | Q(joint_with__overlap=without_host)
        return self.public().filter(at_the_site)

    def open(self) -> "StatementQuerySet":
        """Public and still signable."""
        return self.filter(availability.OPEN)

    def closed(self) -> "StatementQuerySet":
        """Public, no longer signable, by hand or by date."""
        return self.filter(availability.PUBLIC & availability.OVER)

    def touch(self, statement: "Statement") -> None:
        """Say that something on the statement's page changed, so that kept copies of it are dropped."""
        self.filter(pk=statement.pk).update(changed_at=ClockTimestamp())
