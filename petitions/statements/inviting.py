"""Inviting people to work on statements: asked by mail, they set their own password by a link that works once."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from core import audit, roles, tokens
from core.audit import Staff
from mail import outbox
from petitions.statements import assigning
from petitions.statements.models import Statement
from petitions.statements.team import Invitation
from publishers import staffing

PURPOSE = "staff-invitation"


class InvitingError(Exception):
    """Base of the refusals; the text is for the person who tried."""

    message: str | Lazy = ""

    def __str__(self) -> str:
        return str(self.message)


class NotYours(InvitingError):
    """The inviter does not have the rights that they would give."""

    message = _("You can invite campaigners and moderators to the statements that you look after.")


class Expired(InvitingError):
    """Judged from the row, by the database's clock."""

    message = _("This invitation has expired. Ask the person who invited you to send it again.")


class Used(InvitingError):
    """Its person is here already."""

    message = _("This invitation has been used. Log in with the name and the password that you chose.")


class TakenBack(InvitingError):
    """The invitation was taken back."""

    message = _("This invitation was taken back.")


def roles_for(user: User) -> list[str]:
    """The roles that this person may give: who reads everything also lets others read everything."""
    if not user.has_perm("petitions.invite_staff"):
        return []
    everything = [roles.AUDITOR] if user.has_perm("petitions.view_every_statement") else []
    return [roles.MODERATOR, roles.CAMPAIGNER, *everything]


@transaction.atomic
def invite(
    *, email: str, role: str, statements: list[Statement], by: User, moderates: bool = False, note: str = ""
) -> Invitation | User:
    """Ask a mailbox to work on `statements` in a role; a campaigner may moderate, too.

    Whoever has a log-in with that address is put to work at once, and is returned. Raises NotYours.
    """
    if role not in roles_for(by) or not statements:
        raise NotYours
    known = User.objects.filter(email__iexact=email, is_active=True, is_staff=True).order_by("pk").first()
    if known is not None:
        _put_to_work(known, role, moderates, statements, by)
        return known
    invitation = Invitation.objects.create(
        email=email, role=role, moderates=moderates, note=note, invited_by=by, expires_at=_expiry()
    )
    invitation.statements.set(statements)
    invitation.refresh_from_db()
    _send(invitation)
    for statement in statements:
        audit.record(by=by, on=statement, what=f"Invited somebody as {role.lower()}")
    return invitation


@transaction.atomic
def send_again(*, invitation: Invitation, by: User) -> None:
    """Another link, with its whole time; the one before leads nowhere. Raises Used, TakenBack."""
    locked = _lock(invitation.pk)
    _refuse(locked)
    locked.link_number += 1
    Invitation.objects.filter(pk=locked.pk).update(link_number=locked.link_number, expires_at=_expiry())
    _send(locked)
    for statement in locked.statements.all():
        audit.record(by=by, on=statement, what="Sent an invitation again")


@transaction.atomic
def take_back(*, invitation: Invitation, by: User) -> None:
    """The link leads nowhere from now on. Raises Used, TakenBack."""
    locked = _lock(invitation.pk)
    _refuse(locked)
    Invitation.objects.filter(pk=locked.pk).update(taken_back_at=Now())
    for statement in locked.statements.all():
        audit.record(by=by, on=statement, what="Took an invitation back")


def find(*, invitation_id: int, link_number: int) -> Invitation:
    """The invitation of a link. Raises Used, TakenBack (also for an older link), Expired."""
    invitation = Invitation.objects.filter(pk=invitation_id).first()
    if invitation is None:
        raise Expired
    _refuse(invitation)
    if invitation.link_number != link_number:
        raise TakenBack
    if not Invitation.objects.filter(pk=invitation_id, expires_at__gt=Now()).exists():
        raise Expired
    return invitation


@transaction.atomic
def take(*, invitation_id: int, link_number: int, person: User) -> User:
    """Make the log-in and put it to work; `person` is not stored yet and has a password. Of two who press at once one
    comes in. Raises what `find` raises.
    """
    _lock(invitation_id)
    invitation = find(invitation_id=invitation_id, link_number=link_number)
    person.email, person.is_staff = invitation.email, True
    person.save()
    statements = list(invitation.statements.all())
    _put_to_work(person, invitation.role, invitation.moderates, statements, invitation.invited_by)
    Invitation.objects.filter(pk=invitation.pk).update(taken_at=Now(), taken_by=person)
    return person


@transaction.atomic
def let_moderate(*, user: User, statement: Statement, by: User) -> None:
    """Give a colleague of this statement the role of a moderator besides. Raises NotYours."""
    if roles.MODERATOR not in roles_for(by) or not statement.assignments.filter(user=user).exists():
        raise NotYours
    user.groups.add(_group(roles.MODERATOR))
    audit.record(by=by, on=statement, what=f"Let {user.get_username()} moderate")


def _put_to_work(user: User, role: str, moderates: bool, statements: list[Statement], by: Staff) -> None:
    given = [role, *([roles.MODERATOR] if moderates else [])]
    user.groups.add(*map(_group, given))
    if staffing.are_several():
        for publisher in {one.publisher for one in statements if one.publisher}:
            if not user.memberships.filter(publisher=publisher).exists() and not staffing.administers_site(user):
                staffing.employ(user=user, publisher=publisher, role=role.lower(), by=by)
    for statement in statements:
        assigning.assign(statement=statement, user=user, by=by)


def _group(role: str) -> Group:
    if not Group.objects.filter(name=role).exists():
        roles.establish()
    return Group.objects.get(name=role)


def _expiry() -> Combinable:
    return Now() + timedelta(days=settings.INVITATION_DAYS)


def _lock(pk: int) -> Invitation:
    found = Invitation.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise Expired
    return found


def _refuse(invitation: Invitation) -> None:
    if invitation.taken_at:
        raise Used
    if invitation.taken_back_at:
        raise TakenBack


def _send(invitation: Invitation) -> None:
    outbox.queue(kind="staff_invitation", recipient=invitation.email, context={"invitation": invitation.pk})


def token(invitation: Invitation) -> str:
    """The token of the link in the mail."""
    return tokens.make_token(PURPOSE, invitation.pk, invitation.link_number)
