"""The documents of data protection: written from what the site is set to, on the desk and on paper; nothing made up."""

import re

import pytest
from django.conf import settings as lived_by
from django.contrib.auth.models import User
from django.test import Client

from core import disclosures, register, richtext
from core.disclosures import Channel, Disclosure
from core.speed import memory
from integrations.models import Endpoint, EventType, Newsletter
from petitions.models import Signature
from publishers import founding, reading
from publishers.documents import held, writing
from publishers.documents.parts import Table, ToFill
from tests import pdf_reading
from tests.staff import logged_in, staff, superuser

pytestmark = pytest.mark.django_db

NAMES = [
    "notice", "breach", "assessment", "activities", "processors", "contract", "retention", "notice-table",
]  # fmt: skip


@pytest.fixture
def who():
    return reading.identity_of(founding.found().publisher)


@pytest.fixture
def ada():
    founding.found()
    return superuser("ada")


def clerk(name: str) -> Client:
    """Somebody at the desk who may do nothing there."""
    return logged_in(User.objects.create_user(name, is_staff=True))


def tables(name, who) -> dict[str, list[list[str]]]:
    """Of one document, by caption."""
    parts = writing.named(name).parts(who)
    return {
        str(part.caption): [[str(cell) for cell in row] for row in part.rows]
        for part in parts
        if isinstance(part, Table)
    }


def page(client: Client, name: str) -> str:
    answer = client.get(f"/admin/data-protection/{name}/")
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_these_are_all_and_in_this_order():
    assert [one.name for one in writing.everything()] == NAMES


def test_the_list_counts_what_is_to_be_filled_in(ada, who):
    answer = ada.get("/admin/data-protection/").content.decode()
    assert re.findall(r"/admin/data-protection/([\w-]+)/\?of=", answer) == NAMES
    told = re.findall(r"<td>(nothing|\d+ places?)</td>", answer)
    assert told == [
        f"{gaps} place{'s' if gaps > 1 else ''}" if gaps else "nothing"
        for gaps in (one.gaps(who) for one in writing.everything())
    ]
    assert told[0] == "nothing"


@pytest.mark.parametrize("name", NAMES)
def test_each_can_be_read_and_printed(ada, who, name):
    document = writing.named(name)
    gaps = [part for part in document.parts(who) if isinstance(part, ToFill)]
    shown = page(ada, name)
    assert shown.count("To fill in:") == len(gaps)
    paper = ada.get(f"/admin/data-protection/{name}.pdf")
    assert (paper["Content-Type"], "no-store" in paper["Cache-Control"]) == ("application/pdf", True)
    about = pdf_reading.about(paper.content)
    assert (about["title"], about["claims"], about["marked"]) == (str(document.title), 1, True)
    assert pdf_reading.text(paper.content).count("To fill in:") == len(gaps)


def test_the_schedule_says_each_setting_that_a_column_follows_with_its_days(settings, who):
    named = {name for _, _, entry in register.personal_columns() for name in entry.until.settings}
    named |= {"WITHDRAWN_MINUTES", "BACKUP_DAYS"}
    for value, name in enumerate(sorted(named), start=7001):
        setattr(settings, name, value)
    found = tables("retention", who)
    rows = found["What goes by itself"] + found["Beside the columns"]
    assert {name for row in rows for name in row[-1].split(", ")} == named
    for row in rows:
        numbers = re.findall(r"7\d\d\d", " ".join(row[:-1]))
        assert sorted(numbers) == sorted(str(getattr(lived_by, name)) for name in row[-1].split(", "))


def test_every_personal_column_stands_in_the_table_once(who):
    rows = [row for found in tables("notice-table", who).values() for row in found]
    columns = [(one.kept_in, one.column) for one in held.entries()]
    assert sorted((row[0], row[1]) for row in rows) == sorted(columns)
    assert ("signatures", "email") in columns
    assert Signature._meta.verbose_name_plural == "signatures"


def test_the_record_has_every_reason_why_something_is_kept(who):
    told = " ".join(row[1] for rows in tables("activities", who).values() for row in rows if len(row) == 4)
    assert [one.personal.why for one in held.entries() if one.personal.why not in told] == []


def test_who_is_set_up_is_named_and_who_is_switched_off_is_not(settings, who):
    settings.EMAIL_BACKEND = "anymail.backends.amazon_ses.EmailBackend"
    settings.AKISMET_KEY, settings.AKISMET_URL = "key", "https://spam.example.net/1.1/"
    settings.OIDC_ISSUER = "https://accounts.example.org"
    publisher = founding.found().publisher
    hears = [EventType.SIGNATURE_AGREED, EventType.SIGNATURE_WITHDRAWN]
    shared = {"url": "https://hooks.example.org/a", "secret": "s", "events": hears}
    Endpoint.objects.create(recipient="Lantern Union", may_have_mailbox=True, **shared)
    Endpoint.objects.create(recipient="Gone Union", off_at="2026-01-01T00:00Z", **shared)
    Newsletter.objects.create(
        publisher=publisher, recipient="Weekly", program="listmonk", url="https://l.example.org", list_id="1"
    )
    found = [(one.channel, one.to, one.is_processor) for one in disclosures.everything()]
    found = [one for one in found if one[0] != Channel.HOSTING]
    assert found == [
        (Channel.MAIL, "Amazon Ses", True),
        (Channel.COMMENTS, "spam.example.net", True),
        (Channel.SIGNATURES, "Lantern Union", None),
        (Channel.NEWSLETTER, "Weekly", None),
        (Channel.STAFF, "accounts.example.org", True),
    ]
    told = tables("processors", who)["Who gets what, as this site is set up"]
    assert [row[0] for row in told if row[0] != lived_by.DATABASES["default"]["HOST"]] == [one[1] for one in found]


def test_a_server_on_this_machine_is_nobody_else(settings):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "mail.smtp.EmailBackend", "127.0.0.1"
    assert disclosures.names(Channel.MAIL) == ()
    settings.EMAIL_HOST = "relay.example.net"
    assert disclosures.names(Channel.MAIL) == ("relay.example.net",)


def test_the_database_elsewhere_is_named(settings):
    def hosts(name: str) -> tuple[str, ...]:
        settings.DATABASES["default"]["HOST"] = name
        return disclosures.names(Channel.HOSTING)

    before = settings.DATABASES["default"]["HOST"]
    try:
        told = [hosts(name) for name in ("", "localhost", "/run/postgresql", "db.example.net")]
    finally:
        settings.DATABASES["default"]["HOST"] = before
    assert told == [(), (), (), ("db.example.net",)]


def test_what_is_said_alike_by_two_stands_once():
    twice = Disclosure(Channel.NEWS, "Lantern Union", "news", "why")
    before = list(disclosures._tells)
    disclosures.told_by(lambda: [twice])
    disclosures.told_by(lambda: [twice])
    try:
        assert disclosures.names(Channel.NEWS) == ("Lantern Union",)
        assert disclosures.everything().count(twice) == 1
    finally:
        disclosures._tells[:] = before


def test_the_hours_of_the_law_and_the_regulator_of_the_country(ada, who):
    shown = page(ada, "breach")
    assert "Within 72 hours the Information Commissioner’s Office must know" in shown
    assert who.contact_email in shown


def test_who_may_not_read_them_does_not(who):
    carl = clerk("carl")
    for path in ("", "breach/", "breach.pdf"):
        assert carl.get(f"/admin/data-protection/{path}").status_code == 403
    reader = staff("reader")
    assert [reader.get(f"/admin/data-protection/{path}").status_code for path in ("", "breach/", "breach.pdf")] == [
        200
    ] * 3
    assert reader.post("/admin/data-protection/").status_code == 405


def test_what_there_is_not_is_not_found(ada):
    assert [ada.get(f"/admin/data-protection/{path}").status_code for path in ("none/", "none.pdf", "?of=nobody")] == [
        404
    ] * 3


def test_a_home_page_leads_there_only_for_who_may(ada):
    assert "/admin/data-protection/" in ada.get("/admin/").content.decode()
    assert "/admin/data-protection/" not in clerk("carl").get("/admin/").content.decode()


def test_the_notice_names_who_sends_the_mail_and_who_checks_comments(settings, who):
    def notice() -> str:
        memory.drop("consent.recipients")
        return " ".join(richtext.plain_text(writing.named("notice").parts(who)[0].html).split())

    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.AKISMET_KEY = "mail.smtp.EmailBackend", "127.0.0.1", ""
    before = notice()
    settings.EMAIL_HOST = "relay.example.net"
    settings.AKISMET_KEY, settings.AKISMET_URL = "key", "https://spam.example.net/1.1/"
    after = notice()
    memory.drop("consent.recipients")
    named = ("Our emails leave through relay.example.net", "Whether a comment is spam we ask spam.example.net")
    assert [(one in before, one in after) for one in named] == [(False, True)] * 2
