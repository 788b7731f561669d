"""Who of those that asked for news gets a mail: a part of them, counted before it goes and found again as it goes.

Where somebody lives rests sealed, so the areas of postcodes are looked at row by row, here; all else is asked of the
database. The choices come from sums of ten people or more (petitions/signatures/places.py), so that nobody is picked
out by where they live.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from mail.models import OutgoingEmail, Suppression, UnreachableMailbox
from petitions.news.models import Mailing, MailingRecipient, Segment, Update
from petitions.signatures import optional, sums
from petitions.signatures.models import Signature, SignedPlace, SignedSum
from petitions.statements.models import Statement

WANTED = Q(email_updates=True) & ~Q(email="")
SILENT = Q(Exists(Suppression.objects.filter(mailbox_key=OuterRef("mailbox_key"))))
GONE = Q(Exists(UnreachableMailbox.objects.filter(mailbox_key=OuterRef("mailbox_key"), is_dead=True)))
SOURCE = RawSQL(sums.source("petitions_signature"), [])  # noqa: S611  of our own words only
CHUNK = 2000


@dataclass(frozen=True)
class Audience:
    """How many confirmed signers get it, how many did not ask for news, want no mail from this site at all, can't be
    reached any more, and are left out by the choice of whom it is for."""

    gets: int
    without: int
    silent: int
    gone: int = 0
    others: int = 0


def followers(statement: Statement, segment: Segment) -> QuerySet[Signature]:
    """Confirmed signers who asked for news, as far as the database can tell them apart; then ask `fits`."""
    return Signature.objects.confirmed().filter(WANTED, _asked(segment), statement=statement)


def fits(segment: Segment, postcode: str) -> bool:
    """Whether somebody with this postcode is meant."""
    return not segment.areas or bool(postcode and optional.area(postcode) in segment.areas)


def _asked(segment: Segment) -> Q:
    asked = Q()
    for column, values in (("country", segment.countries), ("language", segment.languages)):
        asked &= Q(**{f"{column}__in": values}) if values else Q()
    if segment.areas:
        asked &= ~Q(postcode="")
    if segment.sources:
        asked &= Q(pk__in=Signature.objects.annotate(source=SOURCE).filter(source__in=segment.sources).values("pk"))
    if segment.signed_from:
        asked &= Q(confirmed_at__date__gte=segment.signed_from)
    if segment.signed_until:
        asked &= Q(confirmed_at__date__lte=segment.signed_until)
    if segment.unless_sent_id:
        asked &= ~_had(segment.unless_sent_id)
    return asked


def _had(update: int) -> Q:
    """Whom the mail of that update went to, or is on its way to; of what is forgotten we say that it arrived."""
    states = OutgoingEmail.State
    rows = MailingRecipient.objects.filter(mailing__update=update, signature=OuterRef("pk"))
    return Q(Exists(rows.filter(Q(mail=None) | Q(mail__state__in=[states.SENT, states.QUEUED]))))


def audience(statement: Statement, segment: Segment | None = None) -> Audience:
    """Exact numbers, counted now."""
    segment = segment or Mailing()
    confirmed = Signature.objects.confirmed().filter(statement=statement)
    reachable = WANTED & ~SILENT & ~GONE
    found = confirmed.aggregate(
        all=Count("id", filter=reachable),
        without=Count("id", filter=~WANTED),
        silent=Count("id", filter=WANTED & SILENT),
        gone=Count("id", filter=WANTED & ~SILENT & GONE),
    )
    gets = found["all"] if not segment.is_narrow else _count(followers(statement, segment).filter(reachable), segment)
    return Audience(gets, found["without"], found["silent"], found["gone"], found["all"] - gets)


def _count(rows: QuerySet[Signature], segment: Segment) -> int:
    if not segment.areas:
        return rows.count()
    return sum(fits(segment, code) for code in rows.values_list("postcode", flat=True).iterator(CHUNK))


@dataclass(frozen=True)
class Choices:
    """What there is to choose from under a statement: codes, the most people first."""

    countries: list[str]
    areas: list[str]
    sources: list[str]
    languages: list[str]
    mails: list[Update]


def choices(statement: Statement, besides: Update | None = None) -> Choices:
    """As the worker counted last; mails are those that have begun, but for that of `besides`."""
    places = SignedPlace.objects.filter(statement=statement).order_by("-people", "place")
    by = SignedSum.objects.filter(statement=statement, news__gt=0).order_by("-news", "key")
    mails = Update.objects.filter(statement=statement, mailing__started_at__isnull=False).order_by(
        "-mailing__started_at"
    )
    return Choices(
        countries=list(places.filter(field="country").values_list("place", flat=True)),
        areas=list(places.filter(field="postcode").values_list("place", flat=True)),
        sources=[key for key in by.filter(what="source").values_list("key", flat=True) if key != "other"],
        languages=list(by.filter(what="language").values_list("key", flat=True)),
        mails=list(mails.exclude(pk=besides.pk) if besides else mails),
    )


COLUMNS = ("countries", "areas", "sources", "languages", "signed_from", "signed_until", "unless_sent", "reply_to")


def said(segment: Segment) -> str:
    """The choice for the record: codes, no names."""
    named = [(name, getattr(segment, name)) for name in COLUMNS if name != "reply_to"]
    return "; ".join(f"{name}: {_listed(value)}" for name, value in named if value) or "everybody"


def _listed(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, Iterable) and not isinstance(value, str) else str(value)
