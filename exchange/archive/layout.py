"""The layout of an archive: the columns of each table are those of its model, so that a new one is never forgotten.

A column goes out as text and comes in again as what it is. What must differ on another site – numbers of rows, keyed
hashes, who of the staff did something – is named in `leaves`, and the manifest lists it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from comments.models import Comment
from core import csv
from core.models import Redirect
from core.sealed import Sealed
from organisations.models import Endorsement, Logo, Organisation
from petitions.models import Attendance, CallToAction, Event, SheetLine, Signature, Update
from submissions.models import ConsentText

FORMAT, VERSION = "undersigned-archive", 1
KEYS = frozenset({"address_key", "mailbox_key", "domain_key"})  # made anew of the address

_TIME = """'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'"""


@dataclass(frozen=True)
class Ref:
    """A column that names another row: how it is written (SQL over `t`), and how that row is found (over `s`)."""

    out: str
    into: str


@dataclass(frozen=True)
class Table:
    """One file of rows. `join` and `where` are SQL over `t`; `extra` are columns beside the model's own; `email` is the
    column of which the keyed hashes are made; `each` says that every statement has its own."""

    file: str
    model: type[models.Model]
    refs: Mapping[str, Ref] = field(default_factory=dict)
    leaves: frozenset[str] = frozenset()
    extra: Mapping[str, str] = field(default_factory=dict)
    join: str = ""
    where: str = "true"
    order: str = "t.id"
    email: str = ""
    each: bool = True
    conflict: str = ""

    @property
    def fields(self) -> list[models.Field]:
        """The model's columns that it has."""
        gone = self.leaves | KEYS
        concrete = self.model._meta.local_concrete_fields
        return [one for one in concrete if not one.primary_key and one.name not in gone]

    @property
    def sealed(self) -> dict[str, Sealed]:
        """Those that rest encrypted."""
        return {one.name: one for one in self.fields if isinstance(one, Sealed)}

    @property
    def columns(self) -> dict[str, str]:
        """The columns of the file, each with the SQL that writes it as text."""
        own = {one.name: self._out(one) for one in self.fields}
        return {**self.extra, **own}

    @property
    def select(self) -> str:
        """All rows, in the order in which they came."""
        columns = ", ".join(f'{sql} AS "{name}"' for name, sql in self.columns.items())
        return (
            f"SELECT {columns} FROM {self.model._meta.db_table} t {self.join} WHERE {self.where} ORDER BY {self.order}"
        )

    def _out(self, one: models.Field) -> str:
        if one.name in self.refs:
            return self.refs[one.name].out
        if one.is_relation:
            raise TypeError(f"{self.model._meta.label}.{one.name} leads to a row: say how it is named in an archive.")
        column = f'"{one.column}"'
        if isinstance(one, Sealed):
            return csv.guarded_sealed(f"t.{column}", one.what)
        if isinstance(one, models.DateTimeField):
            return f"to_char(t.{column} AT TIME ZONE 'UTC', {_TIME})"
        if isinstance(one, models.BooleanField):
            return f"CASE WHEN t.{column} THEN 'yes' ELSE 'no' END"
        if isinstance(one, (models.CharField, models.TextField, models.JSONField)):
            return csv.guarded_sql(f"t.{column}::text")
        return f"t.{column}::text"

    def into(self, one: models.Field) -> str:
        """The SQL that reads a column of the staged rows `s`."""
        if one.name in self.refs:
            return self.refs[one.name].into
        text = f's."{one.name}"'
        if isinstance(one, Sealed):
            return text  # staged as it rests (loading.py)
        if isinstance(one, (models.CharField, models.TextField)) and not isinstance(one, models.UUIDField):
            return f"nullif({text}, '')" if one.null else text
        if isinstance(one, models.BooleanField):
            return f"{text} = 'yes'"
        if isinstance(one, ArrayField):
            return f"{text}::{one.db_type(connection)}"
        kind = {"DateTimeField": "timestamptz", "DateField": "date", "JSONField": "jsonb", "UUIDField": "uuid"}
        return f"nullif({text}, '')::{kind.get(one.get_internal_type(), 'bigint')}"


_VERSION = Ref(
    "(SELECT number::text FROM petitions_version v WHERE v.id = t.version_id)",
    "(SELECT id FROM petitions_version v WHERE v.statement_id = %(statement)s AND v.number = s.version::int)",
)
_CONSENT = Ref(
    "(SELECT sha256 FROM submissions_consenttext c WHERE c.id = t.consent_id)",
    "(SELECT id FROM submissions_consenttext c WHERE c.sha256 = s.consent)",
)
_LOGO = Ref(
    "(SELECT uuid::text FROM organisations_logo l WHERE l.id = t.logo_id)",
    "(SELECT id FROM organisations_logo l WHERE l.uuid::text = s.logo)",
)
_STATEMENT = Ref("NULL", "%(statement)s")
_MINE = "t.statement_id = %(statement)s"
# Agreed by mail on the site it comes from: the submission itself is a stub that goes.
_AGREED = Ref(
    "CASE WHEN t.submission_id IS NULL THEN '' ELSE 'yes' END", "CASE WHEN s.submission_id = 'yes' THEN 0 END"
)
_BROUGHT = Ref(
    "CASE WHEN t.import_id IS NULL THEN '' ELSE 'yes' END", "CASE WHEN s.import_id = 'yes' THEN %(import)s::bigint END"
)
# Which leaf of the proof of the count is theirs, and its key (petitions/signatures/proof.py).
_LEAF = "(SELECT k.place || ':' || encode(k.key, 'hex') FROM petitions_countkey k WHERE k.signature_id = t.id)"

# Publishers are known on another site by their short names; one that isn't there is left out.
_ASKED_BY = Ref(
    "(SELECT slug FROM publishers_publisher p WHERE p.id = t.asked_by_id)",
    "(SELECT id FROM publishers_publisher p WHERE p.slug = s.asked_by)",
)
_NEWS_OF = Ref(
    "(SELECT string_agg(slug, ' ' ORDER BY id) FROM publishers_publisher p WHERE p.id = ANY(t.news_of))",
    "(SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM publishers_publisher p"
    " WHERE p.slug = ANY(string_to_array(s.news_of, ' ')))",
)

SITE = (
    Table(
        "consents.csv", ConsentText, each=False, leaves=frozenset({"publishers"}),
        conflict="ON CONFLICT (sha256) DO NOTHING",
    ),
    Table("logos.csv", Logo, each=False, leaves=frozenset({"data"}), conflict="ON CONFLICT (uuid) DO NOTHING"),
    Table(
        "organisations.csv", Organisation, each=False, leaves=frozenset({"parent"}), refs={"logo": _LOGO},
        extra={"parent": "(SELECT slug FROM organisations_organisation p WHERE p.id = t.parent_id)"},
        conflict="ON CONFLICT DO NOTHING",
    ),
    Table("redirects.csv", Redirect, each=False, conflict="ON CONFLICT DO NOTHING"),
)  # fmt: skip
EACH = (
    Table(
        "signatures.csv", Signature, email="email", where=f"{_MINE} AND t.state <> 'withdrawn'",
        refs={"statement": _STATEMENT, "version": _VERSION, "consent": _CONSENT, "submission_id": _AGREED,
              "import_id": _BROUGHT, "asked_by": _ASKED_BY, "news_of": _NEWS_OF},
        leaves=frozenset({"ip_key", "sort_key", "link_number", "prior_state", "prior_shown", "prior_version_id",
                          "prior_import_id"}),
        extra={"mailbox": "encode(t.mailbox_key, 'hex')", "leaf": _LEAF},
    ),
    Table(
        "endorsements.csv", Endorsement, email="contact_email", where=_MINE,
        refs={"statement": _STATEMENT, "version": _VERSION, "consent": _CONSENT, "logo": _LOGO,
              "submission_id": _AGREED, "organisation": Ref(
                  "(SELECT slug FROM organisations_organisation o WHERE o.id = t.organisation_id)",
                  "(SELECT id FROM organisations_organisation o WHERE o.slug = s.organisation)")},
        leaves=frozenset({"ip_key", "decided_by", "decided_submission_id", "was", "signals"}),
    ),
    Table(
        "comments.csv", Comment, where="h.statement_id = %(statement)s",
        join="JOIN comments_thread h ON h.id = t.thread_id",
        refs={"thread": Ref("NULL", "(SELECT id FROM comments_thread WHERE statement_id = %(statement)s)"),
              "consent": _CONSENT, "submission_id": _AGREED},
        leaves=frozenset({"parent", "ip_key", "decided_by", "was", "spam_check", "spam_tries"}),
        extra={"key": "t.id::text", "answers": "t.parent_id::text"},
    ),
    Table("events.csv", Event, where=_MINE, refs={"statement": _STATEMENT}, leaves=frozenset({"coming"})),
    Table(
        "attendances.csv", Attendance, email="email", where="h.statement_id = %(statement)s AND t.state <> 'withdrawn'",
        join="JOIN petitions_event h ON h.id = t.event_id",
        refs={"event": Ref("h.slug", "(SELECT id FROM petitions_event e WHERE e.slug = s.event)"),
              "consent": _CONSENT, "submission_id": _AGREED},
        leaves=frozenset({"link_number", "withdrawn_at"}),
    ),
    Table(
        "calls.csv", CallToAction, where=_MINE,
        refs={"statement": _STATEMENT, "event": Ref(
            "(SELECT slug FROM petitions_event e WHERE e.id = t.event_id)",
            "(SELECT id FROM petitions_event e WHERE e.slug = s.event)")},
    ),
    Table("updates.csv", Update, where=_MINE, refs={"statement": _STATEMENT}),
    Table(
        "paper.csv", SheetLine, where="h.statement_id = %(statement)s",
        join="JOIN petitions_sheet h ON h.id = t.sheet_id",
        refs={"sheet": Ref("h.number::text", "(SELECT id FROM petitions_sheet h WHERE h.statement_id = %(statement)s"
                           " AND h.number = s.sheet::int AND (h.import_id IS NOT NULL) = (s.brought_in = 'yes'))")},
        extra={"brought_in": "CASE WHEN h.import_id IS NULL THEN '' ELSE 'yes' END",
               "typed_at": f"to_char(h.typed_at AT TIME ZONE 'UTC', {_TIME})",
               "forgotten_at": f"to_char(h.forgotten_at AT TIME ZONE 'UTC', {_TIME})"},
    ),
)  # fmt: skip
# Staff decide about mailboxes and domains, whose keyed hashes only this site's secret makes.
DECISIONS = f"""
SELECT t.id::text AS key, t.makes, t.kind, encode(t.subject, 'hex') AS subject, t.position::text AS position,
    {csv.guarded_sql("t.reason")} AS reason, t.source, t.undoes_id::text AS undoes,
    to_char(t.created_at AT TIME ZONE 'UTC', {_TIME}) AS created_at,
    to_char(t.lifted_at AT TIME ZONE 'UTC', {_TIME}) AS lifted_at
FROM submissions_decision t WHERE t.scope = %(statement)s ORDER BY t.id
"""
# The proof of the count: hashes that name nobody, and the root of each day.
LEAVES = """
SELECT (b.number * 1024 + at)::text AS place, encode(substring(b.leaves FROM at * 32 + 1 FOR 32), 'hex') AS leaf
FROM petitions_countblock b, generate_series(0, octet_length(b.leaves) / 32 - 1) at
WHERE b.statement_id = %(statement)s ORDER BY b.number, at
"""
ROOTS = """
SELECT day::text, size::text, gone::text, root FROM petitions_countroot WHERE statement_id = %(statement)s ORDER BY day
"""
SILENT = "SELECT encode(mailbox_key, 'hex') AS mailbox FROM mail_suppression ORDER BY mailbox_key"

# What is not the same after a round trip, and why; docs/exchange/archive.md explains each.
DIFFERS = {
    "numbers": "Rows are numbered anew, and links in mails that were sent before belong to the old site.",
    "hashes": "Keyed hashes of addresses are made anew with the secret of the new site.",
    "submissions": "What was agreed by mail says so; the submissions themselves stay behind and are forgotten there.",
    "networks": "Hashes of visitors' networks stay behind.",
    "staff": "Who of the staff decided, typed or brought in stays behind, with their log-ins and the record.",
    "joint": "Who publishes a statement together stays behind; whose news is known by the publisher's short name.",
    "withdrawn": "Signatures that were withdrawn minutes before stay behind.",
    "mailings": "How far the mail of news got stays behind: nobody is written to twice from the new site.",
}
