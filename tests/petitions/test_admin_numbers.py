"""The page of a statement's numbers: what it says, its files, and that it reads no signature."""

import csv
import io
import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import roles
from petitions.admin import numbers
from petitions.models import Mailing, Meeting, Update
from petitions.signatures import figures, sums
from petitions.statements import assigning, counting
from tests.asking import agree, ask
from tests.factories import EventFactory, SignatureFactory, StatementFactory
from tests.staff import logged_in, superuser

pytestmark = pytest.mark.django_db
ASKED = 18


def ago(**span):
    return timezone.now() - timedelta(**span)


@pytest.fixture
def statement():
    statement = StatementFactory(title="Keep <b>it</b> open", published_at=ago(days=9))
    EventFactory(statement=statement, title="Protest & picnic", starts_at=ago(days=4))
    news = Update.objects.create(statement=statement, title="=1+1", slug="n", body="<p>N</p>", published_at=ago(days=3))
    Mailing.objects.create(update=news, started_at=ago(days=2))
    meeting = Meeting.objects.create(statement=statement, place="Mill Hall", starts_at=ago(days=2), ends_at=ago(days=1))
    for days, via in ((8, ""), (8, "blog"), (2.5, meeting.code), (1, news.via)):
        SignatureFactory(statement=statement, confirmed_at=ago(days=days), via=via)
    SignatureFactory(statement=statement, state="removed", confirmed_at=ago(days=8), via="bots")
    agree(ask(statement, "one@example.org"))
    ask(statement, "two@example.org")
    counting.recount(statement=statement, repair=True)
    sums.count(statement.pk)
    return statement


def tables(response):
    return {table.name: table for table in response.context["tables"]}


def page_of(statement, query=""):
    return superuser("carol").get(f"/admin/petitions/statement/{statement.pk}/numbers/{query}")


def test_what_it_tells(statement):
    found = tables(page_of(statement))
    assert dict(found["stands"].rows)["Agreed, and counting"] == 5
    assert dict(found["stands"].rows)["Asked, not answered yet"] == 1
    assert dict(found["stands"].rows)["Removed"] == 1
    assert (len(found["days"].rows), sum(row[1] for row in found["days"].rows)) == (10, 5)
    assert len(found["hours"].rows) == 72
    assert [row[1:] for row in found["rate"].rows] == [(2, 1, 50)]
    assert {row[0]: row[1] for row in found["sources"].rows} == {
        "The statement's own page": 2,
        "Links with the code blog": 1,
        "Meeting: Mill Hall": 1,
        "Mail: =1+1": 1,
        "Links with the code bots": 0,
    }
    assert [mark.kind for _, _, mark in found["days"].marked] == ["Event", "News", "Mail"]
    assert [(row[0], row[2], row[3:]) for row in found["mails"].rows] == [("=1+1", 1, (1, 1))]


def test_it_is_escaped_and_has_a_table_behind_each_chart(statement):
    html = page_of(statement).content.decode()
    assert ("<b>it</b>" in html, "Protest &amp; picnic" in html) == (False, True)
    assert len(re.findall(r"<table>", html)) == len(re.findall(r'<section class="module numbers"', html))
    assert " style=" not in html.partition('<main id="content-start"')[2].partition("</main>")[0]


def test_each_as_csv_guarded_and_as_a_picture_that_is_xml(statement):
    for name in tables(page_of(statement)):
        table = superuser(f"c-{name}").get(f"/admin/petitions/statement/{statement.pk}/numbers/?of={name}&as=csv")
        rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
        assert len(rows) > 1
        assert [cell for row in rows for cell in row if cell.startswith("=")] == []
        picture = superuser(f"s-{name}").get(f"/admin/petitions/statement/{statement.pk}/numbers/?of={name}&as=svg")
        assert picture["Content-Type"] == "image/svg+xml; charset=utf-8"
        assert ElementTree.fromstring(picture.content).tag == "{http://www.w3.org/2000/svg}svg"
    for query in ("?of=nothing&as=csv", "?of=days&as=exe", "?as=csv"):
        assert (
            superuser(f"n-{query}").get(f"/admin/petitions/statement/{statement.pk}/numbers/{query}").status_code == 404
        )


def test_two_beside_one_another_from_their_first_days(statement):
    other = StatementFactory(title="Another", published_at=ago(days=2))
    SignatureFactory(statement=other, confirmed_at=ago(days=1))
    sums.count(other.pk)
    compared = tables(page_of(statement, f"?with={other.pk}"))["compared"]
    assert (compared.rows[0][1:], compared.rows[2][1:], compared.rows[9][1:]) == ((0, 0), (2, 1), (5, "–"))
    assert len(compared.lines) == 2
    assert "compared" not in tables(superuser("dave").get(f"/admin/petitions/statement/{statement.pk}/numbers/?with=x"))


def test_nobody_compares_with_what_they_do_not_see(statement):
    hidden = StatementFactory(title="Not theirs")
    roles.establish()
    user = User.objects.create_user("cam", is_staff=True)
    user.groups.add(Group.objects.get(name=roles.CAMPAIGNER))
    assigning.assign(statement=statement, user=user)
    client = logged_in(user)
    page = client.get(f"/admin/petitions/statement/{statement.pk}/numbers/?with={hidden.pk}")
    assert (page.status_code, "compared" in tables(page), "Not theirs" in page.content.decode()) == (200, False, False)
    assert client.get(f"/admin/petitions/statement/{hidden.pk}/numbers/").status_code != 200


def test_no_signature_is_read_for_it(statement):
    """The page costs the same under ten million of them: what it asks are sums, by their keys."""
    other = StatementFactory()
    with CaptureQueriesContext(connection) as seen:
        assert len(numbers.tables_of(figures.of(statement), other)) > 6
    read = re.compile(r"petitions_(signature|signaturesubmission)\b")
    asked = [one["sql"] or "" for one in seen.captured_queries]
    assert [sql for sql in asked if read.search(sql)] == []
    assert len(asked) == ASKED


def test_before_the_worker_has_counted(statement):
    fresh = StatementFactory()
    assert "has not counted this statement yet" in page_of(fresh).content.decode()
