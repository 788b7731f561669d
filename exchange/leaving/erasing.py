"""Erasing everything of one publisher, or of the site: all at once or not at all, with a certificate of what it was.

What goes is found in the models: statements, and every row that refers to one, however far off. For a publisher that is
all but what others use, too; for the site it is also every other table with somebody's data in it. The record stays,
for it names nobody, and so do log-ins of staff and tombstones: they go with the database.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import audit, register
from core.audit import Staff
from core.models import AuditEntry, Redirect, Tombstone
from core.register import Whose
from organisations.models import Endorsement, Logo, Organisation
from petitions.models import Copublisher, Signature, Statement
from petitions.statements import copublishing
from publishers.models import Publisher
from submissions.models import Decision

Rows = dict[type[models.Model], models.Q]
ALL = models.Q()
_OURS = {"api", "comments", "core", "exchange", "integrations", "mail", "organisations", "petitions", "publishers",
         "submissions"}  # fmt: skip
_LOOSE = (models.SET_NULL, models.DO_NOTHING)  # what can be without the row that it refers to
_STAYS: set[type[models.Model]] = {Tombstone, AuditEntry}
# The one trigger that lets no published version go; everything else only watches changes.
_LOCK, _TRIGGER = "petitions_version", "petitions_version_locked"


class NotLeaving(Exception):
    """The name was not typed as it is, or no reason was given."""

    def __str__(self) -> str:
        return str(_("Type the name exactly as it is written, and say why."))


class StillJoint(NotLeaving):
    """Others publish one of its statements, too."""

    def __init__(self, statement: Statement) -> None:
        super().__init__()
        self.statement = statement

    def __str__(self) -> str:
        words = _("Others publish “%(title)s” together with this publisher. Ask them to leave it first.")
        return str(words) % {"title": self.statement.title}


@dataclass(frozen=True)
class Certificate:
    """What was erased: rows by table, and what stays."""

    name: str
    at: str
    why: str
    rows: dict[str, int]
    record: dict[str, Any]

    @property
    def data(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "erased": self.name, "at": self.at, "why": self.why, "rows": self.rows,
            "rows_in_all": sum(self.rows.values()), "record": self.record, "origin": settings.ORIGIN,
            "stays": [
                "the record of what staff did, which names no signer",
                "keyed hashes of what was erased before, so that no backup brings it back",
                "log-ins of staff",
                "consent texts and pictures of pages",
                "logos that nobody has any more, until the worker throws them away",
                f"backups, for {settings.BACKUP_DAYS} days",
                f"mail on its way or just sent, for {settings.SENT_MAIL_DAYS} days, unless the whole site was erased",
            ],
        }  # fmt: skip


def name_of(publisher: Publisher | None) -> str:
    """What has to be typed: a publisher's short name, or the site's own address."""
    return publisher.slug if publisher else settings.ORIGIN.partition("://")[2]


def erase(*, publisher: Publisher | None, typed: str, why: str, by: Staff = None) -> Certificate:
    """Erase everything of the publisher, or of the whole site. Raises NotLeaving, StillJoint."""
    name = name_of(publisher)
    if typed.strip() != name or not why.strip():
        raise NotLeaving
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        if publisher:
            _part(publisher)
        cursor.execute(f"ALTER TABLE {_LOCK} DISABLE TRIGGER {_TRIGGER}")
        rows = _publisher(publisher) if publisher else _site()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {_LOCK} ENABLE TRIGGER {_TRIGGER}")
        _enter(publisher, rows, why, by)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # the record takes the line
        line = AuditEntry.objects.order_by("-id").first()
    record = {"line": line.pk, "sha256": line.hash} if line else {}
    return Certificate(name, timezone.now().isoformat(timespec="seconds"), why.strip(), rows, record)


def _enter(publisher: Publisher | None, rows: dict[str, int], why: str, by: Staff) -> None:
    about = publisher or Publisher.objects.order_by("position", "pk").first() or Publisher()
    what = f"Erased everything of {name_of(publisher)}: {sum(rows.values()):,} rows"
    audit.enter(by=by, on=about, what=what, why=why, label=name_of(publisher))


def _part(publisher: Publisher) -> None:
    """Publish nothing together any more: statements of others, and who signed them on its pages, stay with these."""
    joint = Statement.objects.select_for_update().filter(publisher=publisher).exclude(joint_with=[]).first()
    if joint is not None:
        raise StillJoint(joint)
    for row in Copublisher.objects.filter(publisher=publisher, ended_at=None).order_by("pk"):
        (copublishing.leave if row.is_joined else copublishing.withdraw)(copublisher=row)
    theirs = models.Func(models.F("news_of"), models.Value(publisher.pk), function="array_remove")
    Signature.objects.filter(news_of__contains=[publisher.pk]).update(news_of=theirs)


def _publisher(publisher: Publisher) -> dict[str, int]:
    """All of one publisher. Who is the site's only one stays as a name."""
    statements = models.Q(publisher=publisher)
    own = list(Statement.objects.filter(statements).values_list("pk", flat=True))
    backing = list(Endorsement.objects.filter(statement__in=own).values_list("organisation", flat=True).distinct())
    paths = [statement.get_absolute_url() for statement in Statement.objects.filter(statements)]
    roots: Rows = {Statement: statements, Decision: models.Q(scope__in=own)}
    if Publisher.objects.exclude(pk=publisher.pk).exists():
        roots[Publisher] = models.Q(pk=publisher.pk)
    for path in paths:
        roots[Redirect] = roots.get(Redirect, models.Q(pk=None)) | models.Q(target__startswith=path)
    rows = _delete(roots)
    alone = models.Q(pk__in=backing, endorsements=None, branches=None)
    unused = list(Organisation.objects.filter(alone).values_list("pk", flat=True))
    return rows | _delete({Organisation: models.Q(pk__in=unused)})


def _site() -> dict[str, int]:
    """All statements, and every table with somebody's data that is not the staff's."""
    roots: Rows = {Statement: ALL, Decision: ALL, Redirect: ALL, Organisation: ALL, Logo: ALL}
    nobody = {Whose.NOBODY, Whose.STAFF}
    for model, columns in register.everything():
        if model._meta.app_label in _OURS and any(entry.whose not in nobody for entry in columns.values()):
            roots[model] = ALL
    return _delete({model: rows for model, rows in roots.items() if model not in _STAYS})


def _parents(model: type[models.Model]) -> list[models.ForeignKey]:
    return [one for one in model._meta.concrete_fields if isinstance(one, models.ForeignKey)]


def _reached(roots: Iterable[type[models.Model]]) -> set[type[models.Model]]:
    """The roots and all models whose rows can't be without a row of one of them."""
    found, more = set(roots), True
    while more:
        new = {
            model
            for model in apps.get_models()
            if model not in found and model._meta.managed and not model._meta.proxy and _holds_on(model, found)
        }
        found, more = found | new, bool(new)
    return found


def _holds_on(model: type[models.Model], to: set[type[models.Model]]) -> bool:
    return any(one.related_model in to and one.remote_field.on_delete not in _LOOSE for one in _parents(model))


def _delete(roots: Rows) -> dict[str, int]:
    """Delete these rows and all that can't be without them, children first; returns how many of each table."""
    found, rows = _reached(roots), dict[type[models.Model], models.QuerySet]()
    for model in _parents_first(found):
        rows[model] = model._base_manager.filter(_which(model, roots, rows))
    for model in apps.get_models():
        for one in _parents(model):
            if one.related_model in rows and one.remote_field.on_delete is models.SET_NULL and one.model is model:
                model._base_manager.filter(**{f"{one.name}__in": rows[one.related_model]}).update(**{one.name: None})
    gone = {model: rows[model]._raw_delete(using="default") for model in reversed(rows)}
    return {
        model._meta.db_table: number
        for model, number in sorted(gone.items(), key=lambda one: one[0]._meta.db_table)
        if number
    }


def _which(model: type[models.Model], roots: Rows, rows: dict[type[models.Model], models.QuerySet]) -> models.Q:
    if roots.get(model) == ALL:
        return ALL
    which = roots.get(model, models.Q(pk__in=[]))
    for one in _parents(model):
        if one.related_model in rows and one.remote_field.on_delete not in _LOOSE:
            which |= models.Q(**{f"{one.name}__in": rows[one.related_model].values("pk")})
    return which


def _parents_first(found: set[type[models.Model]]) -> list[type[models.Model]]:
    ordered: list[type[models.Model]] = []
    left = sorted(found, key=lambda model: model._meta.db_table)
    while left:
        ready = [model for model in left if not _waits_for(model, {*left} - {model})]
        ordered += ready or left[:1]
        left = [model for model in left if model not in ordered]
    return ordered


def _waits_for(model: type[models.Model], others: set[type[models.Model]]) -> bool:
    return any(one.related_model in others for one in _parents(model))
