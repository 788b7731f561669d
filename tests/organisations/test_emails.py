"""What representatives are written: as things are when the mail goes, and nothing a stranger typed (SAFETY T4)."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from mail import kinds
from mail.models import OutgoingEmail
from mail.outbox import Skip
from mail.rendering import render
from organisations import deciding, endorsing
from organisations.models import Endorsement
from petitions.models import Statement
from petitions.statements import publishing
from tests.organisations.form import endorse

pytestmark = pytest.mark.django_db
CANARY = "Kanarienvogel"


def build(kind: str):
    """The newest mail of that kind, as its builder makes it now."""
    row = OutgoingEmail.objects.filter(kind=kind).latest("pk")
    return row, kinds.find(kind).build(row)


def parts(kind: str) -> tuple[str, str, str]:
    """Subject, text and HTML."""
    row, message = build(kind)
    email = render(row, message)
    return email.subject, email.body, email.alternatives[0][0]


def test_the_confirmation_holds_nothing_that_was_typed(statement):
    endorse(
        statement, organisation=CANARY, town=CANARY, contact_name=CANARY, contact_role=CANARY, message=CANARY,
        website="https://kanarienvogel.example",
    )  # fmt: skip
    subject, text, html = parts("endorsement_confirm")
    assert subject == "Confirm your organisation's support: Keep our libraries open"
    assert CANARY.lower() not in (subject + text + html).lower()
    assert text.count("/confirm/endorse-confirm.") == 1


def test_the_confirmation_fits_what_is_true_when_it_goes(statement):
    endorsement = endorse(statement)
    endorsing.confirm(endorsement_id=endorsement.pk)
    assert "A person is checking it." in parts("endorsement_confirm")[1]
    deciding.approve(endorsement=endorsement)
    assert "is already on the list of supporters" in parts("endorsement_confirm")[1]
    deciding.decline(endorsement=endorsement, reason="No.")
    assert build("endorsement_confirm")[1] == Skip("declined")


def test_an_expired_or_closed_one_is_not_asked(statement):
    endorse(statement)
    Endorsement.objects.update(created_at=timezone.now() - timedelta(days=20))
    assert build("endorsement_confirm")[1] == Skip("expired")
    Endorsement.objects.all().delete()
    assert build("endorsement_confirm")[1] == Skip("gone")


def test_strangers_can_cause_two_kinds_of_mail_and_both_are_capped():
    mine = {name: kinds.find(name).capped for name in kinds.capped_kinds() if name.startswith("endorsement_")}
    assert mine == {"endorsement_confirm": True, "endorsement_meeting": True}


def test_listed_says_what_to_do_now_with_the_organisations_own_code(statement):
    endorsement = endorse(statement)
    endorsing.confirm(endorsement_id=endorsement.pk)
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
        "/manage/endorse-manage.",
    ):
        assert wanted in text
    assert "&lt;a href=" in html


def test_declined_gives_the_reason_and_the_way_to_mend_it(statement):
    endorsement = endorse(statement)
    endorsing.confirm(endorsement_id=endorsement.pk)
    deciding.decline(endorsement=endorsement, reason="Your branch <b>has not</b> voted.")
    _, text, html = parts("endorsement_declined")
    assert "Your branch <b>has not</b> voted." in text
    assert "Your branch &lt;b&gt;has not&lt;/b&gt; voted." in html
    assert "http://testserver/statements/libraries/endorse/form/" in text


def test_a_question_goes_out_while_it_waits_and_answers_come_to_the_campaign(statement):
    Statement.objects.filter(pk=statement.pk).update(contact_email="libraries@example.org")
    endorsement = endorse(statement)
    endorsing.confirm(endorsement_id=endorsement.pk)
    deciding.ask(endorsement=endorsement, question="Which branch number?")
    row, message = build("endorsement_question")
    assert "Which branch number?" in render(row, message).body
    assert message.reply_to == "libraries@example.org"
    endorsing.withdraw(endorsement_id=endorsement.pk)
    assert build("endorsement_question")[1] == Skip("withdrawn")


def test_of_two_questions_within_a_minute_the_last_one_goes_out(statement):
    endorsement = endorse(statement)
    endorsing.confirm(endorsement_id=endorsement.pk)
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
    OutgoingEmail.objects.create(
        kind=kind, recipient="a@example.org", recipient_key="a@example.org", context={"endorsement": 0}
    )
    assert build(kind)[1] == Skip("gone")


def test_code_to_paste_is_escaped_once_in_the_code_and_once_more_where_it_is_shown(statement):
    publishing.correct(statement=statement, title='Fish & "chips" </textarea>', note="What it is about.")
    endorsement = endorse(statement)
    endorsing.confirm(endorsement_id=endorsement.pk)
    deciding.approve(endorsement=endorsement)
    _, text, html = parts("endorsement_listed")
    assert 'We support “Fish &amp; "chips" &lt;/textarea&gt;”.' in text
    assert "Fish &amp;amp; &quot;chips&quot; &amp;lt;/textarea&amp;gt;" in html
