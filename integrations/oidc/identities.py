"""Whose account is whose: an administrator says so. Nobody is created, and no address is trusted."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models.functions import Now

from core import audit
from core.audit import Staff
from integrations.oidc.models import Identity
from integrations.oidc.provider import CALLED


@transaction.atomic
def known(claims: dict[str, Any]) -> Identity:
    """The account that these claims are about; written down when it is seen for the first time."""
    calls = " ".join(str(claims[name]) for name in CALLED if claims.get(name))[:200]
    identity, _ = Identity.objects.select_related("user").get_or_create(
        issuer=claims["iss"], subject=claims["sub"], defaults={"calls_itself": calls}
    )
    if identity.user_id is None:
        Identity.objects.filter(pk=identity.pk).update(tried_at=Now(), calls_itself=calls)
    return identity


@transaction.atomic
def link(*, identity: Identity, user: User | None, by: Staff = None) -> None:
    """Say whose log-in an account is; None takes it back."""
    identity.user, identity.linked_by = user, by if user else None
    identity.save(update_fields=["user", "linked_by"])
    what = f"Linked an account elsewhere to {user.get_username()}" if user else "Took the link of an account away"
    audit.record(by=by, on=identity, what=what, label=f"Account {identity.pk}")


@transaction.atomic
def used(*, identity: Identity, claims: dict[str, Any]) -> None:
    """Somebody logs in with it: note it, and set their roles by their groups, where OIDC_ROLES says how."""
    Identity.objects.filter(pk=identity.pk).update(used_at=Now())
    if identity.user is not None and settings.OIDC_ROLES:
        _set_roles(identity.user, _groups(claims))


def _groups(claims: dict[str, Any]) -> set[str]:
    found = claims.get(settings.OIDC_GROUPS_CLAIM, [])
    return {str(one) for one in (found if isinstance(found, list) else [found])}


def _set_roles(user: User, groups: set[str]) -> None:
    """Roles that no group gives are left alone; nobody becomes a superuser."""
    given = {role for group, role in settings.OIDC_ROLES if group in groups}
    ruled = {role for _, role in settings.OIDC_ROLES}
    before = set(user.groups.filter(name__in=ruled).values_list("name", flat=True))
    if given != before:
        user.groups.remove(*Group.objects.filter(name__in=before - given))
        user.groups.add(*Group.objects.filter(name__in=given - before))
        audit.record(by=user, on=user, what=f"Got the roles of their groups: {', '.join(sorted(given)) or 'none'}")


def has_second_factor(claims: dict[str, Any]) -> bool:
    """Whether the provider says that they proved who they are twice, as OIDC_SECOND_FACTOR names it (RFC 8176)."""
    name, _, wanted = settings.OIDC_SECOND_FACTOR.partition("=")
    found = claims.get(name, []) if wanted else []
    said = {str(one) for one in (found if isinstance(found, list) else [found])}
    return bool(said & set(wanted.split(",")))


def administrators() -> bool:
    """Whether somebody who may do everything has logged in this way, so that passwords can be done without."""
    return Identity.objects.filter(
        user__is_superuser=True, user__is_active=True, used_at__isnull=False, issuer=settings.OIDC_ISSUER
    ).exists()
