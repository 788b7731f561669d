"""A person whose every detail has one word in it, in every role there is; and where that word still stands."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.utils import timezone

from comments import moderation, posting, reporting
from core import audit
from mail.models import OutgoingEmail
from organisations import endorsing
from petitions.models import Statement
from petitions.signatures import paper
from petitions.statements import counting
from submissions import mine_views
from tests import asking
from tests.factories import CommentFactory, EndorsementFactory, SignatureFactory

WORD = "zzcanary"
NETWORK = "203.0.113.77"
EMAIL = f"amina.{WORD}@example.org"
NAME = f"Amina {WORD.capitalize()}"
ANSWERS = {"affiliation": f"{WORD} Works", "postcode": f"{WORD.upper()}1", "personal_capacity": True}


def _boss() -> User:
    return User.objects.create_superuser("boss", password="a long password")


def signs(statement: Statement, others: list[Statement]) -> None:
    """Confirmed, held, removed, withdrawn, and only asked for; with news, a receipt, and what staff wrote about it."""
    boss = User.objects.get(username="boss")
    confirmed = asking.sign(statement, EMAIL, name=NAME, show_name=True, email_updates=True, **ANSWERS)
    audit.record(by=boss, on=confirmed, what="Looked twice", why=f"{NAME} wrote from {EMAIL}", label="A signature")
    states: list[dict[str, Any]] = [
        {"state": "held", "held_reason": f"{WORD} looks odd"},
        {"state": "removed", "removed_reason": f"{WORD} is a fake", "removed_at": timezone.now()},
        {"state": "withdrawn", "withdrawn_at": timezone.now()},
    ]
    for other, values in zip(others, states, strict=False):
        SignatureFactory(statement=other, name=NAME, email=EMAIL, **ANSWERS, **values)
        counting.recount(statement=other, repair=True)
    asking.ask(others[3], EMAIL, name=NAME, mailed=False, **ANSWERS)


def speaks(statement: Statement, others: list[Statement], *, publicly: bool) -> None:
    """Comments of every state, one that was answered, and a report about somebody else's."""
    states = ["waiting", "spam", "binned", *(["published"] if publicly else [])]
    for state in states:
        comment = CommentFactory(
            statement=statement, author_name=NAME, author_email=EMAIL, body=f"{state} {WORD}", state=state,
            held_reason=f"{WORD} waits", decided_reason=f"{WORD} was read", decided_at=timezone.now(),
        )  # fmt: skip
    if publicly:
        comment.refresh_from_db()
        moderation.reply(comment=comment, body="Thank you.", name="Eastside Campaign")
    about = CommentFactory(statement=others[0])
    reporting.report(comment=about, reason="abuse", words=f"I am {NAME}, and it is about me", ip_key="k")
    posting.post(thread=statement.thread, name=NAME, email=EMAIL, body=f"Not agreed {WORD}")


def represents(statement: Statement, others: list[Statement], *, publicly: bool) -> None:
    """Endorsements of every state, and a reminder after a meeting."""
    words = {"contact_name": NAME, "contact_role": f"{WORD} secretary", "contact_email": EMAIL}
    states: list[dict[str, Any]] = [
        {"state": "waiting", "message": f"{WORD} waits"},
        {"state": "declined", "decided_at": timezone.now(), "decided_reason": f"{WORD} is nobody"},
        {"state": "withdrawn", "withdrawn_at": timezone.now(), "message": f"{WORD} left"},
    ]
    for other, values in zip(others, states, strict=False):
        EndorsementFactory(statement=other, question=f"Who is {WORD}?", was={"row": {"x": WORD}}, **words, **values)
    shown = {"publish_contact": True, "message": f"{WORD} speaks"} if publicly else {}
    EndorsementFactory(statement=statement, **words, **shown)
    endorsing.remind(statement=statement, email=EMAIL, meets_on=timezone.localdate() + timedelta(days=9))


def works(statement: Statement) -> None:
    """A log-in, guesses at its password, what it did, and names on paper."""
    person = User.objects.create_user(WORD, EMAIL, "a long password", first_name="Amina", is_staff=True)
    audit.record(by=User.objects.get(username="boss"), on=statement, what="Looked", why=f"As {EMAIL} asked")
    visitor = {"REMOTE_ADDR": NETWORK, "HTTP_USER_AGENT": f"{WORD} browser"}
    Client().post("/admin/login/", {"username": WORD, "password": "a guess"}, **visitor)
    client = Client()
    client.post("/admin/login/", {"username": WORD, "password": "a long password"}, **visitor)
    LogEntry.objects.create(user=person, action_flag=2, object_repr=NAME, change_message=f"{WORD} did it")
    paper.type_in(statement=statement, number=1, lines=[(NAME, ANSWERS["postcode"])])


def everywhere(statement: Statement, others: list[Statement], *, publicly: bool) -> None:
    """In every role there is. `publicly`: also where they let others read them."""
    _boss()
    signs(statement, others)
    speaks(statement, others, publicly=publicly)
    represents(statement, others, publicly=publicly)
    works(statement)
    mine_views.ask(EMAIL)
    OutgoingEmail.objects.filter(recipient=EMAIL).update(outcome=f"550 no {EMAIL}")
    OutgoingEmail.objects.filter(state="sent").update(finished_at=timezone.now())


def tables() -> list[str]:
    """Every table of the database, of whatever app."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'public'")
        return sorted(row[0] for row in cursor.fetchall())


def dump() -> dict[str, list[str]]:
    """Every row of every table as PostgreSQL writes it, by table; bytes as hexadecimal digits."""
    rows: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f"SELECT rows::text FROM {table} rows")
            rows[table] = [row[0] for row in cursor.fetchall()]
    return rows


def traces(text: str) -> list[str]:
    """What in a text tells of the person."""
    told = [WORD, WORD.encode().hex(), NETWORK]
    return [word for word in told if word in text.lower()]


def found(log: str) -> dict[str, list[str]]:
    """Where the person still stands: in tables, decoded sessions, caches, files and the log."""
    where: dict[str, list[str]] = {table: [row for row in rows if traces(row)] for table, rows in dump().items()}
    where["sessions, decoded"] = [str(one.get_decoded()) for one in Session.objects.all()]
    where["caches"] = [repr(value) for name in caches for value in getattr(caches[name], "_cache", {}).values()]
    where["files"] = [file.read_bytes().decode(errors="replace") for file in _files()]
    where["log"] = log.splitlines()
    return {place: kept for place, all_ in where.items() if (kept := [one for one in all_ if traces(one)])}


def _files() -> list[Path]:
    """Uploads, every other store, and where a mail backend would put what it does not send."""
    stores = [store.get("OPTIONS", {}).get("location") for store in settings.STORAGES.values()]
    places = [settings.MEDIA_ROOT, *stores, getattr(settings, "EMAIL_FILE_PATH", None)]
    roots = {Path(place) for place in places if place}
    return [file for root in roots if root.is_dir() for file in root.rglob("*") if file.is_file()]
