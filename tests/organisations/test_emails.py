"""What representatives are written: as things are when the mail goes, and nothing a stranger typed (SAFETY T4)."""

import re
from datetime import date

import pytest
from django.utils import timezone

from mail import kinds
from mail.models import OutgoingEmail
from mail.outbox import Skip
from mail.rendering import render
from organisations import deciding, endorsing
from organisations.models import Endorsement, EndorsementSubmission
from petitions.models import Statement
from petitions.statements import publishing
from submissions import limits
from tests.asking import codes_in, confirm_url, later, link_in, mails_to
from tests.mailserver import deliver, html_of, subject_of, text_of
from tests.organisations.form import ask, endorse

pytestmark = pytest.mark.django_db
CANARY = "Kanarienvogel"
BRANCH = "branch@lantern.example.org"


def build(kind: str):
    """The newest mail of that kind, as its builder makes it now."""
    row = OutgoingEmail.objects.filter(kind=kind).latest("pk")
    return row, kinds.build(row, {})


def parts(kind: str) -> tuple[str, str, str]:
    """Subject, text and HTML."""
    row, message = build(kind)
    email = render(row, message)
    return email.subject, email.body, email.alternatives[0][0]


def test_the_confirmation_holds_nothing_that_was_typed(statement, server):
    ask(
        statement, organisation=CANARY, town=CANARY, contact_name=CANARY, contact_role=CANARY, message=CANARY,
        website="https://kanarienvogel.example",
    )  # fmt: skip
    reference = EndorsementSubmission.objects.get().reference
    (message,) = mails_to(server, BRANCH)
    subject, text, html = subject_of(message), text_of(message), html_of(message)
    assert subject == f"Confirm your organisation's support: Keep our libraries open ({reference})"
    assert CANARY.lower() not in (subject + text + html).lower()
    assert text.count("/confirm/agree-confirm.") == 1
    assert re.search(rf"^Endorsement · Keep our libraries open · \d\d:\d\d · {reference}\r?$", text, re.MULTILINE)


def test_a_representative_of_eight_gets_all_eight_from_one_mailbox_and_can_tell_them_apart(client, statement, server):
    names = [f"Lantern Union, branch {number}" for number in range(1, 9)]
    for name in names[:3]:
        ask(statement, organisation=name)
    first = mails_to(server, BRANCH)
    assert [len(codes_in(message)) for message in first] == [3]
    for name in names[3:]:
        ask(statement, organisation=name)
    later(seconds=11)
    first, second = mails_to(server, BRANCH)
    assert len(codes_in(second)) == 8
    link = link_in(second)
    for left, name in zip(range(8, 0, -1), names, strict=True):
        page = client.get(link)
        waiting = [block for block in page.context["blocks"] if block.is_waiting]
        assert [block.details.rows[0].value for block in waiting] == names[-left:]
        marked = ["Organisation or branch"] if left > 1 else []
        assert [sorted(block.differs) for block in waiting] == [marked] * left
        assert page.content.decode().count(name) >= 2, "in the list of what was typed and in the preview"
        done = client.post(link, {"agree": waiting[0].value})
        assert ("/thanks/" in done["Location"]) is (left == 1)
    assert list(Endorsement.objects.order_by("pk").values_list("name", "state")) == [
        (name, "waiting") for name in names
    ]  # fmt: skip
    old = client.get(link_in(first))
    assert [block.status.state for block in old.context["blocks"]] == ["agreed"] * 3


def test_two_names_that_wait_differ_in_what_is_marked(client, statement):
    asked = [ask(statement, organisation=name) for name in ("Lantern", "Threshold")]
    blocks = client.get(confirm_url(*asked)).context["blocks"]
    assert [sorted(block.differs) for block in blocks] == [["Organisation or branch"]] * 2


def test_the_receipt_says_whether_it_is_new_or_a_change(statement):
    endorsement = endorse(statement)
    assert "A person will check this support" in parts("endorsement_received")[1]
    deciding.approve(endorsement=endorsement)
    endorse(statement, message="New words")
    assert "Until then the list shows what was approved" in parts("endorsement_received")[1]
    endorsing.withdraw(endorsement_id=endorsement.pk)
    assert build("endorsement_received")[1] == Skip("withdrawn")


def test_strangers_can_cause_three_kinds_of_mail_and_all_are_judged():
    judged = {name: kinds.find(f"endorsement_{name}").judge for name in ("confirm", "reminder", "meeting", "received")}
    assert judged == {"confirm": limits.judge, "reminder": limits.judge, "meeting": limits.spare, "received": None}


def test_who_asked_twice_for_one_morning_gets_one_reminder(statement, server):
    for address in ("sec@example.org", "Sec@example.org", "other@example.org"):
        endorsing.remind(statement=statement, email=address, meets_on=date(2026, 1, 14))
    OutgoingEmail.objects.update(due_at=timezone.now())
    deliver()
    assert sorted(server.recipients()) == ["other@example.org", "sec@example.org"]


def test_listed_says_what_to_do_now_with_the_organisations_own_code(statement):
    endorsement = endorse(statement)
    deciding.approve(endorsement=endorsement)
    subject, text, html = parts("endorsement_listed")
    assert subject == "Lantern Union, Eastside branch is now listed"
    via = f"?via={endorsement.organisation.via}"
    base = "http://testserver/statements/libraries"
    for wanted in (
        f"{base}/{via}",
        f"{base}/organisations/lantern-union-eastside-branch.png",
        f"{base}/organisations/lantern-union-eastside-branch.pdf",
        f'<a href="{base}/{via}">We support “Keep our libraries open”. Sign the statement too.</a>',
        "/manage/endorsed-manage.",
    ):
        assert wanted in text
    assert "&lt;a href=" in html


def test_declined_gives_the_reason_and_the_way_to_mend_it(statement):
    endorsement = endorse(statement)
    deciding.decline(endorsement=endorsement, reason="Your branch <b>has not</b> voted.")
    _, text, html = parts("endorsement_declined")
    assert "Your branch <b>has not</b> voted." in text
    assert "Your branch &lt;b&gt;has not&lt;/b&gt; voted." in html
    assert "http://testserver/statements/libraries/endorse/form/" in text


def test_a_question_goes_out_while_it_waits_and_answers_come_to_the_campaign(statement):
    Statement.objects.filter(pk=statement.pk).update(contact_email="libraries@example.org")
    endorsement = endorse(statement)
    deciding.ask(endorsement=endorsement, question="Which branch number?")
    row, message = build("endorsement_question")
    assert "Which branch number?" in render(row, message).body
    assert message.reply_to == "libraries@example.org"
    endorsing.withdraw(endorsement_id=endorsement.pk)
    assert build("endorsement_question")[1] == Skip("withdrawn")


def test_of_two_questions_within_a_minute_the_last_one_goes_out(statement):
    endorsement = endorse(statement)
    for question in ("Which branch number?", "Which town?"):
        deciding.ask(endorsement=endorsement, question=question)
    first, last = (
        kinds.find(row.kind).build(row)
        for row in OutgoingEmail.objects.filter(kind="endorsement_question").order_by("pk")
    )
    assert (first, last.context["question"]) == (Skip("asked otherwise"), "Which town?")


def test_the_reminder_knows_the_date_and_is_not_sent_after_closing(statement):
    endorsing.remind(statement=statement, email="sec@example.org", meets_on=date(2027, 1, 14))
    _, text, _ = parts("endorsement_meeting")
    assert "14 January 2027" in text
    assert "/statements/libraries/endorse/form/?k=" in text
    assert "sec@example.org" not in text
    Statement.objects.filter(pk=statement.pk).update(closed_at=timezone.now())
    assert build("endorsement_meeting")[1] == Skip("closed")


@pytest.mark.parametrize("kind", ["endorsement_received", "endorsement_listed", "endorsement_declined"])
def test_a_notice_about_what_is_gone_is_not_sent(statement, kind):
    OutgoingEmail.objects.create(kind=kind, recipient="a@example.org", context={"endorsement": 0})
    assert build(kind)[1] == Skip("gone")


def test_code_to_paste_is_escaped_once_in_the_code_and_once_more_where_it_is_shown(statement):
    publishing.correct(statement=statement, title='Fish & "chips" </textarea>', note="What it is about.")
    endorsement = endorse(statement)
    deciding.approve(endorsement=endorsement)
    _, text, html = parts("endorsement_listed")
    assert 'We support “Fish &amp; "chips" &lt;/textarea&gt;”.' in text
    assert "Fish &amp;amp; &quot;chips&quot; &amp;lt;/textarea&amp;gt;" in html
