"""The whole flow, from the form to the row that counts."""

import pytest

from core.addresses import mailbox_key
from mail.models import OutgoingEmail
from petitions.models import SignatureSubmission, Tally
from petitions.signatures import signing
from petitions.statements import counting
from submissions import agreeing, codes, status
from submissions.models import Decision
from tests.asking import agree, ask, codes_in, confirm_url, link_in, mails_to, sign, value_of
from tests.mailserver import deliver

pytestmark = pytest.mark.django_db(transaction=True)


def people(statement):
    recount = counting.recount(statement=statement)
    assert recount.agrees
    return recount.rows[0]


def test_from_the_form_to_a_signature(client, statement, server):
    page = client.post(f"/statements/{statement.slug}/sign/", {"name": "Amina Yusuf", "email": "amina@example.org"})
    assert (page.status_code, statement.signatures.count()) == (303, 0)
    waiting = client.get(page["Location"])
    (message,) = mails_to(server, "amina@example.org")
    link = link_in(message)
    shown = client.get(link)
    assert (shown.status_code, statement.signatures.count()) == (200, 0)
    assert "Amina Yusuf" in shown.content.decode()
    done = client.post(link)
    assert (done.status_code, people(statement)) == (303, 1)
    assert client.get(done["Location"]).status_code == 200
    assert waiting.status_code == 200
    again = client.post(link)
    assert (again.status_code, people(statement)) == (200, 1)
    submission = SignatureSubmission.objects.get()
    assert (submission.name, submission.email, submission.result_id) == ("", "", statement.signatures.get().pk)
    deliver()
    assert [row.state for row in OutgoingEmail.objects.order_by("pk")] == ["sent", "sent"]


def test_by_code(client, statement, server):
    page = client.post(f"/statements/{statement.slug}/sign/", {"name": "Amina Yusuf", "email": "amina@example.org"})
    where = page["Location"]
    (message,) = mails_to(server, "amina@example.org")
    (code,) = codes_in(message)
    wrong = client.post(where, {"action": "code", "code": "000000" if code != "000 000" else "111111"})
    assert (wrong.status_code, people(statement)) == (422, 0)
    right = client.post(where, {"action": "code", "code": code})
    assert (right.status_code, people(statement)) == (303, 1)
    assert "/thanks/" in right["Location"]


def test_signing_again_changes_nothing_before_it_is_agreed(statement):
    first = sign(statement, show_name=True)
    second = ask(statement, name="Mallory", show_name=False)
    first.refresh_from_db()
    assert (first.name, first.state, people(statement)) == ("Amina Yusuf", "confirmed", 1)
    assert agree(second).result_id == first.pk
    first.refresh_from_db()
    assert (first.name, first.show_name, people(statement)) == ("Mallory", False, 1)


def test_a_second_person_shares_a_mailbox_and_never_a_third(client, statement):
    sign(statement)
    second = ask(statement, name="Bo Yusuf")
    url = confirm_url(second)
    assert "second person" in client.get(url).content.decode()
    client.post(url, {"agree": value_of(second, "second")})
    assert sorted(statement.signatures.values_list("name", "mailbox_position")) == [("Amina Yusuf", 1), ("Bo Yusuf", 2)]
    third = ask(statement, name="Cy Yusuf")
    assert "second person" not in client.get(confirm_url(third)).content.decode()
    assert people(statement) == 2


def test_another_spelling_counts_once(statement):
    sign(statement)
    other = ask(statement, "amina+news@example.org", name="Eve")
    with pytest.raises(agreeing.NotAgreed):
        agree(other)
    assert (people(statement), statement.signatures.get().name) == (1, "Amina Yusuf")


def test_a_hold_outlives_withdrawing_and_signing_again(statement):
    signature = sign(statement)
    signing.hold(signature_id=signature.pk, reason="Looks odd")
    assert people(statement) == 0
    signing.withdraw(signature_id=signature.pk)
    assert agree(ask(statement)).state == "held"
    assert people(statement) == 0
    signing.release(signature_id=signature.pk)
    assert people(statement) == 1


def test_a_trap_holds_only_when_it_is_agreed(statement):
    sign(statement)
    odd = ask(statement, signals="honeypot")
    assert (people(statement), Decision.objects.count()) == (1, 0)
    assert agree(odd).state == "held"
    assert people(statement) == 0
    assert Decision.objects.get().reason == "honeypot"
    assert agree(ask(statement)).state == "held"


def test_ten_thousand_codes(statement):
    submission = ask(statement)
    (found,) = status.of([(1, submission.pk)])
    kind = found.kind
    right = codes.code_of(1, found.digest)
    wrong = "000000" if right != "000000" else "111111"
    tried = [codes.attempt(kind, found, wrong, ip_key="").value for _ in range(30)]
    assert tried == ["wrong"] * 20 + ["too many"] * 10


def test_tally_slots(statement):
    sign(statement)
    assert sum(Tally.objects.values_list("confirmed", flat=True)) == 1
    assert mailbox_key("A.b@gmail.com") == mailbox_key("ab+x@googlemail.com")
