"""Versions of the privacy notice, and telling those who were told another one: by one mail, once (SAFETY F2, F16).

A version is whatever somebody read when they agreed (ConsentText); one that nobody agreed under was nobody's.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import get_language

from core import audit, identity
from core.audit import Staff
from mail import outbox
from mail.models import OutgoingEmail
from petitions.signatures import consent
from petitions.signatures.models import NoticeMailing, Signature
from submissions.models import ConsentText

MAIL = "notice_changed"
BATCH = 500
MOST_SHOWN = 50
State = Signature.State


@dataclass(frozen=True)
class Version:
    """One notice as people read it: from when on, and until when, if there is a newer one."""

    text: str
    since: datetime
    until: datetime | None

    @property
    def paragraphs(self) -> list[str]:
        """Its lines."""
        return [line for line in self.text.splitlines() if line.strip()]


def versions() -> list[Version]:
    """Those in the reader's language that the publisher alone answers for, newest first; one query."""
    own = Q(publishers=[]) | Q(publishers=[identity.publisher().pk])
    rows = ConsentText.objects.filter(own, language=get_language() or "").exclude(notice="")
    found = rows.values_list("notice").annotate(since=Min("first_shown_at")).order_by("-since")[:MOST_SHOWN]
    listed, until = [], None
    for text, since in found:
        listed.append(Version(text, since, until))
        until = since
    return listed


class AlreadyTold(Exception):
    """This notice has had its mail."""


class NobodyToTell(Exception):
    """Everybody who is to be told was told this notice when they signed."""


def fingerprint() -> str:
    """What the notice is known by now; where several publish, all of theirs."""
    return hashlib.sha256("\0".join(consent.notices_now()).encode()).hexdigest()


def mailing() -> NoticeMailing | None:
    """The mail about the notice as it is now, if it was started."""
    return NoticeMailing.objects.filter(notice=fingerprint()).first()


def _told_it() -> list[int]:
    """The rows of consent with the notice as it is now, each in its language."""
    current: list[int] = []
    for language in ConsentText.objects.values_list("language", flat=True).distinct():
        with translation.override(language or get_language()):
            now = Q(language=language, notice__in=consent.notices_now())
        current += ConsentText.objects.filter(now).values_list("pk", flat=True)
    return current


def _others() -> QuerySet:
    """Signatures whose owner was told another notice and can be written to; a mailbox's first one stands for all."""
    rows = Signature.objects.filter(state__in=[State.CONFIRMED, State.HELD], import_id=None).exclude(email="")
    rows = rows.filter(consent__isnull=False).exclude(consent__in=_told_it())
    earlier = rows.filter(mailbox_key=OuterRef("mailbox_key"), pk__lt=OuterRef("pk"))
    return rows.filter(~Exists(earlier))


def affected() -> int:
    """How many mailboxes would be written to."""
    return _others().count()


@transaction.atomic
def tell(*, words: str, by: Staff = None) -> NoticeMailing:
    """Have everybody written to who signed under another notice: `words` say what changed. Returns the mailing.

    Raises AlreadyTold, NobodyToTell.
    """
    if not _others().exists():
        raise NobodyToTell
    try:
        with transaction.atomic():
            made = NoticeMailing.objects.create(notice=fingerprint(), words=words, started_by=by)
    except IntegrityError as error:
        raise AlreadyTold from error
    made.refresh_from_db()
    audit.record(by=by, on=made, what="Mailed people about the new privacy notice", why=words)
    return made


@transaction.atomic
def queue_batch() -> int:
    """Queue the next mails of the oldest mailing that is not through; returns how many."""
    going = NoticeMailing.objects.select_for_update(skip_locked=True).filter(finished_at=None).order_by("pk").first()
    if going is None:
        return 0
    found = list(_others().filter(pk__gt=going.reached, agreed_at__lt=going.started_at).order_by("pk")[:BATCH])
    for row in found:
        context = {"signature": row.pk, "mailing": going.pk}
        outbox.queue(kind=MAIL, recipient=row.email, lane=OutgoingEmail.Lane.BULK, context=context)
    if found:
        going.reached, going.queued = found[-1].pk, going.queued + len(found)
        going.save(update_fields=["reached", "queued"])
    else:
        NoticeMailing.objects.filter(pk=going.pk).update(finished_at=Now())
    return len(found)
