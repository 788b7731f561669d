"""One person in every role there is: after every right, and after every clock, nothing tells of them any more.

docs/personal-data.md is the register that says so; this looks at all that is there and knows no list of tables. A new
table or column is looked at unasked (`core.E010` asks for its entry), and so is a new file below MEDIA_ROOT.
"""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from core import chores, register, retention
from mail.models import OutgoingEmail
from petitions.models import SheetLine, Statement
from petitions.signatures import paper
from submissions import erasing, mine_views
from submissions.holdings import Mailbox
from submissions.models import Correspondence
from tests.factories import StatementFactory
from tests.mailserver import deliver
from tests.privacy import canary

pytestmark = pytest.mark.django_db

# Each of them at its end: what follows one is due at once.
CLOCKS = sorted({name for _, _, entry in register.personal_columns() for name in entry.until.settings})


@pytest.fixture(autouse=True)
def places(settings, tmp_path, monkeypatch):
    """Files of this test alone, and clocks that nobody has looked at."""
    options = {**settings.STORAGES["erasures"], "OPTIONS": {"location": tmp_path / "erasures"}}
    settings.STORAGES = {**settings.STORAGES, "erasures": options}
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(chores, "_not_before", {})
    monkeypatch.setattr(mine_views, "MINE_EVERY", timedelta(0))


def world(*, publicly):
    statement = StatementFactory(ask_affiliation=True, ask_postcode=True)
    others = [StatementFactory() for _ in range(4)]
    canary.everywhere(statement, others, publicly=publicly)
    return statement


def ours(caplog):
    """What the site itself has logged; the mail server of the tests logs whom it was told to write to."""
    return "\n".join(record.getMessage() for record in caplog.records if record.name != "mail.log")


def clocks(settings):
    """Every time that is kept is over: statements have long been closed, and the worker has run."""
    OutgoingEmail.objects.update(due_at=Now())
    long_ago = timezone.now() - timedelta(days=5)
    Statement.objects.update(published_at=long_ago - timedelta(days=1), closed_at=long_ago)
    for name in CLOCKS:
        setattr(settings, name, -2)
    settings.WITHDRAWN_MINUTES = -2
    settings.SENT_MAIL_DAYS = 7
    for left in range(3, -1, -1):  # some let go only when others have, or when somebody has been told
        if not left:
            settings.SENT_MAIL_DAYS = -2
        deliver()  # what waited to be sent
        chores._not_before.clear()
        retention.forget()
        chores.run_all()


def test_the_person_stands_in_every_table_that_can_hold_one():
    """Else the two below would prove nothing of it."""
    world(publicly=True)
    there = set(canary.found(""))
    expected = {
        "petitions_signature", "petitions_signaturesubmission", "petitions_sheetline", "comments_comment",
        "comments_commentsubmission", "comments_report", "organisations_endorsement", "mail_outgoingemail",
        "submissions_decision", "auth_user", "axes_accessattempt", "axes_accesslog", "django_admin_log",
        "core_auditentry",
    }  # fmt: skip
    assert {name.removeprefix("public.") for name in there} >= expected - {"core_auditentry"}
    # The record outlives everybody: it has them from the beginning in one place only, the name of a log-in.
    [lines] = [rows for table, rows in canary.found("").items() if table.endswith("core_auditentry")] or [[]]
    assert [line for line in lines if canary.EMAIL in line or canary.NAME in line] == []


def test_after_every_right_nothing_tells_of_them(settings, caplog, server):
    world(publicly=True)
    written = Correspondence.objects.get()
    token = mine_views.token_of(canary.EMAIL, written)
    page = Client().post(f"/manage/{token}/", {"act": "erase_all", "sure": "yes"})
    assert "Everything is deleted" in page.content.decode()
    for line in SheetLine.objects.all():
        paper.erase_line(line=line)
    erasing.erase(Mailbox.of(canary.EMAIL, any_spelling=True))
    User.objects.filter(username=canary.WORD).delete()
    # Of packages, and what readers wrote without an address, clocks see to; of the mailbox nothing is left for them.
    left = {table.removeprefix("public.") for table in canary.found(ours(caplog))}
    assert left - {"axes_accessattempt", "axes_accesslog", "comments_report"} == set()
    clocks(settings)
    assert canary.found(ours(caplog)) == {}


def test_after_every_clock_nothing_tells_of_them(settings, caplog, server):
    world(publicly=False)
    User.objects.filter(username=canary.WORD).delete()
    clocks(settings)
    assert canary.found(ours(caplog)) == {}


def test_a_stolen_copy_of_the_database_names_nobodys_mailbox():
    """Nor a postcode; what is left in plain are accounts of staff."""
    world(publicly=True)
    OutgoingEmail.objects.update(outcome="")  # where the canary puts what a mail server said
    told = [canary.EMAIL, canary.EMAIL.encode().hex(), canary.ANSWERS["postcode"]]
    there = {
        table.removeprefix("public."): row
        for table, rows in canary.dump().items()
        for row in rows
        if any(word in row for word in told)
    }
    assert set(there) == {"auth_user"}


def test_no_table_is_without_its_entries():
    known = {model._meta.db_table for model, _ in register.everything()}
    made_by_django = {"django_migrations"}
    between = {
        field.remote_field.through._meta.db_table
        for model, _ in register.everything()
        for field in model._meta.many_to_many
    }
    there = {table.removeprefix("public.").strip('"') for table in canary.tables()}
    assert there - known - between - made_by_django == set()
    assert register.every_column_is_declared() == []
