"""People who signed elsewhere: read from each source, judged row by row, counted apart, and taken back."""

from datetime import date

import pytest

from exchange import running
from exchange.models import Import, ImportRow
from mail.models import OutgoingEmail
from mail.suppression import suppress
from petitions.models import Signature, SignatureSubmission
from petitions.signatures import agreeing, public_numbers, signing
from petitions.statements import counting
from tests.exchange import lists
from tests.factories import SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db


def test_a_list_comes_in_counted_apart_and_mails_nobody(statement):
    SignatureFactory(statement=statement, email="here@example.org")
    suppress("silent@example.org")
    counting.recount(statement=statement, repair=True)
    listed = lists.read(
        "Name;E-Mail;Datum;PLZ;Newsletter\n"
        "Ada Long;ada@example.org;04.03.2021;e1 6an;ja\n"
        "Here Already;HERE+x@example.org;05.03.2021;;nein\n"
        "Silent One;silent@example.org;05.03.2021;;ja\n"
        "Ada Twice;ADA@example.org;06.03.2021;;ja\n"
        ";nobody@example.org;06.03.2021;;\n"
        "No Address;not-an-email;06.03.2021;;\n"
        "Late;late@example.org;06.03.2999;;\n"
        "<b>Bold</b>;bold@example.org;06.03.2021;;\n"
        "www.spam.example;odd@example.org;06.03.2021;;\n"
        "Five Styles;five@example.org;5 March 2021 at 10:11;;\n",
        statement=statement,
    )
    Import.objects.filter(pk=listed.pk).update(may_mail=True, may_show=True)
    listed.refresh_from_db()
    lists.check(listed)
    assert (listed.encoding, listed.separator, listed.source) == ("utf-8", ";", "list")
    assert lists.outcome(listed) == [
        (2, "new", ""),
        (3, "here", ""),
        (4, "out", ""),
        (5, "twice", ""),
        (6, "invalid", "There is no name."),
        (7, "invalid", "An email address has an @ in it, like name@example.com"),
        (8, "invalid", "“06.03.2999” is in the future."),
        (9, "invalid", "There is HTML in the name."),
        (10, "odd", "The name looks like a web address"),
        (11, "new", ""),
    ]
    assert Signature.objects.count() == 1
    running.start(listed=listed)
    assert Signature.objects.count() == 1  # nothing before the worker comes
    running.to_the_end(listed)
    rows = Signature.objects.filter(import_id=listed.pk).order_by("name")
    assert [(row.name, row.state, row.channel, row.show_name, row.email_updates, row.postcode) for row in rows] == [
        ("Ada Long", "confirmed", "import", True, True, "E1 6AN"),
        ("Five Styles", "confirmed", "import", True, False, ""),
        ("www.spam.example", "held", "import", True, False, ""),
    ]
    assert {row.consent.text for row in rows} == {"I support the letter.\n\nEastside Tenants, On the old site, 2021"}
    found = counting.recount(statement=statement)
    assert (found.stored, found.brought_in, found.agrees) == ((1, 2, 0), (2, 2), True)
    tally = public_numbers.tally_of(statement)
    assert (tally["people"], tally["elsewhere"], tally["private"]) == (1, 2, 1)
    assert not OutgoingEmail.objects.exists()


def test_the_same_file_twice_changes_nothing(statement):
    content = "name,email,date\nAda Long,ada@example.org,2021-03-04\n"
    lists.bring_in(lists.read(content, statement=statement))
    before = list(Signature.objects.values())
    again = lists.bring_in(lists.read(content, statement=statement))
    assert (lists.outcome(again), list(Signature.objects.values())) == ([(2, "here", "")], before)


def test_their_own_signature_moves_them_and_adds_none(statement):
    listed = lists.bring_in(lists.read("name,email,date\nAda Long,ada+old@gmail.com,2021-03-04\n", statement=statement))
    signing.sign(statement=statement, name="Ada M. Long", email="Ada@gmail.com")
    submission = SignatureSubmission.objects.get()
    assert agreeing.agree(submission_id=submission.pk) is not None
    row = Signature.objects.get()
    assert (row.name, row.email, row.channel, row.import_id, row.submission_id) == (
        "Ada M. Long", "Ada@gmail.com", "web", None, submission.pk)  # fmt: skip
    found = counting.recount(statement=statement)
    assert (found.stored, found.brought_in, found.agrees) == ((1, 0, 0), (0, 0), True)
    assert running.undo(listed=listed) == 1
    assert Signature.objects.count() == 1
    assert lists.outcome(listed) == [(2, "kept", "")]


def test_an_undo_takes_everybody_back_but_whom_somebody_acted_on(statement):
    content = "name,email,date\n" + "".join(f"Person {n},p{n}@example.org,2021-03-04\n" for n in range(5))
    listed = lists.bring_in(lists.read(content, statement=statement))
    removed = Signature.objects.get(email="p3@example.org")
    signing.remove(signature_id=removed.pk, reason="A fake")
    assert running.undo(listed=listed) == 1
    assert list(Signature.objects.values_list("email", "state")) == [("p3@example.org", "removed")]
    assert counting.recount(statement=statement).agrees
    assert [status for _line, status, _why in lists.outcome(listed)] == ["back", "back", "back", "kept", "back"]


def test_stopped_between_two_batches_it_goes_on_where_it_was(statement, monkeypatch):
    monkeypatch.setattr("exchange.judging.BATCH", 2)
    content = "name,email,date\n" + "".join(f"Person {n},p{n}@example.org,2021-03-04\n" for n in range(5))
    listed = lists.read(content, statement=statement)
    running.start_check(listed=listed)
    running._batch(listed)
    running.stop(listed=listed)
    assert running.work() == 0
    assert (listed.rows.filter(status="unread").count(), Signature.objects.count()) == (3, 0)
    running.resume(listed=listed)
    running.work()
    listed.refresh_from_db()
    assert (listed.state, listed.rows_checked, listed.rows.filter(status="new").count()) == ("checked", 5, 5)


@pytest.mark.parametrize(
    ("content", "source", "expected"),
    [
        (lists.speakout_old(), "speakout_old", [('Ann "Nan" Mill', "nan@example.org"), ("Rosa Díaz", "rosa@example.org")]),
        (lists.speakout_new(), "speakout", [("=HYPERLINK(1) Blau", "blau@example.org"), ("Käthe Weiß", "kaethe@example.org")]),
        (lists.PYTITION, "pytition", [("Ada Long", "ada@example.org")]),
        (lists.ACTION_NETWORK, "action_network", [("Ada Long", "ada@example.org")]),
        (lists.GOOGLE, "google_forms", [("Ada Long", "ada@example.org")]),
        (lists.EFF, "eff", [("Ada Long", "ada@example.org")]),
        (lists.xlsx([["Name", "Email"], ["Ada Long", "ada@example.org"]]), "list", [("Ada Long", "ada@example.org")]),
        (lists.ods([["Nom", "Prénom", "Courriel"], ["Long", "Ada", "ada@example.org"]]), "list", [("Ada Long", "ada@example.org")]),
    ],
)  # fmt: skip
def test_each_source_is_known_and_read(statement, content, source, expected):
    listed = lists.read(content, statement=statement)
    if source == "google_forms":
        listed.columns["name"] = 1
    Import.objects.filter(pk=listed.pk).update(date_if_none=date(2021, 3, 1), columns=listed.columns)
    listed.refresh_from_db()
    lists.bring_in(listed)
    assert listed.source == source
    assert sorted(Signature.objects.values_list("name", "email")) == expected
    kept = str(list(ImportRow.objects.values_list("cells", flat=True))).lower()
    assert ("192.0.2" in kept, "c0de" in kept) == (False, False)


def test_names_only_are_counted_apart_once(statement):
    listed = lists.bring_in(lists.read(lists.CHANGE, statement=statement))
    statement.refresh_from_db()
    assert (listed.source, listed.brings, statement.names_only, statement.paper) == ("change_org", "names", 2, 0)
    with pytest.raises(running.SeenBefore):
        lists.check(lists.read(lists.CHANGE, statement=statement))
    running.undo(listed=listed)
    statement.refresh_from_db()
    assert statement.names_only == 0


def test_nobody_comes_in_before_somebody_says_what_they_agreed_to(statement):
    listed = lists.read("name,email\nAda,ada@example.org\n", statement=statement, agreed=False)
    with pytest.raises(running.NoWords):
        running.start_check(listed=listed)
    draft = StatementFactory(published_at=None)
    with pytest.raises(running.NotPublished):
        running.start_check(listed=lists.read("name,email\nAda,ada@example.org\n", statement=draft))
