"""The desk's queues: mail that failed, and requests to other hosts."""

from datetime import timedelta

from django.db.models import BigIntegerField, Exists, Func, Model, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext_lazy as _

from core import desk, roles
from mail.models import OutgoingEmail, OutgoingRequest
from mail.trouble import TRIES

roles.grant(roles.AUDITOR, "mail", "view_outgoingrequest view_allowedhost")


@desk.tile(
    _("Mail that failed"),
    address="mail_outgoingemail",
    permission="mail.view_outgoingemail",
    since="finished_at",
    green=timedelta(hours=1),
    amber=desk.DAY,
    is_machinery=True,
)
def failed_mail() -> QuerySet:
    """Mail that failed for good and has not been retried."""
    return OutgoingEmail.objects.filter(state=OutgoingEmail.State.FAILED)


@desk.tile(
    _("Requests to other hosts that fail"),
    address="mail_outgoingrequest",
    permission="mail.view_outgoingrequest",
    since="created_at",
    green=timedelta(0),
    amber=timedelta(0),
    is_machinery=True,
)
def failing_requests() -> QuerySet:
    """Requests that were given up, and those that were tried in vain for a few minutes; red at once."""
    failing = Q(state=OutgoingRequest.State.QUEUED, attempts__gte=TRIES, claimed_until=None)
    return OutgoingRequest.objects.filter(Q(state=OutgoingRequest.State.FAILED) | failing)


def mail_about(model: type[Model], *kinds: str, key: str, path: str = "statement") -> None:
    """Say that the context of mail of these `kinds` names a row of `model` under `key`, and how that row leads to what
    people are assigned to. Mail that no app knows is only for who looks after everything.
    """
    named = Func(
        KeyTextTransform(key, OuterRef("context")),
        template="substring(%(expressions)s from '^[0-9]{1,18}$')::bigint",
        output_field=BigIntegerField(),
    )

    def way(mine: QuerySet | list) -> Q:
        return Q(kind__in=kinds) & Q(Exists(model._default_manager.filter(pk=named, **{f"{path}__in": mine})))

    desk.belongs_by(OutgoingEmail, way)
