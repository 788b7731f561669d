"""Reading an archive into a site: all of it or nothing, and nothing over what is there."""

from dataclasses import dataclass, field
from typing import IO, Any

from django.db import DataError, IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from comments import threads
from comments.models import Thread
from core import audit
from core.addresses import mailbox_key
from core.audit import Staff
from exchange.archive import layout, loading, proving
from exchange.archive.opening import Opened, open_archive
from exchange.archive.writing import NOT_TOLD
from exchange.files import Unreadable
from exchange.models import Brings, Import
from organisations import listing
from organisations.models import Motion
from petitions.actions import attending
from petitions.models import Sheet, Statement, Version
from petitions.signatures import statistics
from petitions.statements import counting, promise
from publishers.models import Picture

PICTURES = ("image", "image_small")

TAKEN = _(
    "There is a statement with the address “%(slug)s” here already. An archive is read beside others, never over them."
)
REFUSED = _("Something in “%(slug)s” can't stand here (%(rule)s). Nothing was brought in.")
NOT_ITS_HASH = _("The text of version %(number)s of “%(slug)s” is not the one of its hash. Nothing was brought in.")


@dataclass
class Report:
    """Result of reading: rows by file, and rows left out with the reason."""

    counts: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, number: int) -> None:
        """So many more of them."""
        self.counts[name] = self.counts.get(name, 0) + number


class DryRun(Exception):
    """It would have worked; everything goes back."""


def read(file: IO[bytes], *, dry_run: bool = False, by: Staff = None) -> Report:
    """Read an archive into this site; with `dry_run` everything is tried and nothing kept.

    Raises Unreadable for what is no whole archive, for a statement whose address is taken, and for rows that the
    database refuses; nothing has come in then.
    """
    opened = open_archive(file)
    report = Report()
    if taken := Statement.objects.filter(slug__in=opened.slugs).first():
        raise Unreadable(TAKEN, slug=taken.slug)
    slug = ""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL undersigned.in_bulk = 'yes'")
            cursor.execute("LOCK TABLE submissions_decision IN SHARE ROW EXCLUSIVE MODE")
            _site(opened, report)
            for slug in opened.slugs:
                _statement(opened, slug, report, by)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            if dry_run:
                raise DryRun
    except DryRun:
        return report
    except (IntegrityError, DataError) as error:
        rule = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or type(error).__name__
        raise Unreadable(REFUSED, slug=slug, rule=rule) from error
    return report


def _site(opened: Opened, report: Report) -> None:
    for table in layout.SITE:
        also = {}
        if table.file == "logos.csv":
            _stage_logos(opened)
            also = {"data": "(SELECT data FROM logo_files f WHERE f.uuid = s.uuid)"}
        report.add(table.file, loading.load(opened, table.file, table, {}, also=also))
        if table.file == "organisations.csv":
            with connection.cursor() as cursor:
                cursor.execute(_PARENTS)
    known = bytes.fromhex(opened.manifest.get("key_check", "")) == mailbox_key(NOT_TOLD)
    number = loading.stage(opened, "silent.csv", ["mailbox"])
    if known:
        with connection.cursor() as cursor:
            cursor.execute(_SILENT)
        report.add("silent.csv", number)
    elif number:
        report.left_out["silent.csv"] = number


_PARENTS = """
UPDATE organisations_organisation o SET parent_id = p.id FROM staged s
JOIN organisations_organisation p ON p.slug = s.parent WHERE o.slug = s.slug AND s.parent <> '' AND o.parent_id IS NULL
"""
_SILENT = """
INSERT INTO mail_suppression (mailbox_key) SELECT decode(mailbox, 'hex') FROM staged ON CONFLICT DO NOTHING
"""


def _stage_logos(opened: Opened) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE logo_files (uuid text, data bytea) ON COMMIT DROP")
        for row in loading.rows(opened, "logos.csv"):
            data = opened.zip.read(f"media/logos/{row['uuid']}.webp")
            cursor.execute("INSERT INTO logo_files VALUES (%s, %s)", [row["uuid"], data])


def _statement(opened: Opened, slug: str, report: Report, by: Staff) -> None:
    folder = f"statements/{slug}"
    about = opened.json(f"{folder}/statement.json")
    statement = _make(opened, folder, about)
    brought = _import_of(statement, opened, by)
    values = {"statement": statement.pk, "import": brought.pk if brought else None}
    for table in layout.EACH:
        if table.file == "paper.csv":
            _sheets(opened, folder, statement, values)
        elif table.file == "comments.csv":
            continue
        report.add(table.file, loading.load(opened, f"{folder}/{table.file}", table, values))
        if table.file == "signatures.csv":
            proving.keep(opened, folder, statement)
            _decisions(opened, folder, values, report)
    _comments(opened, folder, values, report)
    _settle(statement)
    report.add("statements", 1)
    audit.record(by=by, on=statement, what="Read from an archive", why=str(opened.manifest.get("origin", ""))[:200])


def _make(opened: Opened, folder: str, about: dict[str, Any]) -> Statement:
    """The statement, its versions with their hashes, its thread and its motion."""
    own = {name: value for name, value in about.items() if name not in {"versions", "thread", "motion", *PICTURES}}
    statement = Statement(**_cleaned(Statement, own))
    for name in PICTURES:
        if kept := about.get(name, ""):
            data = opened.zip.read(f"{folder}/media/{kept}.webp")
            setattr(statement, name, Picture.objects.get_or_create(name=kept, defaults={"data": data})[0])
    statement.save(force_insert=True)
    for version in about["versions"]:
        words = {part: version[part] for part in promise.PARTS}
        if version["published_at"] and promise.fingerprint(**words) != version["sha256"]:
            raise Unreadable(NOT_ITS_HASH, number=version["number"], slug=statement.slug)
        Version(statement=statement, **_cleaned(Version, version)).save(force_insert=True)
    Thread.objects.filter(statement=statement).update(**_cleaned(Thread, about["thread"]))
    if about["motion"]:
        Motion(statement=statement, **_cleaned(Motion, about["motion"])).save(force_insert=True)
    return statement


def _cleaned(model: type, given: dict[str, Any]) -> dict[str, Any]:
    """The columns that this version knows, as Python has them."""
    fields = {one.name: one for one in model._meta.local_concrete_fields}  # type: ignore[attr-defined]  # of a model
    return {name: fields[name].to_python(value) for name, value in given.items() if name in fields}


def _import_of(statement: Statement, opened: Opened, by: Staff) -> Import | None:
    """People brought in there count as brought in here; the list itself is not in the archive."""
    rows = loading.rows(opened, f"statements/{statement.slug}/signatures.csv")
    paper = loading.rows(opened, f"statements/{statement.slug}/paper.csv")
    if not any(row["import_id"] for row in rows) and not any(row["brought_in"] for row in paper):
        return None
    return Import.objects.create(
        statement=statement, source="archive", brings=Brings.NAMES, state=Import.State.DONE, created_by=by,
        file_name=str(opened.manifest.get("origin", ""))[:120], file_sha256="",
    )  # fmt: skip


def _sheets(opened: Opened, folder: str, statement: Statement, values: dict[str, Any]) -> None:
    """The paper sheets of the lines."""
    seen: dict[tuple[str, str], dict[str, str]] = {}
    for row in loading.rows(opened, f"{folder}/paper.csv"):
        seen.setdefault((row["sheet"], row["brought_in"]), row)
    for (number, brought), row in seen.items():
        times = _cleaned(Sheet, {name: row[name] or None for name in ("typed_at", "forgotten_at")})
        import_id = values["import"] if brought else None
        Sheet(statement=statement, number=int(number), import_id=import_id, **times).save(force_insert=True)


_BARS = """
INSERT INTO submissions_decision (makes, kind, scope, subject, position, reason, source, created_at, lifted_at)
SELECT s.makes, s.kind, %(statement)s, coalesce(known.mailbox_key, decode(s.subject, 'hex')),
    nullif(s.position, '')::smallint, s.reason, s.source, s.created_at::timestamptz,
    nullif(s.lifted_at, '')::timestamptz
FROM staged s LEFT JOIN (SELECT DISTINCT mailbox, mailbox_key FROM mailboxes) known ON known.mailbox = s.subject
WHERE known.mailbox_key IS NOT NULL OR %(same)s ORDER BY s.place
"""
# Their keys here by their keys there: a decision is about a mailbox that signed.
_MAILBOXES = """
CREATE TEMPORARY TABLE mailboxes ON COMMIT DROP AS SELECT mailbox, mailbox_key FROM staged WHERE mailbox_key <> ''
"""


def _decisions(opened: Opened, folder: str, values: dict[str, Any], report: Report) -> None:
    """Holds and removals go on standing. Which decision undid which stays behind: what is lifted is lifted."""
    same = bytes.fromhex(opened.manifest.get("key_check", "")) == mailbox_key(NOT_TOLD)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS mailboxes")
        cursor.execute(_MAILBOXES)
        names = ["key", "makes", "kind", "subject", "position", "reason", "source", "undoes", "created_at", "lifted_at"]
        there = loading.stage(opened, f"{folder}/decisions.csv", names)
        cursor.execute(_BARS, {**values, "same": same})
        report.add("decisions.csv", cursor.rowcount)
        if there > cursor.rowcount:
            report.left_out["decisions.csv"] = report.left_out.get("decisions.csv", 0) + there - cursor.rowcount


_NUMBERED = """
CREATE TEMPORARY TABLE numbered ON COMMIT DROP AS
SELECT s.key, nextval(pg_get_serial_sequence('comments_comment', 'id')) AS id
FROM (SELECT key FROM staged ORDER BY place) s
"""


def _comments(opened: Opened, folder: str, values: dict[str, Any], report: Report) -> None:
    """In their order, with answers below what they answer."""
    table = next(one for one in layout.EACH if one.file == "comments.csv")
    path = f"{folder}/{table.file}"
    loading.stage(opened, path, list(table.columns))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS numbered")
        cursor.execute(_NUMBERED)
    also = {
        "id": "(SELECT id FROM numbered n WHERE n.key = s.key)",
        "parent_id": "(SELECT id FROM numbered n WHERE n.key = s.answers)",
    }
    report.add(table.file, loading.load(opened, path, table, values, also=also))


def _settle(statement: Statement) -> None:
    """Count what was read, by the same definitions as everything else."""
    counting.prepare(statement)
    statistics.rebuild(statement)
    counting.recount(statement=statement, repair=True)
    listing.recount(statement=statement)
    threads.recount(Thread.objects.get(statement=statement))
    for event in statement.events.all():
        attending.recount(event)
    lines = Sheet.objects.filter(statement=statement)
    Statement.objects.filter(pk=statement.pk).update(
        paper=sum(sheet.lines.count() for sheet in lines.filter(import_id=None)),
        names_only=sum(sheet.lines.count() for sheet in lines.exclude(import_id=None)),
    )
