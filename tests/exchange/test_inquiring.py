"""People on a list are asked once by mail: what either answer does, what silence does, and whom nobody asks."""

from datetime import timedelta

import pytest
from django.conf import settings as conf
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from core import tokens
from core.models import Tombstone
from exchange import inquiring, running
from exchange.models import Import, ImportRow, Inquiry
from mail.models import OutgoingEmail
from mail.suppression import suppress
from petitions.models import Signature
from petitions.signatures import agreeing, public_numbers, signing
from petitions.statements import counting
from submissions import erasing, holdings
from submissions.holdings import Mailbox
from tests import asking
from tests.exchange import lists
from tests.factories import SignatureFactory
from tests.mailserver import deliver, html_of, subject_of, text_of
from tests.staff import superuser

pytestmark = pytest.mark.django_db
PEOPLE = "name,email,date\nAda Long,ada@example.org,2021-03-04\nBo Short,bo@example.org,2021-03-05\n"


def checked(statement, content=PEOPLE, **values):
    """A list whose people are to be asked, checked to the end."""
    listed = lists.read(content, statement=statement)
    day = timezone.localdate() + timedelta(days=20)
    Import.objects.filter(pk=listed.pk).update(**{"asks": True, "answer_by": day, **values})
    listed.refresh_from_db()
    return lists.check(listed)


def asked(statement, content=PEOPLE, **values):
    """The same, with every mail in the outbox."""
    listed = checked(statement, content, **values)
    running.start(listed=listed)
    running.to_the_end(listed)
    while running.ask():
        pass
    return listed


def of(address):
    """The inquiry of a mailbox."""
    return Inquiry.objects.get(mailbox_key=Mailbox.of(address).mailbox_key)


def states():
    return list(Inquiry.objects.order_by("pk").values_list("state", flat=True))


def page(one, *, first=inquiring.KEEP):
    """The path of its page."""
    word = "confirm" if first == inquiring.KEEP else "unsubscribe"
    return f"/{word}/{tokens.make_token(first, one.pk)}/"


def day_is_over(listed):
    """As if the last day to answer had gone by."""
    Import.objects.filter(pk=listed.pk).update(answer_by=timezone.localdate() - timedelta(days=1))
    running.ask()
    listed.refresh_from_db()


def test_one_mail_says_who_asks_and_what_was_given_where(statement, server):
    listed = asked(statement)
    assert Signature.objects.count() == 0
    deliver()
    assert server.recipients() == ["ada@example.org", "bo@example.org"]
    (message,) = server.to("ada@example.org")
    text, html, day = text_of(message), html_of(message), f"{listed.answer_by:%-d %B %Y}"
    assert subject_of(message) == "Shall we keep you on this list?"
    keep, off = (
        f"{conf.ORIGIN}{page(of('ada@example.org'), first=first)}" for first in (inquiring.KEEP, inquiring.OFF)
    )
    told = [keep, off, "Eastside Tenants", "On the old site, 2021", "I support the letter.", f"nothing by {day}",
            statement.title]  # fmt: skip
    assert [part for part in told if part not in text or part not in html] == []
    assert (message["List-Unsubscribe"].strip(), message["List-Unsubscribe-Post"]) == (
        f"<{off}>", "List-Unsubscribe=One-Click")  # fmt: skip
    assert "Ada" not in text + html  # what the list says of somebody is on the page alone
    while running.ask():
        pass
    deliver()
    assert len(server.received) == 2
    assert [one.mailed_at is None for one in Inquiry.objects.all()] == [False, False]


def test_opening_either_page_writes_nothing_and_the_button_brings_them_in(client, statement, server):
    listed = asked(statement)
    one = of("ada@example.org")
    for first, order in ((inquiring.KEEP, ["keep", "off"]), (inquiring.OFF, ["off", "keep"])):
        answer = client.get(page(one, first=first))
        assert [
            name for name in answer.text.split('name="answer" value="')[1:] for name in [name.split('"')[0]]
        ] == order
        assert ("Ada Long" in answer.text, "I support the letter." in answer.text) == (True, True)
    client.head(page(one))
    assert (client.post(page(one)).status_code, states()) == (200, ["asked", "asked"])
    before = statement.changed_at
    kept = client.post(page(one), {"answer": "keep"})
    assert "You are kept" in kept.text
    assert "You are kept" in client.post(page(one), {"answer": "keep"}).text
    row = Signature.objects.get()
    assert (row.name, row.channel, row.import_id, row.state, row.show_name, row.email_updates) == (
        "Ada Long", "import", listed.pk, "confirmed", False, False)  # fmt: skip
    assert row.consent.text == (
        "I support the letter.\n\nEastside Tenants, On the old site, 2021\n\n"
        "We asked once by mail whether to keep them, and they said yes."
    )
    found = counting.recount(statement=statement)
    assert (found.stored, found.brought_in, found.agrees) == ((0, 0, 0), (1, 1), True)
    tally = public_numbers.tally_of(statement)
    assert (tally["people"], tally["elsewhere"]) == (0, 1)
    assert (states(), lists.outcome(listed)) == (["kept", "asked"], [(2, "in", ""), (3, "asked", "")])
    statement.refresh_from_db()
    assert statement.changed_at >= before


def test_taken_off_they_are_forgotten_and_no_list_brings_them_back(client, statement):
    listed = asked(statement)
    one = of("bo@example.org")
    mail = OutgoingEmail.objects.get(context__inquiry=one.pk)
    assert "You are off the list" in client.post(page(one, first=inquiring.OFF), {"answer": "off"}).text
    assert not OutgoingEmail.objects.filter(pk=mail.pk).exists()  # it had not left yet
    row = listed.rows.get(line=3)
    assert (row.status, row.cells, row.read_as, row.private, bytes(row.mailbox_key)) == ("off", [], {}, {}, b"")
    stone = Tombstone.objects.get()
    assert (bytes(stone.subject), stone.kind, stone.scope, stone.why) == (
        bytes(one.mailbox_key), signing.KIND, statement.pk, "withdrawn")  # fmt: skip
    assert "You are off the list" in client.post(page(one), {"answer": "keep"}).text  # not any more
    again = lists.bring_in(lists.read(PEOPLE.replace("bo@", "Bo+again@"), statement=statement))
    assert [row[1] for row in lists.outcome(again)] == ["in", "out"]
    asked_again = asked(statement, PEOPLE.replace("ada@", "new@"))
    assert [row[1] for row in lists.outcome(asked_again)] == ["asked", "out"]


def test_a_mail_program_that_posts_by_itself_takes_them_off(client, statement):
    asked(statement)
    one = of("ada@example.org")
    assert client.post(page(one, first=inquiring.OFF), {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert (states(), Signature.objects.count()) == (["off", "asked"], 0)


def test_who_was_kept_can_be_taken_off_later_and_is_counted_no_more(client, statement):
    asked(statement)
    one = of("ada@example.org")
    client.post(page(one), {"answer": "keep"})
    client.post(page(one), {"answer": "off"})
    found = counting.recount(statement=statement)
    assert (Signature.objects.count(), found.brought_in, found.agrees) == (0, (0, 0), True)


@pytest.mark.parametrize("silence_keeps", [False, True])
def test_silence_means_what_the_desk_chose(client, statement, server, silence_keeps):
    """Cy's mail server refuses for now: who never got the mail stays out, whatever was chosen."""
    server.says["RCPT"]["cy@example.org"] = "451 4.7.1 Not now"
    listed = asked(
        statement, f"{PEOPLE}Cy Late,cy@example.org,2021-03-06\n", silence_keeps=silence_keeps, may_show=True
    )
    deliver()
    client.post(page(of("ada@example.org")), {"answer": "keep"})
    day_is_over(listed)
    assert (listed.state, states()) == ("done", ["kept", "silent", "silent"])
    kept = list(Signature.objects.order_by("pk").values_list("name", "show_name", "consent__text"))
    said = (
        "I support the letter.\n\nEastside Tenants, On the old site, 2021\n\nWe asked once by mail whether to keep them"
    )
    silent = [("Bo Short", False, f"{said}, and had no answer by {listed.answer_by}.")] if silence_keeps else []
    assert kept == [("Ada Long", True, f"{said}, and they said yes."), *silent]
    found = counting.recount(statement=statement)
    assert (found.brought_in, found.agrees) == ((len(kept), len(kept)), True)
    late = client.post(page(of("cy@example.org")), {"answer": "keep"})
    assert ("The list is closed" in late.text, Signature.objects.count()) == (True, len(kept))
    rows = listed.rows.exclude(status="in")
    assert [row for row in rows if row.cells or row.read_as or row.private or row.mailbox_key] == []
    client.post(page(of("bo@example.org")), {"answer": "off"})
    assert list(Signature.objects.values_list("name", flat=True)) == ["Ada Long"]


def test_who_signed_is_silent_or_was_forgotten_is_not_asked(statement, server):
    SignatureFactory(statement=statement, email="here@example.org")
    suppress("silent@example.org")
    asking.sign(statement, "gone@example.org")
    erasing.erase(Mailbox.of("gone@example.org", any_spelling=True))
    names = ["here", "silent", "gone", "later", "signs", "stops", "new"]
    content = "name,email,date\n" + "".join(f"Somebody,{name}@example.org,2021-03-04\n" for name in names)
    listed = checked(statement, content)
    assert [row[1] for row in lists.outcome(listed)] == ["here", "out", "out", "new", "new", "new", "new"]
    suppress("later@example.org")  # between the check and the question
    running.start(listed=listed)
    running.to_the_end(listed)
    asking.sign(statement, "signs@example.org")
    while running.ask():
        pass
    suppress("stops@example.org")  # between the question and the mail
    deliver()
    assert [who for who in server.recipients() if "signs" not in who] == ["new@example.org"]
    assert states() == ["off", "here", "asked", "asked"]
    assert [row[1] for row in lists.outcome(listed)] == ["here", "out", "out", "out", "here", "asked", "asked"]


def test_nobody_is_asked_twice_whatever_the_list(statement, server):
    listed = asked(statement)
    again = asked(statement, PEOPLE.replace("ada@", "ADA+2@").replace("bo@", "cy@"))
    assert [row[1] for row in lists.outcome(again)] == ["before", "asked"]
    deliver()
    row = listed.rows.get(line=2)
    one = of("ada@example.org")
    with pytest.raises(IntegrityError, match="inquiry_once"), transaction.atomic():
        Inquiry.objects.create(of=again, statement=statement, row=None, mailbox_key=one.mailbox_key, address_key=b"x")
    running.undo(listed=listed)
    assert (states()[:2], ImportRow.objects.get(pk=row.pk).status) == (["silent", "silent"], "back")
    third = asked(statement)
    assert [row[1] for row in lists.outcome(third)] == ["before", "before"]
    assert third.state == "done"


def test_their_own_signature_moves_them_and_the_page_says_so(client, statement):
    asked(statement)
    one = of("ada@example.org")
    client.post(page(one), {"answer": "keep"})
    submission = asking.ask(statement, "ada@example.org", name="Ada M. Long")
    assert agreeing.agree(submission_id=submission.pk) is not None
    found = counting.recount(statement=statement)
    assert (found.stored, found.brought_in, found.agrees) == ((1, 0, 0), (0, 0), True)
    assert "You have signed here yourself" in client.get(page(one)).text
    client.post(page(one), {"answer": "off"})
    assert Signature.objects.get().name == "Ada M. Long"  # that is another matter


def test_the_pace_is_bounded_and_a_stop_calls_back_what_has_not_left(statement, settings, server):
    settings.INQUIRIES_PER_HOUR = 3
    content = "name,email,date\n" + "".join(f"Person {n},p{n}@example.org,2021-03-04\n" for n in range(5))
    listed = checked(statement, content)
    running.start(listed=listed)
    running.to_the_end(listed)
    assert ([running.ask(), running.ask()], states().count("asked")) == ([3, 0], 3)
    deliver()
    Inquiry.objects.update(queued_at=timezone.now() - timedelta(hours=2))
    Inquiry.objects.filter(state="waiting").update(queued_at=None)
    assert running.ask() == 2
    running.stop(listed=listed)
    assert (states(), OutgoingEmail.objects.filter(state="queued").count()) == (["asked"] * 3 + ["waiting"] * 2, 0)
    assert running.ask() == 0
    running.resume(listed=listed)
    assert (listed.state, running.ask()) == ("asking", 2)
    deliver()
    assert server.recipients() == [f"p{n}@example.org" for n in range(5)]


def test_at_an_undo_who_has_answered_stays_and_nobody_else_is_asked(client, statement, server):
    listed = asked(statement, f"{PEOPLE}Cy Late,cy@example.org,2021-03-06\n")
    client.post(page(of("ada@example.org")), {"answer": "keep"})
    assert running.undo(listed=listed) == 1
    deliver()
    assert server.recipients() == []
    assert [row[1] for row in lists.outcome(listed)] == ["kept", "back", "back"]
    assert list(Signature.objects.values_list("name", flat=True)) == ["Ada Long"]
    assert Inquiry.objects.count() == 1  # whose mail never left may be asked another time


def test_odd_names_are_held_when_they_say_keep_me(client, statement):
    asked(statement, "name,email,date\nwww.spam.example,odd@example.org,2021-03-04\n")
    answer = client.post(page(of("odd@example.org")), {"answer": "keep"})
    assert "A person looks at your name first; it does not count yet." in answer.text
    assert "You are counted" not in answer.text
    row = Signature.objects.get()
    assert (row.state, row.held_reason) == ("held", "The name looks like a web address")
    found = counting.recount(statement=statement)
    assert (found.brought_in, found.agrees) == ((0, 0), True)


def test_who_was_removed_since_reads_that_they_are_not_kept(client, statement):
    asked(statement)
    one = of("ada@example.org")
    client.post(page(one), {"answer": "keep"})
    signing.remove(signature_id=Signature.objects.get().pk, reason="A fake")
    assert "The list is closed" in client.post(page(one), {"answer": "keep"}).text
    assert counting.recount(statement=statement).brought_in == (0, 0)


def test_a_list_that_cannot_be_closed_says_so_and_stops_no_other(statement, caplog):
    broken, other = asked(statement), asked(statement, PEOPLE.replace("ada@", "cy@").replace("bo@", "di@"))
    ImportRow.objects.filter(of=broken).update(private={"email": 7})  # as nobody writes it
    Inquiry.objects.filter(of=broken).update(mailed_at=timezone.now())
    Import.objects.filter(pk=broken.pk).update(silence_keeps=True)
    Import.objects.update(answer_by=timezone.localdate() - timedelta(days=1))
    running.ask()
    for listed in (broken, other):
        listed.refresh_from_db()
    assert (broken.state, other.state) == ("failed", "done")
    assert f"import {broken.pk} failed" in caplog.text


def test_people_have_time_to_answer(statement):
    soon = timezone.localdate() + timedelta(days=conf.INQUIRY_DAYS_AT_LEAST - 2)
    for day in (None, soon):
        with pytest.raises(running.TooSoon, match="at least 7 days"):
            checked(statement, answer_by=day)
    listed = checked(statement)
    Import.objects.filter(pk=listed.pk).update(answer_by=soon)
    with pytest.raises(running.TooSoon):
        running.start(listed=listed)
    with pytest.raises(IntegrityError, match="import_asks_until_a_day"), connection.cursor() as cursor:
        cursor.execute("UPDATE exchange_import SET state = 'asking', answer_by = NULL")


def test_the_own_page_shows_it_answers_it_and_erases_it(statement, server):
    asked(statement)
    mailbox = Mailbox.of("ada@example.org")
    kind = holdings.named("inquiry")
    (row,) = kind.shown(mailbox)
    item = kind.item(row)
    assert (item.title, [act.name for act in item.acts]) == (statement.title, ["keep", "off"])
    assert [str(fact.value) for fact in item.facts] == [
        "Ada Long", "Eastside Tenants", "I support the letter.", "On the old site, 2021"]  # fmt: skip
    assert [list(kind.rows(Mailbox.of(other))) for other in ("ada+2@example.org", "cy@example.org")] == [[], []]
    assert kind.act(row, "keep") is True
    assert list(kind.shown(mailbox)) == []
    assert "ada@example.org" in str([record.columns for record in holdings.records(mailbox)])
    erasing.erase(mailbox)
    assert (Signature.objects.count(), ImportRow.objects.count(), Inquiry.objects.count()) == (0, 1, 1)
    bo = Mailbox.of("bo@example.org")
    kind.erase(kind.rows(bo).get())
    assert (Tombstone.objects.filter(subject=bo.mailbox_key).count(), Inquiry.objects.count()) == (1, 0)
    assert [row[1] for row in lists.outcome(asked(statement))] == ["out", "out"]


def test_the_desk_shows_how_far_it_is(statement):
    listed = checked(statement)
    carol, address = superuser("carol"), reverse("admin:exchange_import_change", args=[listed.pk])
    assert "Ask 2 by mail" in carol.get(address).text
    carol.post(reverse("admin:exchange_import_start", args=[listed.pk]))
    running.work()
    running.ask()
    inquiring.keep(inquiry_id=of("ada@example.org").pk)
    shown = " ".join(carol.get(address).text.split())
    assert "2 of 2 have been asked, at most 500 an hour." in shown
    assert "<tr><td>Asked</td><td>1</td></tr><tr><td>Keep me</td><td>1</td></tr>" in shown
    assert "Who says nothing stays out then, and is forgotten." in shown
