"""A backup is one file that nobody can read without the key, and a site comes out of it as it went in."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pyrage
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from core import addresses, watching
from core.backups import archive
from local.environment import ROOT
from local.postgres import binaries
from tests.factories import SignatureFactory, StatementFactory

CANARY = "amina-canary@example.org"


@pytest.fixture
def home(settings, tmp_path, monkeypatch) -> Path:
    """A site's folder with an upload in it, a key, and PostgreSQL's programs at hand."""
    settings.HOME, settings.MEDIA_ROOT = tmp_path, tmp_path / "var" / "media"
    (settings.MEDIA_ROOT / "logos").mkdir(parents=True)
    (settings.MEDIA_ROOT / "logos" / "a.png").write_bytes(b"a logo")
    (tmp_path / "backups").mkdir()
    key = pyrage.x25519.Identity.generate()
    (tmp_path / "key").write_text(f"# public key: {key.to_public()}\n{key}\n")
    settings.BACKUP_RECIPIENT = str(key.to_public())
    monkeypatch.setenv("PATH", f"{binaries()}:{os.environ['PATH']}")
    return tmp_path


def backup(home: Path, *options: str) -> tuple[Path, str]:
    out = StringIO()
    call_command("backup", home / "backups", *options, stdout=out)
    (made,) = (home / "backups").glob("*.age")
    return made, out.getvalue()


@pytest.fixture
def empty(transactional_db):
    """The name of another database, with nothing in it."""
    name = f"{connection.settings_dict['NAME']}_restored"
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield name
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def restore(home: Path, file: Path, database: str, *options: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, as a site on another machine."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl()
    other = home / "elsewhere"
    other.mkdir(exist_ok=True)
    environment = {**os.environ, "DATABASE_URL": url, "UNDERSIGNED_HOME": str(other)}
    command = [sys.executable, "manage.py", "restore", str(file), "--key", str(home / "key"), *options]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.whole
@pytest.mark.django_db(transaction=True)
def test_a_site_comes_out_as_it_went_in(home, empty):
    statement = StatementFactory(slug="libraries", title="Keep it open")
    SignatureFactory.create_batch(3, statement=statement)
    SignatureFactory(statement=statement, email=CANARY)
    call_command("recount", repair=True, stdout=StringIO())
    made, said = backup(home)
    assert "Read back whole" in said
    assert (made.stat().st_mode & 0o777, CANARY.encode() in made.read_bytes()) == (0o600, False)
    assert watching.noted(watching.BACKUP)["name"] == made.name
    connection.close()
    done = restore(home, made, empty)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every one with the rows it had" in done.stdout
    assert "libraries: stored 4, rows 4: agrees" in done.stdout
    assert (home / "elsewhere" / "var" / "media" / "logos" / "a.png").read_bytes() == b"a logo"
    own = connections["default"].get_connection_params() | {"cursor_factory": None, "dbname": empty}
    with psycopg.connect(**own) as other:
        (title,) = other.execute("SELECT title FROM petitions_statement").fetchone()
        theirs = [addresses.address_key(CANARY)]
        (people,) = other.execute("SELECT count(*) FROM petitions_signature WHERE address_key = %s", theirs).fetchone()
    assert (title, people) == ("Keep it open", 1)

    again = restore(home, made, empty)
    assert (again.returncode, "is not empty. Make a new one" in again.stderr) == (1, True)
    checked = restore(home, made, empty, "--check")
    assert (checked.returncode, checked.stdout.strip().endswith("1 uploads; whole")) == (0, True)

    content = bytearray(made.read_bytes())
    content[len(content) // 2] ^= 1
    made.write_bytes(content)
    damaged = restore(home, made, empty, "--check")
    assert (damaged.returncode, "It can't be decrypted: it is damaged or cut short" in damaged.stderr) == (1, True)
    assert "Traceback" not in damaged.stderr
    assert sorted(path.name for path in (home / "elsewhere" / "var").iterdir()) == ["media"]


@pytest.mark.django_db(transaction=True)
def test_a_dump_that_fails_leaves_nothing(home, monkeypatch, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pg_dump").write_text(
        "#!/bin/sh\necho half a dump\necho 'server version mismatch' >&2\nexit 1\n"
    )
    (tmp_path / "bin" / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    with pytest.raises(CommandError, match="pg_dump failed: server version mismatch"):
        backup(home)
    (tmp_path / "bin" / "pg_dump").write_text("#!/bin/sh\nexit 0\n")
    with pytest.raises(CommandError, match=r"database\.dump is empty"):
        backup(home)
    assert (list((home / "backups").iterdir()), watching.noted(watching.BACKUP)) == ([], {})


@pytest.mark.django_db(transaction=True)
def test_old_ones_are_deleted_and_nothing_else(home):
    for name in ("undersigned-2001-01-01T000000Z.age", "undersigned-keys.age", "mine.txt"):
        (home / "backups" / name).write_text("x")
    call_command("backup", home / "backups", "--keep-days", "35", stdout=StringIO())
    kept = sorted(path.name for path in (home / "backups").iterdir())
    assert (len(kept), kept[0], kept[-1]) == (3, "mine.txt", "undersigned-keys.age")


@pytest.mark.parametrize(
    ("setting", "arguments", "sentence"),
    [
        ("", ["backups"], "BACKUP_RECIPIENT is not set"),
        ("age1" + "q" * 58, ["backups"], "BACKUP_RECIPIENT is not an age key"),
        (None, ["nowhere"], "is no folder"),
        (None, ["backups", "--keep-days", "0"], "takes a number from 1"),
    ],
)
def test_what_cannot_be_done_is_told(home, settings, setting, arguments, sentence):
    if setting is not None:
        settings.BACKUP_RECIPIENT = setting
    with pytest.raises(CommandError, match=sentence):
        call_command("backup", home / arguments[0], *arguments[1:], stdout=StringIO())


def test_a_key_is_made_for_its_owner_alone_and_never_over_another(home, settings):
    out = StringIO()
    call_command("backup", "--new-key", home / "new", stdout=out)
    (key,) = archive.identities(home / "new")
    assert out.getvalue().splitlines()[0] == f"BACKUP_RECIPIENT={key.to_public()}"
    assert (home / "new").stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="Nothing was written"):
        call_command("backup", "--new-key", home / "new", stdout=out)


def test_the_keys_of_the_site_go_into_a_file_of_their_own(home, settings):
    settings.SECRET_KEY_FALLBACKS = ["older", "oldest"]
    call_command("backup", "--keys", home / "keys.age", stdout=StringIO())
    read = pyrage.decrypt((home / "keys.age").read_bytes(), archive.identities(home / "key")).decode()
    assert read.splitlines()[:2] == [f"SECRET_KEY={settings.SECRET_KEY}", "SECRET_KEY_FALLBACKS=older oldest"]


@pytest.mark.parametrize("name", ["media/../../evil", "media//etc/evil"])
def test_uploads_never_land_elsewhere(tmp_path, name):
    key = pyrage.x25519.Identity.generate()

    def fill(made):
        made.writestr(archive.MANIFEST, "{}")
        made.writestr(name, b"evil")

    archive.write(tmp_path / "x.age", key.to_public(), fill)
    with (
        archive.opened(tmp_path / "x.age", [key], tmp_path) as (found, _),
        pytest.raises(archive.BadBackup, match="would be written outside"),
    ):
        archive.put_media(found, tmp_path / "media")
