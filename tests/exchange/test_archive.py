"""Out, into an empty site, and out again: the same but for what the manifest says must differ."""

import csv
import io
import json
import zipfile
import zlib

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from core import csv as guarded
from exchange.archive import keeping as archives
from exchange.archive import layout, reading, writing
from exchange.files import Unreadable
from exchange.keeping import paths, pieces_of, work
from exchange.models import Archive, Import
from petitions.models import Event, Signature, Statement
from petitions.statements import counting
from tests.exchange import lists
from tests.factories import CommentFactory, SignatureFactory
from tests.petitions.actions.making import come

TABLES = """exchange_import exchange_importrow comments_comment comments_thread organisations_endorsement
    organisations_organisation organisations_logo organisations_motion petitions_statement petitions_version
    petitions_signature petitions_sheet petitions_sheetline petitions_event petitions_update petitions_mailing
    submissions_decision submissions_consenttext mail_suppression core_redirect""".split()


def written():
    """The archive of the whole site."""
    file = io.BytesIO()
    writing.write(file)
    return file


def emptied():
    """As if this were another site: no row of what an archive brings."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE petitions_version DISABLE TRIGGER USER")
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
        cursor.execute("ALTER TABLE petitions_version ENABLE TRIGGER USER")


def same_order(rows):
    """Numbers of rows tell nothing on another site: how they refer to one another does."""
    numbers = {}
    for row in rows:
        for name in ("key", "answers", "undoes"):
            if row.get(name):
                row[name] = numbers.setdefault(row[name], len(numbers))
    return rows


def no_hashes(rows):
    """Who is forgotten has a key that is nobody's, made anew."""
    return [{**row, "mailbox": "" if not row["email"] else row["mailbox"]} for row in rows]


def lifted_alone(rows):
    """Which decision undid which stays behind."""
    return [{**row, "undoes": ""} for row in rows]


def unordered(rows):
    """The site's own lists are in no order."""
    return sorted(rows, key=lambda row: sorted(map(str, row.items())))


# What may differ in a file, by name; everything else is equal cell by cell.
COMPARATORS = {
    "signatures.csv": [no_hashes],
    "comments.csv": [same_order],
    "decisions.csv": [lifted_alone, same_order],
    "redirects.csv": [unordered],
    "consents.csv": [unordered],
    "logos.csv": [unordered],
    "organisations.csv": [unordered],
}


def contents(file):
    """What an archive says, by path."""
    found = {}
    with zipfile.ZipFile(file) as opened:
        for path in opened.namelist():
            data = opened.read(path)
            name = path.rpartition("/")[2]
            if path.endswith(".csv"):
                rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
                for compare in COMPARATORS.get(name, []):
                    rows = compare(rows)
                found[path] = rows
            elif path.endswith(".json") and path != "manifest.json":
                found[path] = json.loads(data)
            elif path.endswith(".ics"):
                found[path] = [line for line in data.decode().split("\r\n") if not line.startswith("DTSTAMP")]
            elif path != "manifest.json":
                found[path] = data
    return found


@pytest.mark.whole
@pytest.mark.django_db(transaction=True)
def test_the_whole_demo_world_comes_back_as_it_was(settings, tmp_path):
    settings.DEMO = True
    settings.MEDIA_ROOT = tmp_path
    call_command("seed", verbosity=0)
    statement = Statement.objects.open().order_by("pk").first()
    lists.bring_in(lists.read("name,email,date\n'=Ada,ada.brought@example.org,2021-03-04\n", statement=statement))
    lists.bring_in(lists.read(lists.CHANGE, statement=statement))
    event = Event.objects.filter(starts_at__gt=timezone.now(), status="scheduled").first()
    Event.objects.filter(pk=event.pk).update(takes_names=True, capacity=1)
    assert [come(event, f"{name}@example.org", "=Ada").state for name in ("a", "b")] == ["coming", "waiting"]
    first = written()
    before = contents(first)
    numbers = {one.slug: counting.recount(statement=one) for one in Statement.objects.all()}
    assert sum(len(rows) for path, rows in before.items() if path.endswith("signatures.csv")) > 1000
    assert {path.rpartition("/")[2] for path, rows in before.items() if rows} >= {
        "signatures.csv", "endorsements.csv", "comments.csv", "events.csv", "attendances.csv", "calls.csv", "updates.csv", "paper.csv",
        "decisions.csv", "statement.json", "organisations.csv", "consents.csv", "logos.csv"}  # fmt: skip
    emptied()
    assert Signature.objects.count() == 0
    assert reading.read(first, dry_run=True).left_out == {}
    assert Statement.objects.count() == 0
    reading.read(first)
    after = contents(written())
    assert after.keys() == before.keys()
    differing = [
        (path, [(a, b) for a, b in zip(before[path], after[path], strict=False) if a != b][:2])
        for path in before
        if before[path] != after[path] and isinstance(before[path], list)
    ]
    assert differing == []
    assert [path for path in before if before[path] != after[path]] == []
    assert {one.slug: counting.recount(statement=one) for one in Statement.objects.all()} == numbers
    with pytest.raises(Unreadable, match="already"):
        reading.read(first)


@pytest.mark.django_db(transaction=True)
def test_cells_are_guarded_and_come_back_as_they_were(statement):
    names = ["=1+1", "'=1+1", "-x", "'", 'plain, “quoted” "name"', "＝wide", "O'Hara", "@ada", "''@x"]
    for name in names:
        SignatureFactory(statement=statement, name=name)
    CommentFactory(statement=statement, body='=cmd\n\n- not a formula, "but" a list')
    file = written()
    with zipfile.ZipFile(file) as opened:
        raw = opened.read(f"statements/{statement.slug}/signatures.csv").decode("utf-8-sig")
    cells = [row["name"] for row in csv.DictReader(io.StringIO(raw, newline=""))]
    assert cells == ["'=1+1", "''=1+1", "'-x", "'", 'plain, “quoted” "name"', "'＝wide", "O'Hara", "'@ada", "'''@x"]
    assert [guarded.plain(cell) for cell in cells] == names
    emptied()
    reading.read(file)
    assert list(Signature.objects.order_by("pk").values_list("name", flat=True)) == names


@pytest.mark.django_db(transaction=True)
def test_another_secret_makes_other_keys_and_holds_stand(statement, settings):
    SignatureFactory(statement=statement, state="held", email="held@example.org")
    file = written()
    emptied()
    settings.HASH_SECRET = "another secret of another site, long enough for anybody"
    reading.read(file)
    row = Signature.objects.get()
    from core.addresses import mailbox_key  # noqa: PLC0415 - under the other secret
    from submissions.models import Decision  # noqa: PLC0415

    assert (row.state, bytes(row.mailbox_key)) == ("held", mailbox_key("held@example.org"))
    assert bytes(Decision.objects.get().subject) == bytes(row.mailbox_key)


def changed(file, path, edit):
    """The same archive with one file edited."""
    made = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, edit(data) if name == path else data)
    return made


@pytest.mark.django_db(transaction=True)
def test_what_was_tampered_with_or_is_of_the_future_brings_nothing(statement):
    SignatureFactory(statement=statement)
    file = written()
    emptied()
    path = f"statements/{statement.slug}/signatures.csv"
    cases = [
        (changed(file, path, lambda data: data.replace(b"Signer", b"Forged")), f"“{path}” is missing or was changed"),
        (
            changed(file, "manifest.json", lambda data: data.replace(b'"version": 1,', b'"version": 2,')),
            "newer version",
        ),
        (changed(file, "manifest.json", lambda data: b"{}"), "no archive of Undersigned"),
        (io.BytesIO(file.getvalue()[:-200]), "damaged"),
    ]
    for bad, sentence in cases:
        with pytest.raises(Unreadable, match=sentence):
            reading.read(bad)
    assert (Statement.objects.count(), Signature.objects.count(), Import.objects.count()) == (0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_what_waits_to_be_taken_away_rests_sealed(statement):
    """A stolen dump has the archives, too; packed is not hidden."""
    SignatureFactory(statement=statement, email="amina@example.org", state="confirmed")
    asked = archives.start(statement=statement, why="We move")
    while asked.state == Archive.State.RUNNING:
        work(Archive)
        asked.refresh_from_db()
    (path,) = [path for path in paths(asked) if path.endswith("signatures.csv")]
    assert b"amina@example.org" in b"".join(pieces_of(asked, path))
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM exchange_archivepart")
        resting = [bytes(data) for (data,) in cursor.fetchall()]
    assert len(resting) > 5
    for data in resting:
        with pytest.raises(zlib.error):
            zlib.decompress(data)
        assert b"amina" not in data


def test_every_column_of_every_table_has_its_way():
    for table in (*layout.SITE, *layout.EACH):
        assert table.columns  # raises for a column that leads to a row and isn't said how
        assert [one.name for one in table.fields if not table.into(one)] == []
