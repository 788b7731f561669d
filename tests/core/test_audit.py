"""The record: written with the act, never changed, and provable from its lines alone."""

from io import StringIO

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from core import audit
from core.models import AuditEntry
from tests.factories import CommentFactory, EndorsementFactory, SignatureFactory, StatementFactory
from tests.staff import everything, superuser

pytestmark = pytest.mark.django_db

RECORD = "/admin/core/auditentry/"
LOOKS = {"": ["Closed"], "?looks=only": ["Searched for"], "?looks=too": ["Searched for", "Closed"]}


@pytest.fixture
def carol(db):
    return superuser("carol")


def say(*whats: str, **more: str) -> None:
    by, _ = User.objects.get_or_create(username="carol")
    statement = StatementFactory(title="Keep “Mill Lane” 图书馆 open\t📚")
    for what in whats:
        audit.record(by=by, on=statement, what=what, **more)


def sql(text: str) -> None:
    """As somebody who owns the database can: with its guards switched off."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(text)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def test_a_line_says_who_what_and_why():
    say("Closed", why="Handed in")
    line = AuditEntry.objects.get()
    assert (line.id, line.by_name, line.what, line.why) == (1, "carol", "Closed", "Handed in")
    assert (line.model, line.label) == ("petitions.statement", "Keep “Mill Lane” 图书馆 open 📚")
    assert audit.verify() == audit.Verdict(lines=1, head=line.hash, broken_at=None)


def test_machines_leave_no_line():
    audit.record(by=None, on=StatementFactory(), what="Closed")
    assert AuditEntry.objects.count() == 0


def test_lines_are_numbered_without_gaps():
    say("Published", "Closed")
    rolled_back = transaction.atomic()
    rolled_back.__enter__()
    say("Reopened")
    transaction.set_rollback(True)
    rolled_back.__exit__(None, None, None)
    say("Hidden")
    assert list(AuditEntry.objects.order_by("id").values_list("id", "what")) == [
        (1, "Published"), (2, "Closed"), (3, "Hidden")
    ]  # fmt: skip
    assert audit.verify().holds


@pytest.mark.parametrize("act", ["UPDATE core_auditentry SET why = 'mine'", "DELETE FROM core_auditentry"])
def test_the_database_changes_no_line(act):
    say("Closed")
    with pytest.raises(IntegrityError, match="only ever added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(act)
    assert audit.verify().lines == 1


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("UPDATE core_auditentry SET why = 'A better reason' WHERE id = 2", 2),
        ("UPDATE core_auditentry SET by_name = 'mo' WHERE id = 1", 1),
        ("UPDATE core_auditentry SET at = at - interval '1 day' WHERE id = 3", 3),
        ("DELETE FROM core_auditentry WHERE id = 2", 2),
        ("UPDATE core_auditentry SET id = 9 WHERE id = 3", 3),
    ],
)
def test_tampering_by_sql_is_found(tampering, broken_at):
    say("Published", "Closed", "Hidden")
    assert audit.verify().holds
    sql(tampering)
    assert audit.verify().broken_at == broken_at
    with pytest.raises(CommandError, match=f"tampered with: line {broken_at} "):
        call_command("verify_audit")


def test_lines_cut_off_the_end_are_found_by_a_hash_noted_before():
    say("Published", "Closed")
    out = StringIO()
    call_command("verify_audit", stdout=out)
    noted = out.getvalue().split()[-1]
    assert out.getvalue() == f"2 lines, unbroken. Newest hash: {noted}\n"
    call_command("verify_audit", expect=noted, stdout=out)
    sql("DELETE FROM core_auditentry WHERE id = 2")
    call_command("verify_audit", stdout=out)
    with pytest.raises(CommandError, match="cut short"):
        call_command("verify_audit", expect=noted)


def test_the_record_is_searched_by_who_what_and_why(client):
    client.force_login(User.objects.create_superuser("root"))
    say("Closed", why="Handed in")
    say("Hidden", why="A complaint")

    def found(term: str) -> list[str]:
        return [line.what for line in client.get(RECORD, {"q": term}).context["cl"].result_list]

    assert found("") == ["Hidden", "Closed"]
    assert (found("handed"), found("carol complaint"), found("nobody"), found("%")) == (["Closed"], ["Hidden"], [], [])
    assert client.get(RECORD, {"model": "petitions.statement"}).context["cl"].result_count == 2
    assert client.get(RECORD, {"model": "petitions.event"}).context["cl"].result_count == 0


def test_nobody_edits_the_record_in_the_staff_pages(client):
    client.force_login(User.objects.create_superuser("root"))
    say("Closed")
    before = everything()
    for page in ("add/", "1/change/", "1/delete/"):
        assert client.post(f"{RECORD}{page}", {"why": "mine"}).status_code == 403
    assert everything() == before
    assert client.get(f"{RECORD}1/change/").status_code == 200


def test_what_djangos_own_forms_change_is_entered_too(client):
    client.force_login(User.objects.create_superuser("root"))
    typed = {"username": "mo", "password1": "a long enough one", "password2": "a long enough one"}
    client.post("/admin/auth/user/add/", {**typed, "usable_password": "true"})
    mo = User.objects.get(username="mo")
    client.post(f"/admin/auth/user/{mo.pk}/delete/", {"post": "yes"})
    lines = AuditEntry.objects.order_by("id").values_list("by_name", "what", "label")
    assert list(lines) == [("root", "Added.", "mo"), ("root", "Deleted", "mo")]


def test_a_visitor_is_not_staff():
    statement = StatementFactory()
    with pytest.raises(IntegrityError, match="user_id"), transaction.atomic():
        audit.record(by=AnonymousUser(), on=statement, what="Closed")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("petitions/signature/?q=Amina+Yusuf", ("Searched for", "petitions.signature", "a name or words")),
        ("petitions/signature/?q=amina@example.org", ("Searched for", "petitions.signature", "an address")),
        ("petitions/signature/?q=@example.org", ("Searched for", "petitions.signature", "a domain")),
        ("comments/comment/?q=Amina", ("Searched for", "comments.comment", "a name or words")),
        ("organisations/endorsement/?q=Amina", ("Searched for", "organisations.endorsement", "a name or words")),
        ("mail/outgoingemail/?q=amina@example.org", ("Searched for", "mail.outgoingemail", "an address")),
        ("petitions/sheet/?q=Amina", ("Searched for", "petitions.sheet", "a name or words")),
        ("petitions/signature/?q=+", None),
        ("petitions/signature/", None),
        ("petitions/statement/?q=libraries", None),
    ],
)
def test_searching_for_people_leaves_a_line_that_names_nobody(carol, path, line):
    assert carol.get(f"/admin/{path}").status_code == 200
    assert list(AuditEntry.objects.values_list("what", "model", "why")) == ([line] if line else [])


def test_opening_somebody_leaves_a_line_that_names_nobody(carol):
    rows = {
        "petitions/signature": SignatureFactory(name="Amina"),
        "comments/comment": CommentFactory(author_name="Amina"),
        "organisations/endorsement": EndorsementFactory(name="Lantern"),
    }
    for path, row in rows.items():
        assert carol.get(f"/admin/{path}/{row.pk}/change/").status_code == 200
        assert carol.get(f"/admin/{path}/999999999/change/").status_code == 302
    lines = AuditEntry.objects.order_by("pk").values_list("by_name", "what", "label", "object_id")
    assert list(lines) == [
        ("carol", "Looked at", f"{row._meta.verbose_name.capitalize()} {row.pk}", str(row.pk)) for row in rows.values()
    ]
    assert audit.verify().holds


def test_the_record_shows_acts_first_and_looks_when_asked(carol):
    say("Closed")
    carol.get("/admin/petitions/signature/?q=Amina")
    shown = {query: [row.what for row in carol.get(RECORD + query).context["cl"].result_list] for query in LOOKS}
    assert shown == LOOKS
