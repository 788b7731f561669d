"""Publishing together: one publisher asks another, who answers on the desk; one verb for each step.

The statement then stands under both, each on its own pages, with one text, one thread and one count. What a signer
gave to one of them stays theirs when they leave; what comes after that is no longer asked for them.
"""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import audit, identity
from core.audit import Staff
from core.identity import Identity
from mail import outbox
from petitions.statements.joint import Copublisher
from petitions.statements.models import ClockTimestamp, Statement
from publishers import staffing
from publishers.models import Publisher

Ended = Copublisher.Ended


class CopublishingError(Exception):
    """Base of the refusals; the text is for the person who tried."""

    message: str | Promise = ""

    def __str__(self) -> str:
        return str(self.message)


class ItsOwn(CopublishingError):
    """A publisher is not its own co-publisher."""

    message = _("This publisher has begun the statement. Ask another one.")


class Already(CopublishingError):
    """It is one publisher once."""

    message = _("They publish it already, or were asked to and have not answered.")


class NotTheirs(CopublishingError):
    """Only who administers a publisher answers for it."""

    message = _("Only an administrator of that publisher can answer for it.")


class Answered(CopublishingError):
    """The invitation has been accepted, declined or withdrawn."""

    message = _("This invitation has been answered or withdrawn.")


class NotJoint(CopublishingError):
    """They do not publish it."""

    message = _("They don’t publish this statement, or no longer.")


@transaction.atomic
def invite(*, statement: Statement, publisher: Publisher, by: Staff = None, note: str = "") -> Copublisher:
    """Ask another publisher of this site to publish the statement together with its own; they get a mail.

    Raises ItsOwn, Already.
    """
    locked = _lock(statement.pk)
    if locked.publisher_id == publisher.pk:
        raise ItsOwn
    if locked.copublishers.filter(publisher=publisher, ended_at=None).exists():
        raise Already
    place = locked.copublishers.aggregate(last=Max("position"))["last"] or 0
    made = Copublisher.objects.create(
        statement=locked, publisher=publisher, note=note, invited_by=by, position=place + 1
    )
    made.refresh_from_db()
    for email in mailboxes(publisher):
        outbox.queue(kind="joint_invitation", recipient=email, context={"copublisher": made.pk})
    audit.record(by=by, on=statement, what=f"Asked {publisher} to publish it together")
    return made


@transaction.atomic
def withdraw(*, copublisher: Copublisher, by: Staff = None) -> None:
    """Take an invitation back that nobody has answered. Raises Answered."""
    _end(_invited(copublisher), Ended.WITHDRAWN)
    audit.record(by=by, on=copublisher.statement, what=f"Took the invitation of {copublisher.publisher} back")


@transaction.atomic
def accept(*, copublisher: Copublisher, by: Staff = None, headline: str = "", preface: str = "") -> Copublisher:
    """Publish it together from now on, under one's own headline and preface. Raises NotTheirs, Answered."""
    _answers_for(by, copublisher)
    found = _invited(copublisher)
    _write(found, headline, preface)
    Copublisher.objects.filter(pk=found.pk).update(accepted_by=by, accepted_at=Now())
    _keep(found.statement_id)
    _tell(found)
    audit.record(by=by, on=found.statement, what=f"{found.publisher} publishes it together from now on")
    found.refresh_from_db()
    return found


@transaction.atomic
def decline(*, copublisher: Copublisher, by: Staff = None) -> None:
    """Not this one. Raises NotTheirs, Answered."""
    _answers_for(by, copublisher)
    found = _invited(copublisher)
    _end(found, Ended.DECLINED)
    _tell(found)
    audit.record(by=by, on=found.statement, what=f"{found.publisher} declined to publish it together")


@transaction.atomic
def leave(*, copublisher: Copublisher, by: Staff = None) -> None:
    """Publish it no longer: who gave their news to the publisher until now stays theirs, nobody new is asked.

    Its pages then lead to those of the statement's own publisher. Raises NotTheirs, NotJoint.
    """
    _answers_for(by, copublisher)
    found = _joined(copublisher)
    _end(found, Ended.LEFT)
    _keep(found.statement_id)
    _tell(found)
    audit.record(by=by, on=found.statement, what=f"{found.publisher} no longer publishes it")


@transaction.atomic
def describe(*, copublisher: Copublisher, headline: str, preface: str, by: Staff = None) -> Copublisher:
    """Give a joint statement one's own headline and preface. Raises NotTheirs, NotJoint."""
    _answers_for(by, copublisher)
    found = _joined(copublisher)
    _write(found, headline, preface)
    _keep(found.statement_id)
    audit.record(by=by, on=found.statement, what=f"Changed the headline and preface of {found.publisher}")
    return found


def mailboxes(publisher: Publisher) -> list[str]:
    """Where a publisher is asked: its contact address, and its administrators'."""
    people = User.objects.filter(
        memberships__publisher=publisher, memberships__role=staffing.Role.ADMINISTRATOR, is_active=True
    )
    return list(dict.fromkeys([publisher.contact_email, *people.exclude(email="").values_list("email", flat=True)]))


def words_of(statement: Statement) -> tuple[str, str]:
    """Headline and preface as they stand where we speak just now: the statement's own, or a co-publisher's."""
    if statement.shown_by == statement.publisher_id:
        return statement.headline, statement.preface
    rows = statement.copublishers.joined().filter(publisher=statement.shown_by)
    return rows.values_list("headline", "preface").first() or (statement.headline, statement.preface)


def partners(who: Identity) -> tuple[Identity, ...]:
    """Those with whom a publisher has public statements together, each once."""
    if not staffing.are_several():
        return ()
    rows = Statement.objects.public().by(who.pk).exclude(joint_with=[]).values_list("publisher", "joint_with")
    pks = dict.fromkeys(pk for own, joint in rows for pk in (own, *joint) if pk != who.pk)
    return tuple(identity.publisher(pk) for pk in pks)


def _lock(pk: int) -> Statement:
    return Statement.objects.select_for_update().get(pk=pk)


def _answers_for(by: Staff, copublisher: Copublisher) -> None:
    if by is not None and not staffing.administered_by(by).filter(pk=copublisher.publisher_id).exists():
        raise NotTheirs


def _invited(copublisher: Copublisher) -> Copublisher:
    """As it is now, with its statement locked. Raises Answered."""
    found = _locked(copublisher)
    if not found.is_invited:
        raise Answered
    return found


def _joined(copublisher: Copublisher) -> Copublisher:
    """The same of one that is under way. Raises NotJoint."""
    found = _locked(copublisher)
    if not found.is_joined:
        raise NotJoint
    return found


def _locked(copublisher: Copublisher) -> Copublisher:
    _lock(copublisher.statement_id)
    return Copublisher.objects.select_related("statement", "publisher").get(pk=copublisher.pk)


def _write(found: Copublisher, headline: str, preface: str) -> None:
    setattr(found, "headline", headline)  # noqa: B010 - the stubs know its field, not what it holds
    setattr(found, "preface", preface)  # noqa: B010 - the same
    found.save(update_fields=["headline", "preface"])


def _end(found: Copublisher, how: str) -> None:
    Copublisher.objects.filter(pk=found.pk).update(ended_at=Now(), ended=how)


def _keep(statement_id: int) -> None:
    """Write down with the statement who publishes it now, and have every page of it know."""
    joined = Copublisher.objects.joined().filter(statement=statement_id).order_by("position", "pk")
    pks = list(joined.values_list("publisher", flat=True))
    Statement.objects.filter(pk=statement_id).update(joint_with=pks, changed_at=ClockTimestamp())


def _tell(found: Copublisher) -> None:
    """Let who asked know of the answer, if they have a mailbox, else their publisher."""
    by = found.invited_by
    own = found.statement.publisher
    email = by.email if by is not None and by.email else own.contact_email if own else ""
    if email:
        outbox.queue(kind="joint_answer", recipient=email, context={"copublisher": found.pk})
