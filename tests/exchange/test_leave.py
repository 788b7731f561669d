"""Leaving for good: what is taken along, where old addresses lead, and that what goes is gone and nothing else."""

import json
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.utils import IntegrityError
from django.urls import reverse

from core import audit, identity, redirects
from core.models import AuditEntry
from exchange.leaving import erasing
from exchange.leaving import redirects as leading
from exchange.models import Archive
from petitions.models import Signature, Statement, Version
from petitions.statements import copublishing, counting
from publishers import founding
from publishers.models import Publisher
from tests.asking import agree, ask, sign
from tests.factories import SignatureFactory, StatementFactory
from tests.privacy import canary
from tests.publishers.several import second
from tests.staff import logged_in

pytestmark = pytest.mark.django_db(transaction=True)


def leave(*arguments):
    out = StringIO()
    call_command("leave", *map(str, arguments), stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def two():
    """A publisher with a statement full of people, and another with one that must stay."""
    founding.found()
    going = Publisher.objects.create(
        name="Going Group", slug="going", position=7, legal_name="Going Group", contact_email="us@going.example"
    )
    mine, stays = StatementFactory(slug="mine"), StatementFactory(slug="stays")
    others = [StatementFactory() for _ in range(4)]
    Statement.objects.filter(pk__in=[mine.pk, *(one.pk for one in others)]).update(publisher=going)
    SignatureFactory(statement=stays, name="Stays Here")
    canary.everywhere(mine, others, publicly=True)
    redirects.move(old="/petition/mine", new="/statements/mine/")
    redirects.move(old="/petition/stays", new="/statements/stays/")
    return going, stays


def counts():
    """How many rows each table has."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        found = {}
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
        return found


def test_without_the_name_nothing_is_erased_and_everything_is_taken_along(two, tmp_path):
    before = counts()
    said = leave(tmp_path / "out", "--to", "https://new.example/", "--publisher", "going")
    assert said[-1] == "Nothing was erased. When the archive is safe elsewhere: --erase “going” --reason …"
    assert counts() == before
    assert sorted(path.name for path in (tmp_path / "out").iterdir())[-3:] == [
        "mine.zip", "redirects.csv", "redirects.map"]  # fmt: skip
    table = (tmp_path / "out" / "redirects.csv").read_text(encoding="utf-8-sig")
    assert '"/statements/mine/","https://new.example/statements/mine/"' in table
    assert '"/petition/mine","https://new.example/statements/mine/"' in table
    assert "stays" not in table
    rules = (tmp_path / "out" / "redirects.map").read_text().splitlines()
    assert '    "~^/statements/mine/(?<rest>.*)$" "https://new.example/statements/mine/$rest";' in rules
    assert '    "/petition/mine" "https://new.example/statements/mine/";' in rules


@pytest.mark.parametrize("typed", [["--erase", "Going"], ["--erase", "going"], ["--erase", "going", "--reason", " "]])
def test_a_name_that_is_not_the_name_or_no_reason_does_nothing(two, tmp_path, typed):
    before = counts()
    with pytest.raises(CommandError, match="Nothing was done"):
        leave(tmp_path / "out", "--to", "https://new.example", "--publisher", "going", *typed)
    assert (counts(), (tmp_path / "out").exists()) == (before, False)
    with pytest.raises(erasing.NotLeaving):
        erasing.erase(publisher=two[0], typed="gone", why="x")


def test_all_of_one_publisher_goes_and_the_other_stays_as_it_was(two, tmp_path):
    arguments = ["--to", "https://new.example", "--publisher", "going", "--erase", "going", "--reason", "We moved"]
    said = leave(tmp_path / "out", *arguments)
    certificate = json.loads((tmp_path / "out" / "certificate.json").read_text())
    assert (certificate["erased"], certificate["why"]) == ("going", "We moved")
    assert certificate["rows"]["petitions_statement"] == 5
    assert f"{certificate['rows_in_all']:>12,}  rows of going are erased." in said
    assert list(Statement.objects.values_list("slug", flat=True)) == ["stays"]
    assert not Publisher.objects.filter(slug="going").exists()
    kept = canary.dump()
    assert [row for row in kept["public.petitions_signature"] if "Stays Here" in row] != []
    # What still names the person is not the publisher's: log-ins, the record of log-ins, and mail that is forgotten soon.
    left = {table for table, rows in kept.items() if any(canary.traces(row) for row in rows)}
    assert not {
        table for table in left if table.startswith(("public.petitions_", "public.comments_", "public.organisations_"))
    }
    line = AuditEntry.objects.latest("pk")
    assert (line.what.startswith("Erased everything of going: "), line.why) == (True, "We moved")
    assert certificate["record"] == {"line": line.pk, "sha256": line.hash}
    assert audit.verify().holds
    with pytest.raises(IntegrityError, match="never edited or deleted"):
        Version.objects.filter(statement=StatementFactory()).delete()  # the lock is back


def test_all_of_the_site_goes_but_the_record_and_log_ins(two, tmp_path, settings):
    name = settings.ORIGIN.partition("://")[2]
    leave(tmp_path / "out", "--to", "https://new.example", "--erase", name, "--reason", "The campaign is over")
    assert (tmp_path / "out" / "site.zip").stat().st_mode & 0o777 == 0o600
    left = {table for table, rows in canary.dump().items() if any(canary.traces(row) for row in rows)}
    ours = ("petitions_", "comments_", "organisations_", "submissions_", "mail_", "exchange_", "integrations_")
    assert not {table for table in left if table.removeprefix("public.").startswith(ours)}
    found = counts()
    assert (found["petitions_statement"], found["petitions_signature"], found["mail_outgoingemail"]) == (0, 0, 0)
    assert audit.verify().holds


@pytest.fixture
def joint():
    """A statement of the first publisher that a second one publishes, too, with who signed on either's pages."""
    founding.found()
    going, statement = second(), StatementFactory(slug="together")
    Statement.objects.filter(pk=statement.pk).update(publisher=Publisher.objects.first())
    row = copublishing.invite(statement=Statement.objects.get(pk=statement.pk), publisher=going.publisher)
    copublishing.accept(copublisher=row)
    shown = Statement.objects.get(pk=statement.pk)
    sign(shown, "here@example.org")
    with identity.at(going.publisher.pk):
        sign(shown, "there@example.org", news_of=[going.publisher.pk])
        waiting = ask(shown, "later@example.org", news_of=[going.publisher.pk])
    return going.publisher, shown, waiting


def test_who_leaves_takes_nobody_along_from_a_statement_of_others(joint):
    going, statement, waiting = joint
    signed = Signature.objects.filter(statement=statement)
    assert list(signed.order_by("pk").values_list("asked_by", "news_of")) == [(None, []), (going.pk, [going.pk])]
    before = counting.numbers([statement])[statement.pk]
    erasing.erase(publisher=going, typed="mill", why="They have a site of their own")
    assert not Publisher.objects.filter(pk=going.pk).exists()
    assert list(signed.order_by("pk").values_list("asked_by", "news_of")) == [(None, []), (None, [])]
    assert counting.numbers([statement])[statement.pk] == before
    assert Statement.objects.get(pk=statement.pk).joint_with == []
    agree(waiting)
    assert list(signed.order_by("pk").values_list("asked_by", "news_of"))[2:] == [(None, [])]
    assert counting.recount(statement=statement).agrees


def test_what_others_publish_together_is_not_erased_under_their_hands(joint):
    first, before = Publisher.objects.first(), counts()
    with pytest.raises(erasing.StillJoint, match="Ask them to leave it first"):
        erasing.erase(publisher=first, typed=first.slug, why="We moved")
    assert counts() == before


@pytest.mark.parametrize("typed", ["", "new.example", "https://", "ftp://new.example", 'https://new.example/"; x'])
def test_what_is_no_origin(typed):
    with pytest.raises(leading.NoOrigin, match="Write where the site is now"):
        leading.clean_origin(typed)


def test_the_desk_erases_only_with_archive_name_reason_and_password(two):
    root = User.objects.create_superuser("root", password="right")
    carol, page = logged_in(root), reverse("admin:exchange_archive_leave")
    chosen = {"publisher": two[0].pk, "to": "https://new.example"}
    table = carol.post(page, {**chosen, "action": "csv"})
    assert b'"/petition/mine"' in b"".join(table.streaming_content)
    asked = {**chosen, "action": "erase", "name": "going", "reason": "We moved", "password": "right"}
    before = Statement.objects.count()
    assert "Have an archive of the whole site written first" in carol.post(page, asked).text
    Archive.objects.create(state="done")
    for wrong in ({"name": "Going"}, {"reason": ""}, {"password": "wrong"}):
        assert carol.post(page, {**asked, **wrong}).status_code == 200
    assert Statement.objects.count() == before
    answer = carol.post(page, asked)
    assert (list(Statement.objects.values_list("slug", flat=True)), "petitions_signature" in answer.text) == (
        ["stays"],
        True,
    )
    assert AuditEntry.objects.latest("pk").by_name == "root"
