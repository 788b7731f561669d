"""Standing by a correction: one mail to all who signed before, one press, and a number that everybody reads."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from mail.models import OutgoingEmail
from petitions.models import Reaffirming, Signature, Version
from petitions.signatures import reaffirming, signing
from petitions.statements import counting, publishing
from tests.asking import sign
from tests.factories import SignatureFactory, StatementFactory
from tests.mailserver import deliver, html_of, subject_of, text_of
from tests.meeting import meet
from tests.petitions.mails import manage_link

pytestmark = pytest.mark.django_db
AMINA, BO, CAROL = "amina@example.org", "bo@example.org", "carol@example.org"
NOTE = "The council has nine branches, not eight."


@pytest.fixture
def statement():
    return StatementFactory(slug="libraries", title="Keep our libraries open")


def correct(statement, note=NOTE):
    body = f"<p>Words after {Version.objects.count()} corrections.</p>"
    publishing.correct(statement=statement, note=note, body=body)
    statement.refresh_from_db()
    return statement.version


def versions():
    return dict(Signature.objects.values_list("email", "version__number"))


def press(client, signature, number=2):
    return client.post(path(signature), {"action": "stand_by", "version": number})


def path(signature):
    return manage_link(signature).partition("example.org")[2] or manage_link(signature)


def queue_all():
    return list(iter(reaffirming.queue_batch, 0))


def test_who_signed_before_is_written_to_once_and_nobody_else(statement):
    first, held = sign(statement, email=AMINA), SignatureFactory(statement=statement, email=BO, state="held")
    for number, values in enumerate([{"state": "removed"}, {"state": "withdrawn"}, {"email": ""}]):
        SignatureFactory(statement=statement, **{"email": f"no-{number}@example.org", **values})
    SignatureFactory(statement=StatementFactory(), email="elsewhere@example.org")
    correct(statement)
    sign(statement, email=CAROL)
    OutgoingEmail.objects.all().delete()
    reaffirming.ask(statement=statement)
    assert queue_all() == [2]
    found = OutgoingEmail.objects.filter(kind="signature_reaffirm").values_list("recipient", "lane").order_by("id")
    assert list(found) == [(first.email, 3), (held.email, 3)]
    asked = Reaffirming.objects.get()
    assert (asked.queued, asked.finished_at is None) == (2, False)
    with pytest.raises(reaffirming.AlreadyAsked):
        reaffirming.ask(statement=statement)
    assert not reaffirming.can_ask(statement)


def test_there_is_nothing_to_ask_without_a_correction_or_when_all_have_signed_it(statement):
    sign(statement, email=AMINA)
    with pytest.raises(reaffirming.NobodyToAsk):
        reaffirming.ask(statement=statement)
    other = StatementFactory()
    correct(other)
    sign(other, email=AMINA)
    assert (reaffirming.can_ask(statement), reaffirming.can_ask(other)) == (False, False)
    with pytest.raises(reaffirming.NobodyToAsk):
        reaffirming.ask(statement=other)


def test_the_mail_says_what_was_corrected_and_nothing_else(server, statement):
    signature = sign(statement, email=AMINA)
    correct(statement)
    reaffirming.ask(statement=statement)
    queue_all()
    deliver()
    assert OutgoingEmail.objects.values_list("state", "outcome").get(kind="signature_reaffirm") == ("sent", "")
    (message,) = [one for one in server.to(AMINA) if subject_of(one).startswith("A correction")]
    assert subject_of(message) == "A correction of what you signed: Keep our libraries open"
    links = set(re.findall(r"https?://[^\s<>]+", text_of(message)))
    assert {link.partition("?")[0] for link in links} >= {manage_link(signature)}
    assert NOTE in text_of(message)
    assert ("Stand by version 2" in html_of(message), message["List-Unsubscribe"]) == (True, None)


def test_who_answered_or_signed_anew_meanwhile_gets_no_mail(server, statement):
    signature = sign(statement, email=AMINA)
    correct(statement)
    reaffirming.ask(statement=statement)
    queue_all()
    reaffirming.stand_by(signature_id=signature.pk, number=2)
    deliver()
    assert OutgoingEmail.objects.values_list("state", "outcome").get(kind="signature_reaffirm") == (
        "skipped",
        "answered",
    )


def test_one_press_on_ones_own_page_moves_the_signature_and_looking_does_not(client, statement):
    signature = sign(statement, email=AMINA, show_name=True)
    sign(statement, email=BO)
    correct(statement)
    assert "Do you stand by version 2?" not in client.get(path(signature)).content.decode()
    reaffirming.ask(statement=statement)
    page = client.get(path(signature)).content.decode()
    assert ("Do you stand by version 2?" in page, NOTE in page, "<ins>" in page) == (True, True, True)
    assert versions() == {AMINA: 1, BO: 1}
    done = press(client, signature).content.decode()
    assert "Done. Your signature stands by version 2. Thank you." in done
    assert "Do you stand by version 2?" not in done
    assert versions() == {AMINA: 2, BO: 1}
    assert counting.recount(statement=statement) == counting.Recount(stored=(2, 1, 0), rows=(2, 1, 0))
    press(client, signature)
    assert counting.recount(statement=statement).agrees
    assert reaffirming.standing(statement) == reaffirming.Standing(version=2, people=1, all=2)


def test_nobody_stands_by_words_they_did_not_see(client, statement):
    signature = sign(statement, email=AMINA)
    correct(statement)
    reaffirming.ask(statement=statement)
    correct(statement, "And ten by now.")
    for number in (2, 4, 0):
        with pytest.raises(signing.NotThere):
            reaffirming.stand_by(signature_id=signature.pk, number=number)
        assert press(client, signature, number).status_code == 200
    assert versions() == {AMINA: 1}


@pytest.mark.parametrize("state", ["removed", "withdrawn", "anonymised"])
def test_what_does_not_count_does_not_stand(statement, state):
    signature = SignatureFactory(statement=statement, state=state)
    correct(statement)
    with pytest.raises(signing.NotThere):
        reaffirming.stand_by(signature_id=signature.pk, number=2)
    assert list(versions().values()) == [1]


def test_what_waits_for_a_look_stands_and_still_waits(statement):
    signature = SignatureFactory(statement=statement, state="held")
    counting.recount(statement=statement, repair=True)
    correct(statement)
    reaffirming.stand_by(signature_id=signature.pk, number=2)
    assert Signature.objects.values_list("state", "version__number").get() == ("held", 2)
    assert counting.recount(statement=statement).agrees


def test_everybody_reads_how_many_stand_by_it_once_they_were_asked(client, statement):
    signature, _other = sign(statement, email=AMINA), sign(statement, email=BO)
    correct(statement)
    history = "/statements/libraries/history/"
    assert "Stands by version 2" not in client.get(history).content.decode()
    reaffirming.ask(statement=statement)
    reaffirming.stand_by(signature_id=signature.pk, number=2)
    assert "Stands by version 2: 1 of 2." in client.get(history).content.decode()


def test_staff_ask_from_the_statements_place(carol, statement):
    sign(statement, email=AMINA)
    overview = reverse("admin:petitions_statement_overview", args=[statement.pk])
    step = reverse("admin:petitions_statement_ask_again", args=[statement.pk])
    assert step not in carol.get(overview).content.decode()
    correct(statement)
    assert step in carol.get(overview).content.decode()
    assert "One mail to everybody who signed an earlier version" in carol.get(step).content.decode()
    assert not Reaffirming.objects.exists()
    carol.post(step)
    assert Reaffirming.objects.get().started_by.username == "carol"
    assert step not in carol.get(overview).content.decode()


def test_one_version_is_asked_about_once(statement):
    version = correct(statement)
    Reaffirming.objects.create(statement=statement, version=version)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reaffirming.objects.create(statement=statement, version=version)


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_move_it_once(statement):
    signature = sign(statement, email=AMINA, show_name=True)
    correct(statement)

    def stand() -> None:
        reaffirming.stand_by(signature_id=signature.pk, number=2)

    meet(stand, stand)
    assert counting.recount(statement=statement) == counting.Recount(stored=(1, 1, 0), rows=(1, 1, 0))
