"""Who may be handed over to a newsletter, and what of them."""

import contextlib
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from core.addresses import masked
from integrations.newsletters.models import Newsletter, Subscriber
from mail.models import Suppression
from petitions.models import Copublisher, Signature
from petitions.news import updates
from petitions.signatures import consent, signing, whose_news

SHOWN = 5
# What can be told of somebody besides the address; a mapping says which of them is, and as what.
TOLD = ("name", "language", "postcode", "statement", "agreed_at", "consent")


@dataclass(frozen=True)
class Person:
    """One person as they are handed over, `agreed_at` in ISO 8601; `remote_id` once they are known there."""

    email: str
    remote_id: str = ""
    name: str = ""
    language: str = ""
    postcode: str = ""
    statement: str = ""
    agreed_at: str = ""
    consent: str = ""

    def told(self, newsletter: Newsletter) -> dict[str, str]:
        """What the newsletter's mapping says is told, by the names it has there; nothing empty."""
        found = {theirs: str(getattr(self, ours)) for ours, theirs in newsletter.mapping.items() if ours in TOLD}
        return {theirs: text for theirs, text in found.items() if text}


def opted_in(newsletter: Newsletter) -> QuerySet[Signature]:
    """Confirmed signatures whose owners agreed here and want its publisher's news: under its own statements, and under
    joint ones where they ticked its own box.
    """
    rows = Signature.objects.filter(wants_news_of(newsletter.publisher_id), submission_id__isnull=False)
    return rows.filter(state=Signature.State.CONFIRMED).exclude(email="")


def wants_news_of(publisher: int) -> Q:
    """Who wants that publisher's news, under whichever statement."""
    joint = Copublisher.objects.filter(publisher=publisher).exclude(accepted_at=None).values("statement")
    return Q(statement__publisher=publisher, email_updates=True) | Q(statement__in=joint, news_of__contains=[publisher])


def may_be_handed_over(newsletter: Newsletter) -> QuerySet[Signature]:
    """Of those: whom the privacy notice had named the recipient, and who did not ask us for silence."""
    silent = Exists(Suppression.objects.filter(mailbox_key=OuterRef("mailbox_key")))
    return opted_in(newsletter).filter(~silent, consent__newsletters__contains=[newsletter.recipient])


def of(subscriber: Subscriber) -> Person | None:
    """What is told of a subscriber now; None when nobody of that mailbox may be handed over any more."""
    rows = may_be_handed_over(subscriber.newsletter).filter(mailbox_key=subscriber.mailbox_key)
    row = rows.select_related("consent", "statement").order_by("-agreed_at", "pk").first()
    if row is None:
        return None
    return Person(
        email=subscriber.email,
        remote_id=subscriber.remote_id,
        name=row.name,
        language=row.language,
        postcode=row.postcode,
        statement=row.statement.who.home + row.statement.get_absolute_url(),
        agreed_at=row.agreed_at.isoformat(timespec="seconds"),
        # The words as they stood on the page, and which of the choices was ticked.
        consent=f"{row.consent.text} [{_ticked(row, subscriber.newsletter)}: yes]" if row.consent else "",
    )


def _ticked(row: Signature, newsletter: Newsletter) -> str:
    return consent.news_choice(row.statement, newsletter.publisher_id)


@dataclass(frozen=True)
class DryRun:
    """How many want news, how many agreed before the notice named who receives, asked for silence, are there already,
    and would be handed over; and the first of these, masked. Mailboxes, but for `opted_in`, which is signatures.
    """

    opted_in: int
    unnamed: int
    silent: int
    known: int
    new: int
    first: list[tuple[str, str]]


def dry_run(newsletter: Newsletter) -> DryRun:
    """What starting would do, without asking anybody."""
    wanted, may = opted_in(newsletter), may_be_handed_over(newsletter)
    named = Q(consent__newsletters__contains=[newsletter.recipient])
    counts = wanted.aggregate(all=Count("pk"), named=Count("pk", filter=named))
    known = Exists(newsletter.subscribers.filter(mailbox_key=OuterRef("mailbox_key")))
    new = may.filter(~known)
    first = new.order_by("pk").values_list("email", "name")[:SHOWN]
    return DryRun(
        opted_in=counts["all"],
        unnamed=counts["all"] - counts["named"],
        silent=counts["named"] - may.count(),
        known=may.filter(known).values("mailbox_key").distinct().count(),
        new=new.values("mailbox_key").distinct().count(),
        first=[(masked(email), f"{name[:1]}…" if name else "") for email, name in first],
    )


def take_news_off(newsletter: Newsletter, mailbox_key: bytes) -> None:
    """Nobody of this mailbox wants news from this publisher any more."""
    rows = Signature.objects.filter(mailbox_key=mailbox_key, statement__publisher=newsletter.publisher_id)
    for pk in rows.filter(email_updates=True).values_list("pk", flat=True):
        updates.leave(signature_id=pk)
    joint = Signature.objects.filter(mailbox_key=mailbox_key, news_of__contains=[newsletter.publisher_id])
    for pk in joint.values_list("pk", flat=True):
        with contextlib.suppress(signing.NotThere):
            whose_news.choose(signature_id=pk, publisher=newsletter.publisher_id, on=False)
