"""One bad row never takes a list away from everybody: it is left out, logged by its id, and counted."""

import json
from datetime import timedelta
from xml.etree import ElementTree

import icalendar
import pytest
from django.db import connection
from django.utils import timezone

from core import items
from petitions.models import Event, Update
from petitions.travel import card, picture
from petitions.travel.card import Shown
from tests import corpus
from tests.factories import CommentFactory, EventFactory, StatementFactory

pytestmark = pytest.mark.django_db
POISON = "Poison\x0bPerson"


@pytest.fixture
def statement():
    return StatementFactory(slug="libraries", title="Keep our libraries open")


def poison(table: str, column: str, pk: int, value: str = POISON) -> None:
    """Write past our code, and past the check of the column, as a restored or an older row may have come."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table is altered while rows of it wait to be checked
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {table}_{column}_check")
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [value, pk])
        assert cursor.rowcount == 1


def titles(client, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.status_code == 200
    found = ElementTree.fromstring(answer.content).iter("{http://www.w3.org/2005/Atom}entry")
    return [entry.find("{http://www.w3.org/2005/Atom}title").text for entry in found]


def said(caplog) -> list[str]:
    assert POISON not in caplog.text
    return [record.getMessage() for record in caplog.records if record.name == "core.items"]


def test_the_feed_of_the_site(client, statement, caplog):
    bad = StatementFactory(slug="bad")
    poison("petitions_statement", "summary", bad.pk)
    before = items.left_out()
    assert titles(client, "/feed/") == ["Keep our libraries open"]
    assert said(caplog) == [f"{bad.uid.urn} cannot be drawn and is left out: UnserializableContentError"]
    assert items.left_out() == before + 1
    assert f"undersigned_items_left_out {before + 1}\n" in client.get("/metrics").content.decode()


def test_the_feed_of_news(client, statement, caplog):
    now = timezone.now()
    good, bad = (
        Update.objects.create(statement=statement, title=slug, slug=slug, body="<p>x</p>", published_at=now)
        for slug in ("good", "bad")
    )
    poison("petitions_update", "body", bad.pk)
    assert titles(client, "/statements/libraries/feed/") == [good.title]
    assert len(said(caplog)) == 1


def test_the_feed_of_comments(client, statement, caplog):
    CommentFactory(statement=statement, author_name="Amina")
    bad = CommentFactory(statement=statement)
    poison("comments_comment", "author_name", bad.pk)
    assert titles(client, "/statements/libraries/comments/feed/") == ["Amina says"]
    assert len(said(caplog)) == 1


def test_a_poisoned_title_costs_its_feed_nothing(client, statement):
    CommentFactory(statement=statement, author_name="Amina")
    poison("petitions_statement", "title", statement.pk)
    assert titles(client, "/statements/libraries/comments/feed/") == ["Amina says"]


@pytest.mark.parametrize("path", ["/events.ics", "/statements/libraries/events.ics"])
def test_calendars(client, statement, caplog, path):
    EventFactory(statement=statement, title="Protest")
    bad = EventFactory(statement=statement, title=POISON)
    poison("petitions_event", "timezone", bad.pk, "Mars/Phobos")
    answer = client.get(path)
    read = icalendar.Calendar.from_ical(answer.content)
    assert [str(entry["summary"]) for entry in read.walk("VEVENT")] == ["Protest"]
    assert said(caplog) == [f"petitions.Event {bad.pk} cannot be drawn and is left out: ZoneInfoNotFoundError"]


def test_data(client, statement, caplog):
    """JSON can hold every text; what it cannot is a row that has no address."""
    EventFactory(statement=statement, title="Protest")
    bad = EventFactory(statement=statement)
    poison("petitions_event", "slug", bad.pk, "a b/c")
    data = json.loads(client.get("/statements/libraries.json").content)
    assert [event["title"] for event in data["events"]] == ["Protest"]
    assert said(caplog) == [f"petitions.Event {bad.pk} cannot be drawn and is left out: NoReverseMatch"]


def test_the_map_of_the_site(client, statement, caplog):
    bad = StatementFactory(slug="bad")
    poison("petitions_statement", "slug", bad.pk, "a b/c")
    found = ElementTree.fromstring(client.get("/sitemap.xml").content)
    paths = [one.text for one in found.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert "http://testserver/statements/libraries/" in paths
    assert [path for path in paths if "bad" in path or "a b" in path or "a%20b" in path] == []
    assert said(caplog) == [f"petitions.Statement {bad.pk} cannot be drawn and is left out: NoReverseMatch"] * 2


@pytest.mark.parametrize("kind", ["docx", "pdf", "txt"])
def test_papers(client, statement, kind):
    poison("petitions_statement", "summary", statement.pk, "We\x0bask\x02for\u202ebooks")
    answer = client.get(f"/statements/libraries/motion.{kind}")
    assert (answer.status_code, len(b"".join(answer)) > 100) == (200, True)


def test_cards(statement):
    event = EventFactory(statement=statement)
    poison("petitions_event", "title", event.pk, "Protest\x0b\ufffe\U0001f388")
    assert card.draw(card.of_event(Event.objects.get(pk=event.pk)))[:4] == b"\x89PNG"


def test_no_emoji_of_unicode_costs_a_card_more_than_itself(statement):
    emoji = " ".join(line for (line,) in corpus.lines("emoji.txt"))
    plain, with_emoji = (
        picture.draw(Shown("/x/", "Open statement", title, "", mirrored=False))
        for title in ("Save our market", f"Save our {emoji} market")
    )
    unwritable = picture.draw(Shown("/x/", "Open statement", "请签名", "", mirrored=False))
    assert with_emoji[:4] == b"\x89PNG"
    assert unwritable not in {
        plain,
        picture.draw(Shown("/x/", "Open statement", "Save \U0001f388 it", "", mirrored=False)),
    }
    assert picture.draw(Shown("/x/", "Open statement", "Save our market \U0001fabf", "", mirrored=False)) == plain


def test_what_is_nobodys_mistake_is_not_hidden(statement):
    def away(row):
        raise OSError("The disk is full")

    with pytest.raises(OSError, match="full"):
        items.each([statement], away)


def test_what_is_newest_counts_what_is_left_out(client, statement):
    """A poisoned row takes its own place in a list, and nobody else's."""
    now = timezone.now()
    for number in range(3):
        at = now - timedelta(seconds=number)
        Update.objects.create(
            statement=statement, title=f"N{number}", slug=f"n{number}", body="<p>x</p>", published_at=at
        )
    poison("petitions_update", "title", Update.objects.get(slug="n1").pk)
    assert titles(client, "/statements/libraries/feed/") == ["N0", "N2"]
