"""Versions of the privacy notice with their days, and one mail to those who were told another one."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.db.models import F
from django.test import Client

from mail import outbox
from mail.models import OutgoingEmail
from petitions.models import NoticeMailing, Signature
from petitions.signatures import consent, notices
from publishers import founding, grounding
from submissions.models import ConsentText
from tests.factories import SignatureFactory, StatementFactory
from tests.staff import log, staff, superuser

pytestmark = pytest.mark.django_db
WORDS = "A newsletter service is named now."


@pytest.fixture
def publisher():
    return founding.found().publisher


@pytest.fixture
def before(publisher) -> int:
    """The row of consent with the notice as it was, ten days ago."""
    pk = consent.current()
    ConsentText.objects.filter(pk=pk).update(first_shown_at=F("first_shown_at") - timedelta(days=10))
    return pk


def change(publisher) -> None:
    grounding.choose(publisher=publisher, basis="members", why="Decided")


def test_each_notice_that_somebody_agreed_under_stands_there_with_its_days(publisher, before):
    change(publisher)
    after = consent.current()
    old, new = (ConsentText.objects.get(pk=pk) for pk in (before, after))
    newest, oldest = notices.versions()
    assert (newest.text, newest.since, newest.until) == (new.notice, new.first_shown_at, None)
    assert (oldest.text, oldest.since, oldest.until) == (old.notice, old.first_shown_at, new.first_shown_at)
    page = Client().get("/privacy/versions/")
    assert page.context["versions"] == [newest, oldest]
    shown = page.content.decode()
    assert shown.index("Article 9(2)(d)") < shown.index("Article 9(2)(a)).") < len(shown)
    assert '<a href="/privacy/versions/">' in Client().get("/privacy/").content.decode()


def test_another_sentence_under_the_same_notice_is_no_other_version(publisher, before):
    consent.kept("By posting, you agree.")
    ConsentText.objects.create(text="Said elsewhere", notice="", sha256="0" * 64)
    ConsentText.objects.create(text="Gymraeg", notice="Hysbysiad", language="cy", sha256="1" * 64)
    assert [one.text for one in notices.versions()] == [ConsentText.objects.get(pk=before).notice]


def test_the_page_of_nobody_says_so(client):
    assert "Nobody has signed yet" in client.get("/privacy/versions/").content.decode()


@pytest.fixture
def signers(publisher, before):
    """Amina twice under the old notice; Bo, who is told the new one; and people who can't or must not be written to."""
    statement = StatementFactory()
    told = {"statement": statement, "consent_id": before}
    amina = SignatureFactory(email="amina@example.org", **told)
    SignatureFactory(email="Amina@example.org", consent_id=before)
    SignatureFactory(email="held@example.org", state="held", **told)
    SignatureFactory(email="removed@example.org", state="removed", **told)
    SignatureFactory(email="listed@example.org", channel="import", import_id=7, submission_id=None, **told)
    SignatureFactory(email="none@example.org", statement=statement, consent_id=None)
    change(publisher)
    SignatureFactory(email="bo@example.org", statement=statement, consent_id=consent.current())
    return amina


def queued() -> list[str]:
    return sorted(OutgoingEmail.objects.filter(kind=notices.MAIL).values_list("recipient", flat=True))


def test_those_who_were_told_another_are_told_once_each(signers, monkeypatch):
    monkeypatch.setattr(notices, "BATCH", 1)
    assert notices.affected() == 2
    mailing = notices.tell(words=WORDS)
    assert [notices.queue_batch() for _ in range(4)] == [1, 1, 0, 0]
    assert queued() == ["amina@example.org", "held@example.org"]
    mailing.refresh_from_db()
    assert (mailing.queued, mailing.finished_at is None) == (2, False)
    with pytest.raises(notices.AlreadyTold):
        notices.tell(words=WORDS)
    assert NoticeMailing.objects.count() == 1


def test_a_newer_notice_has_a_mail_of_its_own(signers, publisher):
    notices.tell(words=WORDS)
    grounding.choose(publisher=publisher, basis="consent", children="Under 13? Ask.", why="Decided")
    assert notices.mailing() is None
    assert notices.affected() == 3
    notices.tell(words=WORDS)
    assert NoticeMailing.objects.count() == 2


def test_with_nobody_to_tell_nothing_starts(publisher, before):
    SignatureFactory(consent_id=before)
    with pytest.raises(notices.NobodyToTell):
        notices.tell(words=WORDS)
    assert NoticeMailing.objects.count() == 0


def test_the_mail_says_what_changed_and_leads_to_the_notices_and_the_own_page(signers, settings):
    notices.tell(words=WORDS)
    outbox.suppress("held@example.org")
    notices.queue_batch()
    call_command("worker", once=True, stdout=StringIO())
    (message,) = [one for one in mail.outbox if one.subject == "Our privacy notice has changed"]
    assert message.to == ["amina@example.org"]
    html = message.alternatives[0][0]
    for text in (message.body, html):
        assert WORDS in text
        assert f"{settings.ORIGIN}/privacy/versions/" in text
        assert f"{settings.ORIGIN}/manage/" in text


def test_who_left_meanwhile_gets_none(signers):
    notices.tell(words=WORDS)
    while notices.queue_batch():
        pass
    Signature.objects.filter(pk=signers.pk).update(state="withdrawn", withdrawn_at=F("agreed_at"))
    call_command("worker", once=True, stdout=StringIO())
    assert [one.to for one in mail.outbox if one.subject == "Our privacy notice has changed"] == [["held@example.org"]]


def test_the_desk_asks_first_and_the_record_says_it(signers):
    ada = superuser("ada")
    page = ada.get("/admin/privacy-notice/")
    assert (page.status_code, page.context["affected"]) == (200, 2)
    assert ada.post("/admin/privacy-notice/", {"words": WORDS}).status_code == 422
    assert NoticeMailing.objects.count() == 0
    assert ada.post("/admin/privacy-notice/", {"words": WORDS, "sure": "on"}).status_code == 302
    assert log()[-1] == f"Mailed people about the new privacy notice: {WORDS}"
    sent = ada.get("/admin/privacy-notice/")
    assert (sent.context["sent"].words, "Send it" in sent.content.decode()) == (WORDS, False)
    assert ada.post("/admin/privacy-notice/", {"words": "Again", "sure": "on"}).status_code == 200
    assert NoticeMailing.objects.get().words == WORDS


def test_only_who_may(signers):
    carl = staff("carl")
    assert [ask("/admin/privacy-notice/").status_code for ask in (carl.get, carl.post)] == [403, 403]
