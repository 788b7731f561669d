"""Undoing what was decided about signatures: exactly as they stood, counted again, and never over somebody else."""

import re

import pytest
from django.test import Client

from mail.models import OutgoingEmail
from petitions.models import Rule, Signature
from petitions.signatures import rules, signing, undo
from petitions.statements import counting
from submissions import erasing
from submissions.holdings import Mailbox
from submissions.models import Decision
from tests.asking import agree, ask, people, sign
from tests.factories import SignatureFactory, StatementFactory
from tests.staff import log, staff

pytestmark = pytest.mark.django_db
QUEUE = "/admin/petitions/signature/"
STANDS = [
    {"state": "confirmed"},
    {"state": "held", "held_reason": "Many from one network"},
    {"state": "removed", "removed_reason": "By rule"},
]


def signed(**stands) -> Signature:
    statement = StatementFactory()
    rule = Rule.objects.create(statement=statement, domain="x.example", reason="x")
    row = SignatureFactory(statement=statement, **{"state": "confirmed", **stands})
    Decision.objects.filter(makes="remove").update(source="rule", source_id=rule.pk)
    counting.recount(statement=statement, repair=True)
    return row


def everything_of(row: Signature) -> dict:
    """The row, and what is live against it; when it was removed is when that was decided last."""
    bars = Decision.objects.filter(lifted_at=None, makes__in=["hold", "remove"]).order_by("pk")
    live = list(bars.values("makes", "scope", "subject", "position", "reason", "source", "source_id"))
    return Signature.objects.values().get(pk=row.pk) | {"live": live, "removed_at": None}


def undo_button(html: str) -> str:
    return re.search(r'<form method="post" action="([^"]+)" class="undo">', html)[1].replace("&amp;", "&")


def decide(client: Client, action: str, *rows: Signature, query: str = "", **typed: str) -> str:
    chosen = {"action": action, "_selected_action": [row.pk for row in rows], **typed}
    return client.post(QUEUE + query, chosen, follow=True).content.decode()


@pytest.mark.parametrize("stands", STANDS)
@pytest.mark.parametrize("action", ["hold", "release", "remove", "restore"])
def test_undo_brings_back_what_was_there(carol, stands, action):
    row = signed(**stands)
    before = everything_of(row)
    html = decide(carol, action, row, query="?channel__exact=web", confirmed="1", reason="Mine")
    if everything_of(row) == before:
        assert "left as they were" in html
        return
    response = carol.post(undo_button(html))
    assert response["Location"] == f"{QUEUE}?channel__exact=web"
    assert (everything_of(row), log()[-1]) == (before, "Undid the last decision.")
    assert counting.recount(statement=row.statement).agrees


def test_a_whole_selection_is_undone_and_only_once(carol):
    rows = [signed(), signed(), signed(state="held", held_reason="Odd")]
    html = decide(carol, "remove", *rows, confirmed="1", reason="Fake")
    assert ("3 removed." in html, html.count('data-key="z"')) == (True, 1)
    assert "3 decisions undone." in carol.post(undo_button(html), follow=True).content.decode()
    assert list(Signature.objects.order_by("pk").values_list("state", flat=True)) == ["confirmed", "confirmed", "held"]
    assert "There is nothing to undo." in carol.post(f"{QUEUE}undo/", follow=True).content.decode()
    assert 'class="undo"' not in carol.get(QUEUE).content.decode()


def test_the_button_stays_on_the_queue_until_something_else_is_decided(carol):
    row = signed()
    decide(carol, "remove", row, confirmed="1", reason="Fake")
    carol.get("/admin/")
    html = carol.get(f"{QUEUE}?state__exact=removed").content.decode()
    assert "can still be undone" in html
    assert carol.post(undo_button(html))["Location"] == f"{QUEUE}?state__exact=removed"


def test_what_somebody_decided_since_stays(carol):
    row = signed()
    decide(carol, "hold", row, confirmed="1", reason="Odd")
    mo = staff("mo", "change_signature")
    decide(mo, "remove", row, confirmed="1", reason="Fake")
    assert "somebody has decided since" in carol.post(f"{QUEUE}undo/", follow=True).content.decode()
    assert everything_of(row)["removed_reason"] == "Fake"
    carol.post(f"{QUEUE}undo/")
    mo.post(f"{QUEUE}undo/")
    assert everything_of(row)["held_reason"] == "Odd"


def test_undoing_a_release_stops_its_mail(carol):
    row = signed(state="held", held_reason="Odd")
    decide(carol, "release", row, confirmed="1")
    mail = OutgoingEmail.objects.get(kind="signature_released")
    assert mail.due_at - mail.created_at > signing.TIME_TO_UNDO * 0.9
    carol.post(f"{QUEUE}undo/")
    assert not OutgoingEmail.objects.exists()


def test_one_key_decides_without_a_question_but_many_and_reasonless_ones_are_asked_about(carol):
    rows = [signed() for _ in range(12)]
    assert "1 removed." in decide(carol, "remove", rows[0], quick="Duplicate")
    assert everything_of(rows[0])["removed_reason"] == "Duplicate"
    assert "1 chosen." in decide(carol, "remove", rows[1], quick=" ")
    html = decide(carol, "remove", *rows[1:], quick="Fake")
    assert ('value="Fake"' in html, "Your password" in html) == (True, True)
    assert Signature.objects.filter(state="removed").count() == 1


def test_nobody_undoes_without_the_right_to_decide(carol, viewer):
    row = signed()
    assert viewer.post(f"{QUEUE}undo/").status_code == 403
    assert carol.get(f"{QUEUE}undo/").status_code == 405
    decide(carol, "hold", row, confirmed="1", reason="Odd")
    assert carol.post(f"{QUEUE}undo/?back=//evil.example")["Location"].startswith(QUEUE)


def test_the_verb_refuses_what_it_did_not_leave():
    row = signed()
    was = undo.snapshot(row)
    with pytest.raises(undo.DecidedSince):
        undo.undo_last(signature=row, was=was, left={**was, "state": "held"})


def test_undoing_a_restoring_revives_no_rule_that_was_undone_since():
    statement = StatementFactory()
    signature = sign(statement, "a@mill.example")
    rule = rules.start(rule=Rule(statement=statement, domain="mill.example", reason="Invented"))
    while rules.run_batch():
        pass
    signature.refresh_from_db()
    was = undo.snapshot(signature)
    signing.restore(signature_id=signature.pk)
    left = undo.snapshot(signature)
    rules.undo(rule=rule)
    while rules.run_batch():
        pass
    with pytest.raises(undo.DecidedSince):
        undo.undo_last(signature=signature, was=was, left=left)
    signature.refresh_from_db()
    assert (signature.state, people(statement)) == ("confirmed", (1, 0, 0))
    assert not Decision.objects.filter(makes="remove", lifted_at=None).exists()


def test_who_was_held_erases_all_and_signs_again_is_held_still():
    """Erasing empties the reason of the decision too, and what is held has a reason."""
    statement = StatementFactory()
    first = sign(statement)
    signing.hold(signature_id=first.pk, reason="Amina's brother says so")
    erasing.erase(Mailbox(bytes(first.mailbox_key), bytes(first.address_key)))
    again = statement.signatures.get(pk=agree(ask(statement)).result_id)
    assert (again.state, again.held_reason, people(statement)) == ("held", "Forgotten", (0, 0, 0))
    signing.withdraw(signature_id=again.pk)
    signing.put_back(signature_id=again.pk)
    again.refresh_from_db()
    assert (again.state, again.held_reason, people(statement)) == ("held", "Forgotten", (0, 0, 0))
    assert signing.release(signature_id=again.pk).state == "confirmed"
