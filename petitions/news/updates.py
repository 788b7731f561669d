"""Mailing news to those who asked for it: numbers, a compulsory test, then batches in the worker, one mail each."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.http import Http404
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core import audit, redirects
from core.audit import Staff
from mail import outbox
from mail.kinds import Judged
from mail.models import OutgoingEmail
from petitions.actions.models import Event
from petitions.news import segments
from petitions.news.models import Mailing, MailingRecipient, Update
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


def mailed_lately(update: Update) -> Mailing | None:
    """The last mail to the same people within LATELY before now, or planned: amber, because they may tire of it."""
    others = Mailing.objects.filter(update__statement=update.statement, started_at__gte=Now() - LATELY)
    return others.exclude(update=update).select_related("update").order_by("-started_at").first()


def digest(update: Update, mailing: Mailing) -> str:
    """Digest of all that a test mail proves: the words, and where answers go."""
    return hashlib.sha256(f"{update.title}\0{update.body}\0{mailing.reply_to}".encode()).hexdigest()


@transaction.atomic
def send_test(*, update: Update, to: str) -> OutgoingEmail:
    """Mail the update to one colleague, as signers would get it."""
    mailing, _made = Mailing.objects.select_for_update().get_or_create(update=update)
    if not mailing.started_at or mailing.started_at > timezone.now():
        Mailing.objects.filter(pk=mailing.pk).update(tested=digest(update, mailing))
    return outbox.queue(kind="update", recipient=to, context={"update": update.pk, "signature": None})


@transaction.atomic
def aim(*, update: Update, by: Staff = None, **choices: Any) -> Mailing:
    """Say whom its mail is for and where answers go (segments.COLUMNS); what is not said stays.

    Raises AlreadyStarted.
    """
    if unknown := choices.keys() - set(segments.COLUMNS):
        raise TypeError(f"A mailing has no {', '.join(sorted(unknown))}.")
    mailing, _made = Mailing.objects.select_for_update().get_or_create(update=update)
    before = {name: getattr(mailing, name) for name in choices}
    if mailing.started_at and before != choices:
        raise AlreadyStarted
    for name, value in choices.items():
        setattr(mailing, name, value)
    mailing.save(update_fields=list(choices))
    if before != choices:
        audit.record(by=by, on=update, what=f"Chose whom its mail is for: {segments.said(mailing)}"[:600])
    return mailing


@transaction.atomic
def start(*, update: Update, at: datetime | None = None, by: Staff = None) -> Mailing:
    """Begin now, or plan to begin `at`; the worker queues the mail. Raises NotPublic, NotTested, AlreadyStarted."""
    mailing = Mailing.objects.select_for_update().filter(update=update).first()
    # As it is stored, now that nobody can change its words (petitions/schema.py).
    public = Update.objects.filter(pk=update.pk, published_at__lte=at or Now(), statement__hidden_at=None).first()
    if public is None:
        raise NotPublic
    if mailing is None or mailing.tested != digest(public, mailing):
        raise NotTested
    if mailing.started_at:
        raise AlreadyStarted
    mailing.started_at = at or timezone.now()
    mailing.save(update_fields=["started_at"])
    audit.record(by=by, on=update, what=_said(segments.audience(update.statement, mailing), at))
    return mailing


def _said(found: segments.Audience, at: datetime | None) -> str:
    planned = f", planned for {timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""
    left_out = found.without + found.silent + found.gone + found.others
    return f"Mailed to {found.gets}, not to {left_out}{planned}"


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


FAR_AWAY = timedelta(days=3650)
PAUSE = timedelta(days=1)
PAUSED = "paused"


@transaction.atomic
def pause(*, update: Update, by: Staff = None) -> None:
    """Let it rest: what is queued waits, and nothing more is queued, until `resume`. Harmless to repeat."""
    going = Mailing.objects.filter(update=update, started_at__lte=Now(), stopped_at=None, paused_at=None)
    if going.update(paused_at=Now()):
        _waiting(update).filter(due_at__lt=Now() + PAUSE).update(due_at=Now() + FAR_AWAY)
        audit.record(by=by, on=update, what="Paused the mail")


@transaction.atomic
def resume(*, update: Update, by: Staff = None) -> None:
    """Go on where it was paused. Harmless to repeat."""
    if Mailing.objects.filter(update=update, stopped_at=None).exclude(paused_at=None).update(paused_at=None):
        _waiting(update).filter(due_at__gt=Now()).update(due_at=Now())
        audit.record(by=by, on=update, what="Went on with the mail")


def _waiting(update: Update) -> QuerySet[OutgoingEmail]:
    sent_to = MailingRecipient.objects.filter(mailing__update=update).values("mail")
    return OutgoingEmail.objects.filter(pk__in=sent_to, state=OutgoingEmail.State.QUEUED)


def judge(rows: list[OutgoingEmail]) -> dict[int, Judged]:
    """What a worker had claimed, or a server put off, when its mailing was paused waits as well."""
    about = {row.pk: row.context["update"] for row in rows if row.context["signature"] is not None}
    paused = Mailing.objects.filter(update__in=set(about.values()), stopped_at=None).exclude(paused_at=None)
    resting = set(paused.values_list("update", flat=True))
    return {pk: Judged.later(PAUSE, PAUSED) for pk, update in about.items() if update in resting}


_QUEUE = """
WITH picked AS (
    SELECT id, email, mailbox_key, address_key FROM petitions_signature WHERE id = ANY(%(signatures)s)
), mails AS (
    INSERT INTO mail_outgoingemail (kind, recipient, recipient_key, address_key, lane, context)
    SELECT 'update', email, mailbox_key, address_key, %(lane)s,
        jsonb_build_object('update', %(update)s::bigint, 'signature', id) FROM picked ORDER BY id
    RETURNING id, (context->>'signature')::bigint AS signature_id
)
INSERT INTO petitions_mailingrecipient (mailing_id, signature_id, mail_id)
SELECT %(mailing)s, signature_id, id FROM mails
"""


@transaction.atomic
def queue_batch() -> int:
    """Look at the next signers of the oldest mailing under way, and queue those it is for; returns how many were looked
    at, 0 when none is left."""
    under_way = Mailing.objects.filter(started_at__lte=Now(), queued_at=None, stopped_at=None, paused_at=None)
    # The update is read after the lock is ours, so changes under way have been committed.
    mailing = under_way.select_for_update().order_by("id").first()
    if mailing is None:
        return 0
    if mailing.reached == 0 and mailing.tested != digest(mailing.update, mailing):
        return _unplan(mailing)
    written = MailingRecipient.objects.filter(mailing=mailing, signature=OuterRef("pk"))
    rows = segments.followers(mailing.update.statement, mailing).filter(~Exists(written), pk__gt=mailing.reached)
    looked_at = list(rows.order_by("pk").values_list("pk", "postcode")[:BATCH])
    _queue(mailing, [pk for pk, postcode in looked_at if segments.fits(mailing, postcode)])
    mailing.reached = looked_at[-1][0] if looked_at else mailing.reached
    mailing.queued_at = None if looked_at else timezone.now()
    mailing.save(update_fields=["reached", "queued_at"])
    return len(looked_at)


def _queue(mailing: Mailing, signatures: list[int]) -> None:
    values: dict[str, Any] = {
        "signatures": signatures,
        "mailing": mailing.pk,
        "update": mailing.update_id,
        "lane": OutgoingEmail.Lane.BULK.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE, values)


def _unplan(mailing: Mailing) -> int:
    """Cancel a planned mailing: its current words have not been tested."""
    Mailing.objects.filter(pk=mailing.pk).update(started_at=None)
    return 0


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
