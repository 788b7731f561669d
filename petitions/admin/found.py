"""Finding signatures among millions: by what they have in common, by when, and what is unusually busy."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, DurationField, ExpressionWrapper, F, Max, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now
from django.http import HttpRequest

from core import desk
from core.addresses import domain_key
from core.admin.alike import AlikeFilter
from petitions.signatures import ceilings, optional
from petitions.signatures.models import Signature, SignedPlace

BUSY = 100  # signatures in an hour that share a domain or a network; UX 1d
SHOWN = 5
# So many of the newest are looked at, so that a list costs the same in the busiest hour.
LOOKED_AT = 10_000


class WindowFilter(admin.SimpleListFilter):
    """When they signed, as long ago as an attack lasts."""

    title = "signed within"
    parameter_name = "within"
    MINUTES = {"30": "30 minutes", "180": "3 hours", "720": "12 hours", "10080": "7 days"}

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return list(self.MINUTES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        minutes = self.value()
        if minutes not in self.MINUTES:
            return queryset
        return queryset.filter(created_at__gt=Now() - timedelta(minutes=int(minutes)))


class CeilingFilter(admin.SimpleListFilter):
    """Signatures held by a ceiling."""

    title = "held by a ceiling"
    parameter_name = "ceiling"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("1", "Yes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return ceilings.held(queryset) if self.value() else queryset


class SignedAlikeFilter(AlikeFilter):
    """The domain, the network, the source code or the statement of one signature."""

    FIELDS = {"domain": F("domain_key"), "network": F("ip_key"), "via": F("via"), "statement": F("statement")}


class AnswerFilter(admin.SimpleListFilter):
    """The answer to one optional question: the places with ten signers or more to click, any other in the address."""

    field: optional.OptionalField

    def value(self) -> str | None:
        """The answer in the address as the form would keep it, or None for what it would refuse."""
        with suppress(ValidationError):
            return self.field.box.clean(super().value()) or None
        return None

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        known = desk.seen_by(request.user, SignedPlace.objects.filter(field=self.field.name))
        found = {*known.values_list("place", flat=True).distinct(), *filter(None, [self.value()])}
        return sorted(((place, self.field.said(place)) for place in found), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        return queryset.filter(**{self.field.name: value}) if value else queryset


def answer_filters() -> list[type[AnswerFilter]]:
    """One for each question that the desk filters by."""
    return [
        type(
            f"{field.name.title()}Filter",
            (AnswerFilter,),
            {"field": field, "title": field.label, "parameter_name": field.name, "__doc__": AnswerFilter.__doc__},
        )
        for field in optional.FIELDS
        if field.is_listed
    ]


def of_domain(queryset: QuerySet, domain: str) -> QuerySet:
    """Signatures with an address at `domain`, by the index on domains."""
    return queryset.filter(domain_key=domain_key(domain))


@dataclass(frozen=True)
class Busy:
    """A domain or a network from which many signed in the last hour. A hint for people; nothing is decided by it."""

    words: str
    number: int
    like: str


def busy(rows: QuerySet) -> list[Busy]:
    """The busiest domains and networks among the newest signatures of the last hour, the most first; two queries."""
    newest = rows.order_by("-pk").values("pk")[LOOKED_AT : LOOKED_AT + 1]
    # By its age, which no index knows: PostgreSQL would read all that may be of this hour instead of the newest.
    age = ExpressionWrapper(Now() - F("created_at"), output_field=DurationField())
    recent = rows.alias(age=age).filter(age__lt=timedelta(hours=1), pk__gt=Coalesce(Subquery(newest), 0)).order_by()
    shared = {
        kind: [
            (row[kind], row["number"], row["one"])
            for row in recent.exclude(**{kind: nothing})
            .values(kind)
            .annotate(number=Count("pk"), one=Max("pk"))
            .filter(number__gte=BUSY)
            .order_by("-number")[:SHOWN]
        ]
        for kind, nothing in [("domain_key", b""), ("ip_key", "")]
    }
    named = ceilings.domains(one for _key, _number, one in shared["domain_key"])
    found = [
        Busy(f"addresses at {named.get(one, '')}", number, f"domain-{one}") for _, number, one in shared["domain_key"]
    ]
    found += [Busy(f"from one network ({key:.6}…)", number, f"network-{one}") for key, number, one in shared["ip_key"]]
    return sorted(found, key=lambda one: -one.number)


def like(signature: Signature, kind: str) -> str:
    """The query that finds what has `kind` in common with a signature."""
    return f"?like={kind}-{signature.pk}"
