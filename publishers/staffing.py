"""Who of the staff works for which publisher, and as what.

Whoever is written down for none works for the site's first publisher, so a site with one needs no such row. Above all
of them stands who may change log-ins: the site's administrators.
"""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, Group, User
from django.db import transaction
from django.db.models import QuerySet

from core import audit, identity, roles
from core.audit import Staff
from core.speed import memory
from publishers.models import Membership, Publisher

Role = Membership.Role
# What Django's permissions a role of a publisher brings. An administrator has no role of the whole site: what they may
# do besides, with their publisher alone, is asked of this module.
GROUPS: dict[str, tuple[str, ...]] = {
    Role.ADMINISTRATOR: (roles.CAMPAIGNER, roles.MODERATOR),
    Role.CAMPAIGNER: (roles.CAMPAIGNER,),
    Role.MODERATOR: (roles.MODERATOR,),
    Role.AUDITOR: (roles.AUDITOR,),
}
PLAIN = (Role.CAMPAIGNER, Role.MODERATOR, Role.AUDITOR)
SEE_ALL = (Role.ADMINISTRATOR, Role.AUDITOR)


def administers_site(user: User | AnonymousUser) -> bool:
    """Whether they stand above all publishers."""
    return user.has_perm("auth.change_user")


def publishers_of(user: User | AnonymousUser) -> QuerySet[Publisher]:
    """Those that somebody works for."""
    if administers_site(user):
        return Publisher.objects.all()
    mine = Publisher.objects.filter(memberships__user=user.pk)
    return mine if _is_member(user) else Publisher.objects.filter(pk__in=_first())


def publisher_for(user: User | AnonymousUser) -> Publisher | None:
    """Whose a statement is that they begin: of the host they are at if they work for it, else of the first they work
    for; None, which is the site's first, where there is one only.
    """
    if not are_several():
        return None
    mine = publishers_of(user)
    return mine.filter(pk=identity.here() or 0).first() or mine.first()


def may(user: User | AnonymousUser, permission: str, publisher: int | None) -> bool:
    """Whether their role gives them `permission`, or they administer that publisher."""
    return user.has_perm(permission) or administered_by(user).filter(pk=publisher or 0).exists()


def administered_by(user: User | AnonymousUser) -> QuerySet[Publisher]:
    """Those whose words, look and people they keep."""
    if administers_site(user):
        return Publisher.objects.all()
    return Publisher.objects.filter(memberships__user=user.pk, memberships__role=Role.ADMINISTRATOR)


def seen_whole_by(user: User | AnonymousUser) -> QuerySet[Publisher]:
    """Those of which they read every statement, whoever looks after it."""
    if _is_member(user):
        return Publisher.objects.filter(memberships__user=user.pk, memberships__role__in=SEE_ALL)
    everything = user.has_perm("petitions.view_every_statement")
    return Publisher.objects.filter(pk__in=_first()) if everything else Publisher.objects.none()


def works_for_the_site(user: User | AnonymousUser) -> bool:
    """Whether what belongs to no publisher is theirs to see: they administer the site, or work for its first one."""
    return administers_site(user) or publishers_of(user).filter(pk__in=_first()).exists()


def are_several() -> bool:
    """Whether more than one publisher is here."""
    found = memory.remember(identity.SEVERAL, settings.PUBLISHER_FRESH_SECONDS, lambda: Publisher.objects.count() > 1)
    return bool(found)


def _first() -> list[int]:
    return list(Publisher.objects.values_list("pk", flat=True)[:1])


def _is_member(user: User | AnonymousUser) -> bool:
    return Membership.objects.filter(user=user.pk).exists()


@transaction.atomic
def employ(*, user: User, publisher: Publisher, role: str, by: Staff = None) -> Membership:
    """Let somebody work for a publisher in that role, or in another one than before. Harmless to repeat."""
    first = Publisher.objects.first()
    if user.last_login and first and publisher != first and not _is_member(user) and not administers_site(user):
        # Until now they worked for the first publisher because nobody had said otherwise, and go on to.
        held = user.groups.values_list("name", flat=True)
        own = next((role for role in PLAIN if GROUPS[role][0] in held), Role.MODERATOR)
        Membership.objects.create(user=user, publisher=first, role=own)
    membership, is_new = Membership.objects.get_or_create(user=user, publisher=publisher, defaults={"role": role})
    if not is_new and membership.role == role:
        return membership
    membership.role = role
    membership.save(update_fields=["role"])
    for name in GROUPS[role]:
        if not Group.objects.filter(name=name).exists():
            roles.establish()
        user.groups.add(Group.objects.get(name=name))
    audit.record(by=by, on=publisher, what=f"Let {user.get_username()} work as {role}")
    return membership


@transaction.atomic
def let_go(*, membership: Membership, by: Staff = None) -> None:
    """Somebody no longer works for a publisher; who then works for none is out of the staff.

    Otherwise they would count as one of the first publisher's people.
    """
    user, publisher = membership.user, membership.publisher
    membership.delete()
    if not _is_member(user) and not administers_site(user):
        user.is_staff = False
        user.save(update_fields=["is_staff"])
    audit.record(by=by, on=publisher, what=f"{user.get_username()} no longer works for it")
