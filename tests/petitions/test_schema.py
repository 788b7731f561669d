"""What the database itself refuses, whoever asks: other words than people signed, and than were tested."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from petitions.models import Mailing, Statement, Update
from petitions.news import updates
from petitions.statements import promise, publishing
from tests.factories import StatementFactory
from tests.petitions.news.making import begin

pytestmark = pytest.mark.django_db

TITLE = "Keep nine libraries open"
TEXT = "<p>We ask the council to keep all nine libraries open.</p>"
NEW = "<p>We ask the council to keep all ten libraries open.</p>"


@pytest.fixture
def draft() -> Statement:
    return StatementFactory(published_at=None, title=TITLE, addressed_to="Eastside Council", body=TEXT)


@pytest.fixture
def statement(draft) -> Statement:
    publishing.publish(statement=draft)
    return draft


@pytest.fixture
def update(statement) -> Update:
    at = timezone.now() - timedelta(hours=1)
    return Update.objects.create(statement=statement, title="In", slug="in", body="<p>Handed in.</p>", published_at=at)


def copied(statement: Statement) -> tuple[str, str]:
    return Statement.objects.values_list("title", "addressed_to").get(pk=statement.pk)


@transaction.atomic
def run(sql: str, *values: object) -> None:
    """What waits for the end of the transaction is looked at here."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refused(sql: str, *values: object) -> tuple[str, str]:
    """The constraint that stops the statement in SQL, at the latest at the end of its transaction, and what it says."""
    with pytest.raises(IntegrityError) as caught:
        run(sql, *values)
    told = caught.value.__cause__.diag
    return told.constraint_name, told.message_primary


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE petitions_version SET body = 'something else' WHERE statement_id = %s",
        "UPDATE petitions_version SET title = 'something else' WHERE statement_id = %s",
        "UPDATE petitions_version SET addressed_to = '' WHERE statement_id = %s",
        "UPDATE petitions_version SET published_at = NULL WHERE statement_id = %s",
        "UPDATE petitions_version SET note = 'nothing to see' WHERE statement_id = %s",
        "DELETE FROM petitions_version WHERE statement_id = %s",
    ],
)
def test_the_database_refuses_to_change_a_published_promise(statement, sql):
    assert refused(sql, statement.pk) == (
        "version_locked_once_published",
        "A published version is never edited or deleted; publish a new one with a note.",
    )
    assert promise.words(statement.version) == {"title": TITLE, "addressed_to": "Eastside Council", "body": TEXT}


@pytest.mark.parametrize("change", ["title = 'Close them all'", "title = ''", "addressed_to = 'Nobody'"])
def test_the_database_refuses_other_words_than_the_promise_has(statement, change):
    assert refused(f"UPDATE petitions_statement SET {change} WHERE id = %s", statement.pk) == (
        "statement_says_its_promise",
        "A published title and addressee change only by a correction with a note.",
    )
    assert copied(statement) == (TITLE, "Eastside Council")


def test_the_database_refuses_them_for_what_is_only_scheduled_and_for_an_older_version(draft):
    publishing.publish(statement=draft, at=timezone.now() + timedelta(days=1))
    publishing.correct(statement=draft, title="Keep ten libraries open", note="It is ten now.")
    for title in ("Close them all", TITLE):
        change = "UPDATE petitions_statement SET title = %s WHERE id = %s"
        assert refused(change, title, draft.pk)[0] == "statement_says_its_promise"
    assert copied(draft) == ("Keep ten libraries open", "Eastside Council")


@pytest.mark.parametrize(("title", "addressed_to"), [("Close them all", "Eastside Council"), (TITLE, "Nobody")])
def test_the_database_refuses_a_version_that_the_statement_does_not_say(statement, title, addressed_to):
    insert = """
        INSERT INTO petitions_version (statement_id, number, title, addressed_to, published_at, sha256, body, note)
        VALUES (%s, 2, %s, %s, now(), repeat('a', 64), 'x', 'y')"""
    assert refused(insert, statement.pk, title, addressed_to) == (
        "statement_says_its_promise",
        "A statement carries the title and the addressee of its newest published version.",
    )
    assert statement.versions.count() == 1


def test_the_database_refuses_to_publish_other_words_than_the_draft_has(draft):
    publish = """UPDATE petitions_version SET title = 'Close them all', published_at = now(), sha256 = repeat('a', 64)
        WHERE statement_id = %s"""
    assert refused(publish, draft.pk)[0] == "statement_says_its_promise"
    assert refused(publish.replace("'Close them all'", "''"), draft.pk)[0] == "version_published_has_text_and_hash"


def test_the_database_lets_everything_else_of_a_statement_be_changed(statement):
    assert Statement.objects.filter(pk=statement.pk).update(summary="Nine.", title=TITLE) == 1
    assert Statement.objects.get(pk=statement.pk).summary == "Nine."


def test_the_database_lets_a_draft_be_changed(draft):
    assert Statement.objects.filter(pk=draft.pk).update(title="Keep them open", addressed_to="") == 1
    assert draft.versions.update(body=NEW) == 1
    assert draft.versions.all().delete()[0] == 1


@pytest.mark.parametrize("stopped", [False, True])
@pytest.mark.parametrize("change", ["title = 'Lost'", "body = '<p>Lost.</p>'"])
def test_the_database_refuses_other_words_than_were_mailed(update, change, stopped):
    begin(update)
    if stopped:
        updates.stop(update=update)
    assert refused(f"UPDATE petitions_update SET {change} WHERE id = %s", update.pk) == (
        "update_locked_once_mailed",
        "News whose mail has started keeps the words it was tested with; write a further update.",
    )
    assert Update.objects.values_list("title", "body").get(pk=update.pk) == ("In", "<p>Handed in.</p>")


def test_the_database_lets_everything_else_of_mailed_news_be_changed(update):
    begin(update)
    assert Update.objects.filter(pk=update.pk).update(slug="handed-in", title="In") == 1
    assert Update.objects.get(pk=update.pk).slug == "handed-in"


@pytest.mark.parametrize("started_in", [None, timedelta(minutes=5)])
def test_news_whose_mail_is_only_tested_or_planned_may_change(update, started_in):
    updates.send_test(update=update, to="carol@example.org")
    Mailing.objects.update(started_at=started_in and timezone.now() + started_in)
    assert Update.objects.filter(pk=update.pk).update(title="Handed in", body="<p>Other.</p>") == 1
    assert Update.objects.get(pk=update.pk).title == "Handed in"


def test_news_beside_mailed_news_may_change(update, statement):
    begin(update)
    other = Update.objects.create(statement=statement, title="More", slug="more", body="<p>More.</p>")
    assert Update.objects.filter(pk=other.pk).update(title="Even more") == 1
