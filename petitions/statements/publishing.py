"""Publishing a statement, and what may happen to its promise, its address and its state from then on.

The admin, seeds and importers call these; each owns its transaction. A statement is locked while one of them works, so
of two who publish at once only one does. The lock (`no_key`) does not make signers wait.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import IntegrityError, transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Least, Now
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from core import audit, redirects, richtext
from core.audit import Staff
from core.speed import links
from petitions.statements import availability, counting, promise
from petitions.statements.models import ClockTimestamp, Statement, Version


class PublishingError(Exception):
    """Base of the refusals; the text is for the person who tried."""

    message: str | Lazy = ""

    def __str__(self) -> str:
        return str(self.message)


class NoText(PublishingError):
    """There is no draft, or nothing in it."""

    message = _("There is no text yet. Write the statement first.")


class NoTitle(PublishingError):
    """The title is empty."""

    message = _("There is no title. Write one first.")


class AlreadyPublished(PublishingError):
    """The promise is out and locked."""

    message = _("This statement is published already. Its title, addressee and text are locked; correct them instead.")


class NotPublished(PublishingError):
    """Drafts have nothing to correct, close or hide."""

    message = _("This statement is still a draft.")


class ClosesTooEarly(PublishingError):
    """It would be closed when it opens."""

    message = _("It would close before it opens. Change the closing time first.")


class Unchanged(PublishingError):
    """A correction must correct something."""

    message = _("Title, addressee and text are the same as before, so there is nothing to correct.")


class NoNote(PublishingError):
    """A correction is explained to those who signed."""

    message = _("Say what changed and why. Everybody can read it.")


class Outdated(PublishingError):
    """A colleague has corrected it meanwhile."""

    message = _("Somebody else has corrected it since you opened it. Look at their version first.")


class NoReason(PublishingError):
    """Hiding is recorded with a reason."""

    message = _("Say why. It is kept in the record.")


class AlreadyDone(PublishingError):
    """Closed, reopened, hidden or shown already."""

    message = _("Somebody has done this already.")


class Forgotten(PublishingError):
    """Its signers have been anonymised, so they could sign a second time."""

    message = _(
        "The names have been deleted since it closed, so it can't be reopened. Publish a new statement instead."
    )


class SlugTaken(PublishingError):
    """Another statement has this address, or once had it and people still follow it."""

    message = _("Another statement has this address, or had it once.")


@transaction.atomic
def write_draft(
    *, statement: Statement, title: str | None = None, addressed_to: str | None = None, body: str | None = None
) -> Version:
    """Keep these as the draft of what people will sign; `body` is rich text, and None leaves a part as it is.

    The statement itself holds a draft's title and addressee. Raises AlreadyPublished once there is a version.
    """
    if _lock(statement).version:
        raise AlreadyPublished
    own = {"title": title, "addressed_to": addressed_to}
    if own := {part: words for part, words in own.items() if words is not None}:
        _change(statement, **own)
    written = {} if body is None else {"body": body}
    return Version.objects.update_or_create(statement=statement, published_at=None, defaults=written)[0]


@transaction.atomic
def publish(*, statement: Statement, at: datetime | None = None, by: Staff = None) -> Version:
    """Make the draft version 1 and lock it; visitors see it from `at` (aware; None is now, by the database's clock).

    A statement that is scheduled may be published again, which moves its time and keeps its version.
    Raises NoTitle, NoText, AlreadyPublished, ClosesTooEarly.
    """
    locked = _lock(statement)
    if Statement.objects.filter(pk=locked.pk, published_at__lte=ClockTimestamp()).exists():
        raise AlreadyPublished
    version = locked.version or _lock_promise(locked, at)
    try:
        with transaction.atomic():
            # The transaction's time, so that it is public for whatever else happens in the transaction.
            _change(statement, published_at=at or TransactionNow())
    except IntegrityError as error:
        if "statement_closes_after_publishing" not in str(error):
            raise
        raise ClosesTooEarly from error
    counting.prepare(statement)
    audit.record(by=by, on=statement, what=f"Published for {at:%-d %B %Y at %H:%M %Z}" if at else "Published")
    return version


def _lock_promise(statement: Statement, at: datetime | None) -> Version:
    draft = statement.versions.first()
    if draft is None or not richtext.words(draft.body):
        raise NoText
    if not statement.title.strip():
        raise NoTitle
    draft.number, draft.title, draft.addressed_to = 1, statement.title, statement.addressed_to
    draft.sha256 = promise.fingerprint(**promise.words(draft))
    # One that is imported with a date in the past was locked then, too. PostgreSQL's LEAST passes over NULL.
    draft.published_at = Least(Value(at, output_field=Version._meta.get_field("published_at")), TransactionNow())
    draft.save(update_fields=["number", "title", "addressed_to", "sha256", "published_at"])
    draft.refresh_from_db()
    return draft


@transaction.atomic
def correct(
    *,
    statement: Statement,
    note: str,
    title: str | None = None,
    addressed_to: str | None = None,
    body: str | None = None,
    replaces: int | None = None,
    by: Staff = None,
) -> Version:
    """Publish the next version, with a `note` that everybody reads; earlier signatures keep theirs.

    None leaves a part as it is. `replaces` is the number of the version that the editor had before them. Raises
    NotPublished, NoTitle, NoText, NoNote, Unchanged, Outdated.
    """
    current, note = _lock(statement).version, note.strip()
    if current is None:
        raise NotPublished
    if replaces not in (None, current.number):
        raise Outdated
    words = _corrected(current, title, addressed_to, body)
    _refuse_correction(current, words, note)
    version = Version.objects.create(
        statement=statement,
        number=current.number + 1,
        note=note,
        published_at=Now(),
        sha256=promise.fingerprint(**words),
        **words,
    )
    version.refresh_from_db()
    counting.prepare(statement)
    _change(statement, title=version.title, addressed_to=version.addressed_to)
    audit.record(by=by, on=statement, what=_said(current, version), why=note)
    return version


def _corrected(current: Version, title: str | None, addressed_to: str | None, body: str | None) -> dict[str, str]:
    """The whole promise as corrected."""
    return {
        "title": current.title if title is None else title.strip(),
        "addressed_to": current.addressed_to if addressed_to is None else addressed_to.strip(),
        "body": current.body if body is None else richtext.clean_html(body),
    }


def _refuse_correction(current: Version, words: dict[str, str], note: str) -> None:
    if not words["title"]:
        raise NoTitle
    if not richtext.words(words["body"]):
        raise NoText
    if words == promise.words(current):
        raise Unchanged
    if not note:
        raise NoNote


def _said(older: Version, version: Version) -> str:
    names = {"title": "title", "addressed_to": "addressee", "body": "text"}
    changed = [name for part, name in names.items() if getattr(older, part) != getattr(version, part)]
    return f"Corrected the {' and the '.join(changed)}, version {version.number}"


@transaction.atomic
def close(*, statement: Statement, by: Staff = None) -> None:
    """Take no more signatures; the page stays. Raises NotPublished, AlreadyDone."""
    locked = _published(statement)
    if locked.closed_at:
        raise AlreadyDone
    _change(statement, closed_at=Now())
    audit.record(by=by, on=statement, what="Closed")


@transaction.atomic
def reopen(*, statement: Statement, by: Staff = None) -> None:
    """Take signatures again; a closing time that has passed is dropped.

    Raises NotPublished, AlreadyDone, Forgotten.
    """
    locked = _published(statement)
    if not Statement.objects.filter(availability.OVER, pk=locked.pk).exists():
        raise AlreadyDone
    if is_forgotten(locked):
        raise Forgotten
    _change(statement, closed_at=None, closes_at=Case(When(closes_at__gt=Now(), then=F("closes_at")), default=None))
    audit.record(by=by, on=statement, what="Reopened")


def is_forgotten(statement: Statement) -> bool:
    """Whether those who count could sign twice: nothing is left of them, or soon (retention.py); one stands for all."""
    counted = statement.signatures.filter(state__in=["confirmed", "anonymised"])
    oldest = counted.order_by("pk").values_list("pk", "mailbox_key").first()
    over = Statement.objects.alias(ended=availability.ENDED).filter(pk=statement.pk)
    after = timedelta(days=settings.ANONYMISE_AFTER_CLOSING_DAYS)
    is_unknown = oldest is not None and bytes(oldest[1]) == oldest[0].to_bytes(len(oldest[1]))
    return is_unknown or over.filter(ended__lt=Now() - after).exists()


@transaction.atomic
def hide(*, statement: Statement, reason: str, by: Staff) -> None:
    """Take the page away: it answers 410 and is listed nowhere. Raises NotPublished, NoReason, AlreadyDone."""
    locked = _published(statement)
    if not reason.strip():
        raise NoReason
    if locked.hidden_at:
        raise AlreadyDone
    _change(statement, hidden_at=Now())
    audit.record(by=by, on=statement, what="Hidden", why=reason.strip())


@transaction.atomic
def unhide(*, statement: Statement, by: Staff) -> None:
    """Show a hidden statement again. Raises AlreadyDone."""
    if not _lock(statement).hidden_at:
        raise AlreadyDone
    _change(statement, hidden_at=None)
    audit.record(by=by, on=statement, what="Shown again")


@transaction.atomic
def rename_slug(*, statement: Statement, slug: str, by: Staff = None) -> None:
    """Change the statement's slug; the old address redirects, unless it was never public (a draft).

    Taking back an address of its own is fine. Raises SlugTaken for one that another statement has or had.
    """
    locked = _lock(statement)
    if locked.slug == slug:
        return
    if is_slug_taken(slug, besides=statement):
        raise SlugTaken
    if locked.published_at:
        redirects.move(old=locked.get_absolute_url(), new=links.path("statement", slug))
    _change(statement, slug=slug)
    audit.record(by=by, on=statement, what=f"Moved from {locked.slug} to {slug}")


def is_slug_taken(slug: str, *, besides: Statement | None = None) -> bool:
    """Whether another statement than `besides` has this address or once had it."""
    now, own = Statement.objects.filter(slug=slug), ""
    if besides is not None:
        now, own = now.exclude(pk=besides.pk), besides.get_absolute_url()
    return now.exists() or redirects.is_old(links.path("statement", slug), besides=own)


@transaction.atomic
def record_outcome(*, statement: Statement, outcome: str, by: Staff = None) -> None:
    """Publish the outcome (rich text). Raises NotPublished."""
    _published(statement)
    _change(statement, outcome=outcome)
    audit.record(by=by, on=statement, what="Recorded the outcome")


@transaction.atomic
def hand_in(*, statement: Statement, handed_in_on: date, handed_in_to: str, by: Staff = None) -> None:
    """Tell on the page when it was handed in and to whom; the days without an answer count from then on."""
    _published(statement)
    _change(statement, handed_in_on=handed_in_on, handed_in_to=handed_in_to.strip())
    audit.record(by=by, on=statement, what=f"Handed in on {handed_in_on} to {handed_in_to.strip()}")


def _lock(statement: Statement) -> Statement:
    """The statement as it is now, for this transaction alone."""
    return Statement.objects.select_for_update(no_key=True).get(pk=statement.pk)


def _published(statement: Statement) -> Statement:
    locked = _lock(statement)
    if locked.published_at is None:
        raise NotPublished
    return locked


def _change(statement: Statement, **values: Any) -> None:
    """Write `values`, and that the page changed, to the database and to the object in hand."""
    Statement.objects.filter(pk=statement.pk).update(changed_at=ClockTimestamp(), **values)
    statement.refresh_from_db(fields=[*values, "changed_at"])
