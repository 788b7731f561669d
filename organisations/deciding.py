"""Decisions about an endorsement: approve, decline, ask, undo. Each is recorded with who, when and why."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from core import audit
from core.audit import Staff
from mail import outbox
from organisations import directory, listing
from organisations import undo as before
from organisations.endorsing import tell
from organisations.models import Endorsement, Organisation
from petitions.models import Statement
from petitions.signatures.signing import TIME_TO_UNDO

State = Endorsement.State
DECISION_MAILS = ("endorsement_listed", "endorsement_declined")


class DecidingError(Exception):
    """Base of the refusals; the text is for the person who tried."""

    message: str | Lazy = ""

    def __str__(self) -> str:
        return str(self.message)


class NotWaiting(DecidingError):
    """It has been decided already, or the representative has withdrawn."""

    message = _("This endorsement is not waiting for a decision.")


class NewerWords(DecidingError):
    """The words have changed since the moderator read them."""

    message = _("The representative has sent newer words since you looked. Read them, then decide.")


class AlreadyListed(DecidingError):
    """The organisation is listed there already."""

    message = _("This organisation is on the list already. Decline this one, or merge the two organisations.")


class Twin(DecidingError):
    """With these details it would be taken for another organisation."""

    message = directory.NameTaken.message


class MergedMeanwhile(DecidingError):
    """The organisation that was chosen is no more."""

    message = directory.MergedMeanwhile.message


class NothingToUndo(DecidingError):
    """There is no decision, it was undone already, or the representative has acted since."""

    message = _("There is nothing to undo.")


class QuestionIsOut(DecidingError):
    """The question has gone out and cannot be withdrawn."""

    message = _("The question has gone out already.")


class NoReason(DecidingError):
    """A reason is missing; the representative reads it."""

    message = _("Say why, in plain words. The representative reads it.")


@transaction.atomic
def approve(
    *,
    endorsement: Endorsement,
    by: Staff = None,
    organisation: Organisation | None = None,
    parent: Organisation | None = None,
    seen: str = "",
) -> Endorsement:
    """List it, and tell the representative. Only here anything that was typed becomes public.

    `organisation` is the one that it is, when the moderator says so; else the one it was listed as before, the one of
    that name in that town, or a new one. `parent` is what it is a branch of. `seen` is the `edition` that was read,
    that of the row in hand unless said. An organisation that also stands where `by` has no say is listed as it is.
    Raises NotWaiting, NewerWords, AlreadyListed, Twin, MergedMeanwhile.
    """
    locked = _locked_with_pages(endorsement, organisation)
    if not Endorsement.objects.to_check().filter(pk=locked.pk).exists():
        raise NotWaiting
    _refuse_unseen(locked, seen or endorsement.edition)
    found = organisation or locked.organisation or directory.find(name=locked.name, town=locked.town)
    was = {"row": before.snapshot(locked), "words": before.words(found)}
    with _refusing_twins():
        if found is None or directory.is_in_hand(found, by):
            described = _describe(locked, found, parent, is_other=organisation is not None)
        else:
            described = found
        _list(locked, described, by, {**was, "made": before.words(described)})
    audit.record(by=by, on=locked, what="Approved", label=_label(locked))
    tell(locked, "endorsement_listed")
    _in_hand(endorsement)
    return endorsement


def _locked(endorsement: Endorsement) -> Endorsement:
    """The row as it is now, after its statement, for this transaction alone."""
    listing.lock(endorsement.statement_id)
    related = Endorsement.objects.select_related("statement", "organisation__parent", "organisation__logo", "logo")
    return related.select_for_update(of=["self"]).get(pk=endorsement.pk)


def _locked_with_pages(endorsement: Endorsement, organisation: Organisation | None = None) -> Endorsement:
    """The same where an organisation changes with it: after the directory and all statements that name it, in order."""
    directory.lock()
    now = Endorsement.objects.select_related("organisation").get(pk=endorsement.pk)
    found = organisation or now.organisation or directory.find(name=now.name, town=now.town)
    directory.lock_pages(found, now.organisation, also=now.statement_id)
    return _locked(endorsement)


def _refuse_unseen(locked: Endorsement, seen: str) -> None:
    if locked.edition != seen:
        raise NewerWords


def _describe(
    endorsement: Endorsement, found: Organisation | None, parent: Organisation | None, *, is_other: bool
) -> Organisation:
    """Bring the organisation up to date with what the moderator has just read; `is_other` keeps its own name."""
    if found is None:
        found = Organisation(slug=directory.free_slug(endorsement.name))
    mine = found if is_other else endorsement
    was_listed = endorsement.state == State.LISTED
    return directory.describe(
        organisation=found,
        name=mine.name,
        kind=mine.kind,
        town=mine.town or found.town,
        website=endorsement.website or found.website,
        logo=endorsement.logo or (None if was_listed else found.logo),
        parent=parent or found.parent,
    )


@contextmanager
def _refusing_twins() -> Iterator[None]:
    """Neither two organisations of one name, nor one twice on a list. Raises Twin, AlreadyListed, MergedMeanwhile."""
    try:
        with transaction.atomic():
            yield
    except directory.MergedMeanwhile as error:
        raise MergedMeanwhile from error
    except directory.DirectoryError as error:
        raise Twin from error
    except IntegrityError as error:
        if "endorsement_listed_once_per_organisation" not in str(error):
            raise
        raise AlreadyListed from error


def _list(endorsement: Endorsement, organisation: Organisation, by: Staff, was: dict[str, Any]) -> None:
    listing.change(
        endorsement,
        state=State.LISTED,
        organisation=organisation,
        public_message=endorsement.message,
        public_contact=endorsement.contact,
        listed_at=endorsement.listed_at or Now(),
        changed_at=None,
        was=was,
        **_decided(endorsement, by),
    )
    listing.recount(statement=endorsement.statement)


def _decided(endorsement: Endorsement, by: Staff, reason: str = "") -> dict[str, Any]:
    return {"decided_by_id": by.pk if by else None, "decided_at": Now(), "decided_reason": reason,
            "decided_submission_id": endorsement.submission_id}  # fmt: skip


def _label(endorsement: Endorsement) -> str:
    """Its name in the record: the organisation, never the person."""
    return f"{endorsement.name}: {endorsement.statement}"


def _in_hand(endorsement: Endorsement) -> None:
    endorsement.refresh_from_db()


@transaction.atomic
def decline(*, endorsement: Endorsement, reason: str, by: Staff = None, seen: str = "") -> Endorsement:
    """Say no, or take a listed one off, with a reason the representative reads; `seen` as for `approve`.

    Raises NotWaiting, NewerWords, NoReason.
    """
    reason = reason.strip()
    if not reason:
        raise NoReason
    locked = _locked(endorsement)
    if locked.state not in {State.WAITING, State.LISTED}:
        raise NotWaiting
    _refuse_unseen(locked, seen or endorsement.edition)
    was_listed = locked.state == State.LISTED
    listing.unlist(locked, state=State.DECLINED, was={"row": before.snapshot(locked)}, **_decided(locked, by, reason))
    if was_listed:
        listing.recount(statement=locked.statement)
    audit.record(
        by=by, on=locked, what="Taken off the list" if was_listed else "Declined", why=reason, label=_label(locked)
    )
    tell(locked, "endorsement_declined")
    _in_hand(endorsement)
    return endorsement


@transaction.atomic
def ask(*, endorsement: Endorsement, question: str, by: Staff = None) -> Endorsement:
    """Write to the representative and let it wait; the answer comes by mail. The question leaves after TIME_TO_UNDO.

    Raises NotWaiting, NoReason.
    """
    question = question.strip()
    if not question:
        raise NoReason
    locked = _locked(endorsement)
    if not Endorsement.objects.to_check().filter(pk=locked.pk).exists():
        raise NotWaiting
    listing.change(locked, question=question, asked_at=Now())
    audit.record(by=by, on=locked, what="Asked", why=question, label=_label(locked))
    tell(locked, "endorsement_question", due_at=timezone.now() + TIME_TO_UNDO)
    _in_hand(endorsement)
    return endorsement


@transaction.atomic
def withdraw_question(
    *, endorsement: Endorsement, question: str = "", asked_at: datetime | None = None, by: Staff = None
) -> Endorsement:
    """Stop the mail with the last question; `question` and `asked_at` are the one before it, if there was one.

    Raises QuestionIsOut.
    """
    locked = _locked(endorsement)
    if locked.asked_at is None or not _call_back(locked, ["endorsement_question"], since=locked.asked_at):
        raise QuestionIsOut
    listing.change(locked, question=question, asked_at=asked_at)
    audit.record(by=by, on=locked, what="Withdrew the question", label=_label(locked))
    _in_hand(endorsement)
    return endorsement


@transaction.atomic
def undo(*, endorsement: Endorsement, by: Staff = None) -> bool:
    """Bring back how it stood before the last decision: in the queue, or on the list with the words it had.

    Returns whether the representative had not been told yet, and now never is. Raises NothingToUndo, and Twin or
    AlreadyListed when another one has taken its name or its place since.
    """
    locked = _locked_with_pages(endorsement)
    if locked.state not in {State.LISTED, State.DECLINED} or locked.was is None:
        raise NothingToUndo
    was_told = not _call_back(locked, DECISION_MAILS, since=locked.decided_at)
    with _refusing_twins():
        before.restore(locked, by=by)
    listing.recount(statement=locked.statement)
    audit.record(by=by, on=locked, what="Undone", label=_label(locked))
    _in_hand(endorsement)
    return not was_told


def _call_back(endorsement: Endorsement, kinds: Sequence[str], since: datetime | None) -> bool:
    """Whether the mail that was queued `since` then could still be stopped."""
    about = {"endorsement": endorsement.pk}
    recipient_key = bytes(endorsement.mailbox_key)
    return bool(outbox.call_back(recipient_key=recipient_key, kinds=kinds, about=about, since=since))


@transaction.atomic
def make_initial(*, endorsement: Endorsement, initial: bool = True, by: Staff = None) -> Endorsement:
    """Count it among the initial supporting organisations, at the end of their order, or among the others."""
    locked = _locked(endorsement)
    if locked.is_initial != initial:
        peers = Endorsement.objects.filter(statement=locked.statement_id, is_initial=True)
        last = peers.aggregate(last=Max("position"))["last"] or 0
        listing.change(locked, is_initial=initial, position=last + 1 if initial else 0)
        Statement.objects.touch(locked.statement)
        what = "Put among the initial supporters" if initial else "Put among the other supporters"
        audit.record(by=by, on=locked, what=what, label=_label(locked))
    _in_hand(endorsement)
    return endorsement


@transaction.atomic
def arrange(*, statement: Statement, order: list[int], by: Staff = None) -> None:
    """Put the initial supporters in the campaigner's order; `order` holds ids of endorsements, first to last."""
    listing.lock(statement.pk)
    places = {pk: place for place, pk in enumerate(order, start=1)}
    for endorsement in Endorsement.objects.filter(statement=statement, is_initial=True, pk__in=places):
        listing.change(endorsement, position=places[endorsement.pk])
    Statement.objects.touch(statement)
    audit.record(by=by, on=statement, what="Arranged the initial supporters")
