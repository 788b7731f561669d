"""Mailing news to those who asked for it: numbers, a compulsory test, then batches in the worker, one mail each."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Now
from django.http import Http404
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core import audit, redirects
from core.audit import Staff
from mail import outbox
from mail.models import OutgoingEmail, Suppression
from petitions.actions.models import Event
from petitions.news.models import Mailing, Update
from petitions.signatures.models import Signature
from petitions.statements.models import Statement

UNSUBSCRIBE = "updates-unsubscribe"
BATCH = 500
LATELY = timedelta(days=7)


class MailingError(Exception):
    """Base of the reasons why a mailing is refused; the text is for staff."""


class NotPublic(MailingError):
    """The news is not public yet."""

    def __init__(self) -> None:
        super().__init__(_("Publish the update first: the mail links to it."))


class NotTested(MailingError):
    """These words have not been tested."""

    def __init__(self) -> None:
        super().__init__(_("Send yourself a test first. Changed words need a new test."))


class AlreadyStarted(MailingError):
    """It is sent once."""

    def __init__(self) -> None:
        super().__init__(_("This update has been mailed already."))


class WordsKept(MailingError):
    """The words are locked because the mail has started."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The mail of this update has started, so its title and text stay as they were tested. "
                "Correct them in a further update."
            )
        )


@dataclass(frozen=True)
class Audience:
    """How many confirmed signers asked for news, how many did not, and how many want no mail from this site at all."""

    gets: int
    without: int
    silent: int


@transaction.atomic
def save_update(*, update: Update) -> Update:
    """Store news on a statement; it appears once its `published_at` has come. An old slug leads to the new one.

    Raises WordsKept when title or text differ and its mail has started.
    """
    before = Update.objects.filter(pk=update.pk).select_related("statement").first()
    try:
        with transaction.atomic():
            update.save()
            if before and before.is_public and before.slug != update.slug:
                redirects.move(old=before.get_absolute_url(), new=update.get_absolute_url())
    except IntegrityError as error:
        cause = error.__cause__
        if not isinstance(cause, psycopg.Error) or cause.diag.constraint_name != "update_locked_once_mailed":
            raise
        raise WordsKept from error
    Statement.objects.touch(update.statement)
    return update


def audience(statement: Statement) -> Audience:
    """Exact numbers, counted now."""
    confirmed = Signature.objects.confirmed().filter(statement=statement)
    wanted = Q(email_updates=True) & ~Q(email="")
    silent = Exists(Suppression.objects.filter(mailbox_key=OuterRef("mailbox_key")))
    return Audience(
        **confirmed.aggregate(
            gets=Count("id", filter=Q(wanted, ~silent)),
            without=Count("id", filter=~wanted),
            silent=Count("id", filter=Q(wanted, silent)),
        )
    )


def mailed_lately(update: Update) -> Mailing | None:
    """The last mail to the same people within LATELY before now, or planned: amber, because they may tire of it."""
    others = Mailing.objects.filter(update__statement=update.statement, started_at__gte=Now() - LATELY)
    return others.exclude(update=update).select_related("update").order_by("-started_at").first()


def digest(update: Update) -> str:
    """Digest of the words, which a test mail proves."""
    return hashlib.sha256(f"{update.title}\0{update.body}".encode()).hexdigest()


@transaction.atomic
def send_test(*, update: Update, to: str) -> OutgoingEmail:
    """Mail the update to one colleague, as signers would get it."""
    Mailing.objects.update_or_create(update=update, defaults={"tested": digest(update)})
    return outbox.queue(kind="update", recipient=to, context={"update": update.pk, "signature": None})


@transaction.atomic
def start(*, update: Update, at: datetime | None = None, by: Staff = None) -> Mailing:
    """Begin now, or plan to begin `at`; the worker queues the mail. Raises NotPublic, NotTested, AlreadyStarted."""
    mailing = Mailing.objects.select_for_update().filter(update=update).first()
    # As it is stored, now that nobody can change its words (petitions/schema.py).
    public = Update.objects.filter(pk=update.pk, published_at__lte=at or Now(), statement__hidden_at=None).first()
    if public is None:
        raise NotPublic
    if mailing is None or mailing.tested != digest(public):
        raise NotTested
    if mailing.started_at:
        raise AlreadyStarted
    mailing.started_at = at or timezone.now()
    mailing.save(update_fields=["started_at"])
    audit.record(by=by, on=update, what=_said(audience(update.statement), at))
    return mailing


def _said(found: Audience, at: datetime | None) -> str:
    planned = f", planned for {timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""
    return f"Mailed to {found.gets}, not to {found.without + found.silent}{planned}"


@transaction.atomic
def stop(*, update: Update, by: Staff = None) -> None:
    """Send no more of it: what is queued is skipped as its turn comes. Harmless to repeat.

    What was only planned is planned no more, and can be sent at another time.
    """
    started = Mailing.objects.filter(update=update, started_at__isnull=False, stopped_at=None)
    if started.filter(started_at__gt=Now()).update(started_at=None):
        audit.record(by=by, on=update, what="Withdrew the planned mail")
    elif started.update(stopped_at=Now()):
        audit.record(by=by, on=update, what="Stopped the mail")


_QUEUE = """
WITH picked AS (
    SELECT id, email, mailbox_key, address_key FROM petitions_signature sig
    WHERE statement_id = %(statement)s AND id > %(reached)s AND state = 'confirmed' AND email_updates AND email <> ''
        AND NOT EXISTS (
            SELECT 1 FROM petitions_mailingrecipient r WHERE r.mailing_id = %(mailing)s AND r.signature_id = sig.id
        )
    ORDER BY id LIMIT %(batch)s
), mails AS (
    INSERT INTO mail_outgoingemail (kind, recipient, recipient_key, address_key, lane, context)
    SELECT 'update', email, mailbox_key, address_key, %(lane)s,
        jsonb_build_object('update', %(update)s::bigint, 'signature', id) FROM picked
    RETURNING id, (context->>'signature')::bigint AS signature_id
)
INSERT INTO petitions_mailingrecipient (mailing_id, signature_id, mail_id)
SELECT %(mailing)s, signature_id, id FROM mails RETURNING signature_id
"""


@transaction.atomic
def queue_batch() -> int:
    """Queue the next signers of the oldest mailing under way; returns how many, 0 when none is left."""
    under_way = Mailing.objects.filter(started_at__lte=Now(), queued_at=None, stopped_at=None)
    # The update is read after the lock is ours, so changes under way have been committed.
    mailing = under_way.select_for_update().order_by("id").first()
    if mailing is None:
        return 0
    if mailing.reached == 0 and mailing.tested != digest(mailing.update):
        return _unplan(mailing)
    values: dict[str, Any] = {
        "statement": mailing.update.statement_id,
        "reached": mailing.reached,
        "mailing": mailing.pk,
        "update": mailing.update_id,
        "lane": OutgoingEmail.Lane.BULK.value,
        "batch": BATCH,
    }
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE, values)
        found = [row[0] for row in cursor.fetchall()]
    mailing.reached = max(found, default=mailing.reached)
    mailing.queued_at = None if found else timezone.now()
    mailing.save(update_fields=["reached", "queued_at"])
    return len(found)


def _unplan(mailing: Mailing) -> int:
    """Cancel a planned mailing: its current words have not been tested."""
    Mailing.objects.filter(pk=mailing.pk).update(started_at=None)
    return 0


@dataclass(frozen=True)
class Progress:
    """Progress of a mailing: signers it was queued for, results of mails still on record, and unsubscribes after it."""

    queued: int
    sent: int
    skipped: int
    failed: int
    waiting: int
    left: int

    @property
    def done(self) -> int:
        """How many need no further work."""
        return self.queued - self.waiting


def progress(mailing: Mailing) -> Progress:
    """The numbers now. Rows of mail go after SENT_MAIL_DAYS; how many were written to stays."""
    states = OutgoingEmail.State
    names = {"sent": states.SENT, "skipped": states.SKIPPED, "failed": states.FAILED, "waiting": states.QUEUED}
    counts = {name: Count("id", filter=Q(mail__state=state)) for name, state in names.items()}
    left = Count("id", filter=Q(mail__state=states.SENT, signature__email_updates=False))
    return Progress(**mailing.recipients.aggregate(queued=Count("id"), left=left, **counts))


def leave(*, signature_id: int) -> None:
    """No more news of this statement for this signer; the signature still counts. Harmless to repeat."""
    Signature.objects.filter(pk=signature_id).update(email_updates=False)


@transaction.atomic
def leave_all(*, signature_id: int) -> None:
    """No more mail from this site to this mailbox, of whatever kind."""
    signature = Signature.objects.filter(pk=signature_id).exclude(email="").first()
    if signature is not None:
        Signature.objects.filter(mailbox_key=signature.mailbox_key).update(email_updates=False)
        outbox.suppress_key(bytes(signature.mailbox_key))


@transaction.atomic
def announce_change(*, event: Event, by: Staff = None) -> Update:
    """Publish news that an event's plans have changed, ready to be tested and mailed."""
    word = {"cancelled": "Cancelled", "postponed": "Postponed"}.get(event.status, "Changed")
    update = Update.objects.create(
        statement=event.statement,
        title=f"{word}: {event.title}"[:100],
        slug=slugify(f"{event.slug[:60]}-{event.sequence}"),
        body=_plans(event),
        published_at=timezone.now(),
    )
    Statement.objects.touch(event.statement)
    audit.record(by=by, on=update, what="Wrote the news of a changed event")
    return update


def _plans(event: Event) -> str:
    """When and where now, in words."""
    if event.status == Event.Status.CANCELLED:
        return format_html("<p>“{}” will not take place.</p>", event.title)
    if event.status == Event.Status.POSTPONED:
        return format_html(
            "<p>“{}” will not take place at the time we announced. We'll tell you when.</p>", event.title
        )
    return format_html(
        "<p>“{}” is now on <strong>{}</strong>.</p><p>{}</p>", event.title, str(event.period), event.place
    )


def find(statement: Statement, slug: str) -> Update:
    """The statement's news of that slug, if its time has come. Raises Http404."""
    found = statement.updates.filter(published_at__lte=Now(), slug=slug).first()
    if found is None:
        raise Http404
    found.statement = statement
    return found
