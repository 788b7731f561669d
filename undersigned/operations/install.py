"""`undersigned install`: at most eight questions, and a site that works."""

import argparse
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
from django.core.exceptions import ImproperlyConfigured
from dotenv import dotenv_values
from psycopg import sql

from undersigned import environment
from undersigned.operations.steps import Failed, run, say

HELP = """Sets up a site in the current folder: asks at most eight questions, or reads answers from a file, makes the
database, writes .env, prepares the tables, tries the mail server, and prints the link by which the first administrator
chooses a password. Nothing is done before every answer is good. Where a step fails, mend what it says and run the same
command again: it goes on with the .env that is there."""

NAME = "undersigned"


@dataclass(frozen=True)
class Question:
    """What is asked: the name of its answer, the words, how the answer is proved, and what an empty one means."""

    name: str
    words: str
    prove: Callable[[str], object]
    default: str | None = None


@contextmanager
def _set(name: str, value: str) -> Iterator[None]:
    """For as long as a setting is proved by the very code that will read it."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(name)
        else:
            os.environ[name] = before


def _by(reader: Callable[[str], object], name: str) -> Callable[[str], object]:
    def prove(value: str) -> object:
        with _set(name, value):
            return reader(name)

    return prove


def _origin(value: str) -> str:
    found: str = environment.origin("ORIGIN", value)
    if not found.startswith("https://") and urlsplit(found).hostname not in {"127.0.0.1", "localhost"}:
        raise ImproperlyConfigured("ORIGIN must begin with https://: passwords and addresses travel.")
    return found


def _text(value: str) -> str:
    if not value.strip() or re.search(r"[\r\n'\"\\]", value):
        raise ImproperlyConfigured("Write a name in one line, without quotes or backslashes.")
    return value


def _database(value: str) -> object:
    return environment.database(value) if value else None


QUESTIONS = [
    Question(
        "ORIGIN", "The address that people will see, such as https://petitions.example.org", _by(_origin, "ORIGIN")
    ),
    Question("SITE_NAME", "Who publishes here", _text),
    Question("CONTACT_EMAIL", "Where questions go", _by(environment.mailbox, "CONTACT_EMAIL")),
    Question("CONTROLLER", "Who answers for the personal data, a legal person (empty: the same)", _text, ""),
    Question(
        "EMAIL_URL",
        "Your mail server, such as smtp://user:password@mail.example.org:587/?tls=starttls",
        lambda value: environment.email(value, ""),
    ),
    Question("DATABASE_URL", "A database of yours (empty: make one on this machine)", _database, ""),
    Question(
        "TIME_ZONE",
        "The time zone that pages show",
        _by(lambda name: environment.zone(name, ""), "TIME_ZONE"),
        "Europe/London",
    ),
    Question("ADMINISTRATOR", "The address of the first administrator", _by(environment.mailbox, "ADMINISTRATOR")),
]


def main(arguments: list[str]) -> None:
    """Install. Raises SystemExit with a sentence when something is wrong."""
    parser = argparse.ArgumentParser(prog="undersigned install", description=HELP)
    parser.add_argument(
        "--answers",
        type=Path,
        metavar="FILE",
        help="NAME=value lines instead of questions: " + ", ".join(question.name for question in QUESTIONS),
    )
    parser.add_argument(
        "--admin",
        metavar="URL",
        help="a database administrator's connection, instead of the user "
        "postgres of this machine, to make role and database with",
    )
    parser.add_argument("--no-mail", action="store_true", help="do not try the mail server")
    options = parser.parse_args(arguments)
    home = Path(os.environ.get("UNDERSIGNED_HOME") or ".").resolve()
    try:
        _install(home, options)
    except (Failed, ImproperlyConfigured) as error:
        sys.exit(f"undersigned install: {error}")
    except (KeyboardInterrupt, EOFError):
        sys.exit("\nundersigned install: stopped. Nothing is half done: run it again.")


def _install(home: Path, options: argparse.Namespace) -> None:
    file = home / ".env"
    if file.exists():
        kept = {name: value or "" for name, value in dotenv_values(file).items()}
        say(f"Going on with {file}, which is kept as it is.")
        administrator = _answers(options.answers).get("ADMINISTRATOR") if options.answers else None
        administrator = administrator or kept.get("CONTACT_EMAIL", "")
    else:
        given = _proved(_answers(options.answers)) if options.answers else _asked()
        administrator = given.pop("ADMINISTRATOR")
        say("")
        if not given["DATABASE_URL"]:
            given["DATABASE_URL"] = _make_database(options.admin)
        _write(file, given)
        say(f"  {file}: written, for its owner alone to read")
    _bring_up(home, administrator, try_mail=not options.no_mail)


def _answers(path: Path) -> dict[str, str]:
    try:
        found = {name: value or "" for name, value in dotenv_values(path).items()}
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"{path} can't be read: {error}") from error
    if not path.is_file():
        raise Failed(f"{path} can't be read: there is no such file.")
    known = {question.name for question in QUESTIONS}
    if strange := sorted(set(found) - known):
        raise Failed(f"{path} has {strange[0]}, which is not asked for. It knows {', '.join(sorted(known))}.")
    return found


def _proved(answers: dict[str, str]) -> dict[str, str]:
    """All of them, or every fault at once."""
    given, faults = {}, []
    for question in QUESTIONS:
        value = answers.get(question.name, "").strip() or question.default
        try:
            if value is None:
                raise ImproperlyConfigured(f"{question.name} is missing: {question.words}.")
            if value:
                question.prove(value)
        except ImproperlyConfigured as error:
            faults.append(str(error))
        else:
            given[question.name] = value
    if faults:
        raise Failed("nothing was done, because of these answers:\n  " + "\n  ".join(faults))
    return given


def _asked() -> dict[str, str]:
    given = {}
    for number, question in enumerate(QUESTIONS, 1):
        default = f" [{question.default}]" if question.default else ""
        while True:
            value = input(f"{number}/{len(QUESTIONS)} {question.words}{default}: ").strip() or question.default
            try:
                given[question.name] = _proved_one(question, value)
                break
            except ImproperlyConfigured as error:
                say(f"    {error}")
    return given


def _proved_one(question: Question, value: str | None) -> str:
    if value is None:
        raise ImproperlyConfigured("This one is needed.")
    if value:
        question.prove(value)
    return value


def _make_database(admin: str | None) -> str:
    """A role and a database of its own; returns its DATABASE_URL. Raises Failed."""
    password = secrets.token_urlsafe(24)
    hint = "Make them yourself (docs/operating.md) and give DATABASE_URL as an answer."
    role = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(NAME), sql.Literal(password))
    made = sql.SQL("CREATE DATABASE {0} OWNER {0} ENCODING 'UTF8' TEMPLATE template0").format(sql.Identifier(NAME))
    if admin is None:
        for statement in (role, made):
            _as_postgres(statement.as_string(None), hint)
        say(f"  The database {NAME} and its role: made")
        return f"postgresql://{NAME}:{password}@127.0.0.1:5432/{NAME}"
    try:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(role)
            try:
                connection.execute(made)
            except psycopg.Error:
                connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(NAME)))
                raise
            where = connection.info
            host, port = where.host, where.port
    except psycopg.Error as error:
        raise Failed(f"The database could not be made: {str(error).strip()}. {hint}") from error
    say(f"  The database {NAME} and its role: made")
    at = f"@/{NAME}?host={quote(host, safe='/')}&port={port}" if host.startswith("/") else f"@{host}:{port}/{NAME}"
    return f"postgresql://{NAME}:{password}{at}"


def _as_postgres(statement: str, hint: str) -> None:
    if os.geteuid() != 0 or shutil.which("psql") is None:
        raise Failed(f"To make a database, this must run as root where PostgreSQL is. {hint}")
    command = ["runuser", "-u", "postgres", "--", "psql", "--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1"]
    done = subprocess.run(  # noqa: S603 - the statement travels on its standard input
        [*command, "--dbname=postgres"], input=statement, capture_output=True, text=True, check=False, cwd="/"
    )
    if done.returncode:
        raise Failed(f"The database could not be made: {done.stderr.strip()} {hint}")


def _write(file: Path, given: dict[str, str]) -> None:
    """All of it under another name first; readable by its owner, who is whoever owns the folder."""
    lines = {
        **{name: value for name, value in given.items() if value},
        "SECRET_KEY": secrets.token_urlsafe(64),
        "HASH_SECRET": secrets.token_urlsafe(48),
        "TRUSTED_PROXIES": "1" if given["ORIGIN"].startswith("https://") else "0",
    }
    part = file.with_name(".env.unfinished")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:
        target.write("# Written by undersigned install; docs/operating.md says what else may stand here.\n")
        target.writelines(f"{name}='{value}'\n" for name, value in lines.items())
    owner = file.parent.stat()
    if os.geteuid() == 0 and owner.st_uid:
        os.chown(part, owner.st_uid, owner.st_gid)
    part.replace(file)


def _bring_up(home: Path, administrator: str, *, try_mail: bool) -> None:
    program = [sys.executable, "-m", "undersigned"]
    owner = home.stat().st_uid
    if os.geteuid() == 0 and owner:  # what is made in var/ belongs to whom the folder belongs to
        program = ["setpriv", f"--reuid={owner}", f"--regid={home.stat().st_gid}", "--clear-groups", *program]
    again = "Mend that, then run undersigned install again: it goes on from here."
    run("The settings", [*program, "check"], home, again)
    run("The tables", [*program, "migrate", "--verbosity", "0"], home, again)
    run("The roles of the staff", [*program, "roles"], home, again)
    run("Styles and scripts", [*program, "collectstatic", "--no-input", "--verbosity", "0"], home, again)
    if try_mail:
        run("The mail server", [*program, "try_mail"], home, again + " Or --no-mail, to see to it later.")
    link = run("The first administrator", [*program, "administrator", administrator], home, again).strip()
    say(f"\nThe site is set up. {administrator} chooses a password here, once, within three days:\n\n  {link}\n")
    say("Now start it: section 4 of docs/operating.md. Then: undersigned doctor.")
