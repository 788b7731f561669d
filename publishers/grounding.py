"""Choosing on which ground of the law a publisher keeps people's data, and who else answers: a verb with a reason."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import audit, disclosures
from core.audit import Staff
from core.disclosures import Channel
from publishers import bases, describing
from publishers.models import Publisher


class Ungrounded(Exception):
    """Base of the refusals; the text is for the person who tried."""

    field = "basis"
    message: str | Promise = ""

    def __str__(self) -> str:
        return str(self.message)


class NoReason(Ungrounded):
    """Nobody would know later why."""

    field, message = "reason", _("Say why: whoever reads the record later wants to know.")


class NoLaw(Ungrounded):
    """A public task is one that a law gives."""

    field, message = "law", _("Name the law that gives you the task.")


class PassedOn(Ungrounded):
    """Art. 9(2)(d): nothing is disclosed outside that body without consent."""

    message = _(
        "A webhook passes on people’s addresses. On this ground nothing may leave your organisation without the "
        "person’s consent: switch that webhook off first."
    )


@transaction.atomic
def choose(
    *, publisher: Publisher, basis: str, law: str = "", joint: str = "", children: str = "", why: str, by: Staff = None
) -> Publisher:
    """Let it keep signatures on that ground (publishers/bases.py) from now on; notice and form say so at once.

    `law` is what gives a public task, `joint` who answers together with it, a line each, and `children` a line for
    them. What people agreed to before keeps the words that they saw. Returns the publisher. Raises NoReason, NoLaw,
    PassedOn.
    """
    if not why.strip():
        raise NoReason
    if basis == bases.TASK and not law.strip():
        raise NoLaw
    if basis == bases.MEMBERS and disclosures.names(Channel.SIGNATURES):
        raise PassedOn
    publisher.basis, publisher.basis_law = basis, law if basis == bases.TASK else ""
    publisher.joint_controllers, publisher.children_words = joint, children
    publisher.changed_at = Now()
    fields = ("basis", "basis_law", "joint_controllers", "children_words", "changed_at")
    publisher.save(update_fields=fields)
    publisher.refresh_from_db()
    describing.told(publisher)
    what = f"Chose the ground of the law: {bases.basis(basis).article6} and {bases.basis(basis).article9}"
    audit.record(by=by, on=publisher, what=what, why=why)
    return publisher
