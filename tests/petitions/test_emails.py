"""The mail that asks a signer to confirm, as a real mail server received it."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import tokens
from mail import outbox
from mail.models import OutgoingEmail
from petitions.models import Signature, SignatureSubmission, Statement
from petitions.signatures import signing
from submissions import agreeing, codes
from submissions.confirm_views import CONFIRM
from tests.asking import agree, ask, codes_in, later, link_in
from tests.factories import StatementFactory
from tests.mailserver import deliver, html_of, running, subject_of, text_of
from tests.petitions.mails import AMINA, TITLE, due, last, links_of, the_mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings):
    settings.ORIGIN = "https://petitions.example.org"
    with running(settings) as server:
        yield server


@pytest.fixture
def statement():
    return StatementFactory(title=TITLE, slug="libraries")


def asks(statement, email=AMINA, **typed):
    """Asked for, and left to the worker."""
    return ask(statement, email, mailed=False, **typed)


def link_of(*asked):
    return tokens.link("confirm", tokens.make_token(CONFIRM, *(number for one in asked for number in (1, one.pk))))


def code_of(asked):
    return codes.spaced(codes.code_of(1, bytes(asked.digest)))


def test_the_confirmation_mail(server, statement):
    asked = asks(statement)
    message = the_mail(server)
    day = timezone.localdate(asked.created_at + timedelta(days=14))
    assert subject_of(message) == f"Confirm your signature: {TITLE} ({asked.reference})"
    assert text_of(message).replace("\r\n", "\n") == (
        f"""Hello,

Press this link to see what will be recorded, and confirm it:
{link_of(asked)}

Signature · {TITLE} · {timezone.localtime(asked.created_at):%H:%M} · {asked.reference}
Code for the page where you filled in the form: {code_of(asked)}

The link works until {day:%-d %B %Y}. If you didn't ask for this, do nothing: we delete it after that date.

Eastside Campaign
Questions? Just reply.
"""
    )
    assert links_of(message) == ({link_of(asked)}, {link_of(asked)})
    html = html_of(message)
    assert "Keep “our” libraries &amp; &lt;b&gt;museums&lt;/b&gt; open" in html
    assert (code_of(asked) in html, "One press shows all that will be recorded." in html) == (True, True)


def test_its_link_and_its_code_confirm(server, client, statement):
    asks(statement)
    message = the_mail(server)
    (asked,) = SignatureSubmission.objects.all()
    assert (codes_in(message), asked.mailed_at is None) == ([code_of(asked)], False)
    path = link_in(message).removeprefix("https://petitions.example.org")
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 303
    assert Signature.objects.get().state == "confirmed"


NAUGHTY = ["http://spam.example/", "<script>alert(1)</script>", "=1+1", "\u202egnp", "'); DROP TABLE", "{{ 7|add:7 }}"]


@pytest.mark.parametrize("words", NAUGHTY)
def test_no_word_of_the_submitter_is_in_it(server, statement, words):
    typed = {"name": f"zqx {words}", "postcode": "ZQX 1", "affiliation": f"zqx {words}", "via": "zqx"}
    spoken, plain = asks(statement, **typed), asks(StatementFactory(title=TITLE, slug="museums"), "bo@example.org")
    deliver()
    with_words, without = server.to(AMINA)[0], server.to("bo@example.org")[0]
    assert "zqx" not in everything_in(with_words, spoken).lower()
    assert everything_in(with_words, spoken) == everything_in(without, plain)


def everything_in(message, asked):
    """A mail's headers and parts, less what must differ from one to the next."""
    whole = "\n".join([*map(str, message.items()), text_of(message), html_of(message)])
    for own in (link_of(asked), code_of(asked), asked.email, asked.reference):
        whole = whole.replace(own, "*")
    return re.sub(r"={10,}\d+==|<[0-9a-f-]{36}@|X-Outbox-Id', '\d+|Date', '[^']+|\d\d:\d\d ·", "*", whole)


def test_two_who_typed_the_same_address_are_two_lines_of_one_mail_and_the_oldest_is_first(server, statement):
    first = asks(statement)
    due(minutes=1)
    second = asks(statement, name="Mallory", show_name=True)
    message = the_mail(server)
    assert codes_in(message) == [code_of(first), code_of(second)]
    assert links_of(message)[0] == {link_of(first, second)}
    assert subject_of(message) == "2 things wait for your confirmation"
    assert (deliver(), server.received) == (0, [])


@pytest.mark.parametrize(
    ("field", "hours", "promised"), [("closes_at", 72, 96), ("closes_at", 1000, 336), ("closed_at", -2, 24)]
)
def test_the_link_is_promised_no_longer_than_it_works(server, statement, field, hours, promised):
    """Fourteen days from the mail, or a day after the end; the day counts from the mail where that comes later."""
    asks(statement)
    now = timezone.now()
    Statement.objects.update(**{field: now + timedelta(hours=hours)})
    day = timezone.localdate(now + timedelta(hours=promised))
    assert f"The link works until {day:%-d %B %Y}." in text_of(the_mail(server))


def test_a_late_mail_promises_no_more_than_four_weeks_from_the_post(server, statement):
    asked = asks(statement)
    later(days=20)
    asked.refresh_from_db()
    day = timezone.localdate(asked.created_at + timedelta(days=28))
    assert f"The link works until {day:%-d %B %Y}." in text_of(the_mail(server))


# What is not sent


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (agree, "agreed"),
        (lambda asked: agreeing.disown(1, asked.pk), "ended"),
        (lambda asked: asked.delete(), "gone"),
        (lambda asked: later(days=28, minutes=1), "expired"),
        (lambda asked: outbox.suppress(AMINA), "asked for no mail"),
    ],
)
def test_what_needs_no_mail_gets_none(server, statement, answer, outcome):
    answer(asks(statement))
    OutgoingEmail.objects.exclude(kind="signature_confirm").delete()
    assert (deliver(), last()) == (0, ("skipped", outcome))


def test_who_had_to_wait_for_the_mail_until_after_the_end_can_still_agree(server, client, statement):
    asks(statement)
    later(days=3)
    Statement.objects.update(
        published_at=timezone.now() - timedelta(days=9), closed_at=timezone.now() - timedelta(days=2)
    )
    path = link_in(the_mail(server)).removeprefix("https://petitions.example.org")
    assert client.post(path).status_code == 303
    assert Signature.objects.get().state == "confirmed"


def test_what_waits_for_a_hidden_statement_goes_out_when_it_is_shown_again(server, statement):
    asks(statement)
    Statement.objects.update(hidden_at=timezone.now())
    assert (deliver(), OutgoingEmail.objects.get().state) == (0, "queued")
    Statement.objects.update(hidden_at=None)
    due(minutes=11)
    assert deliver() == 1


@pytest.mark.parametrize("makes", ["hold", "remove"])
def test_who_was_held_or_removed_is_asked_like_everybody(server, statement, makes):
    """Or the door would tell a stranger what was decided."""
    signature = Signature.objects.get(pk=agree(ask(statement)).result_id)
    getattr(signing, makes)(signature_id=signature.pk, reason="Odd")
    OutgoingEmail.objects.all().delete()
    asked = asks(statement)
    assert links_of(the_mail(server))[0] == {link_of(asked)}


def test_a_mail_more_takes_one_query_more(server, statement):
    """That it was sent, and what it lists was mailed, is written down at once; the rest is asked once for a batch."""
    asks(statement)
    with CaptureQueriesContext(connection) as for_one:
        deliver()
    for number in range(11):
        asks(statement, email=f"signer-{number}@example.org")
    with CaptureQueriesContext(connection) as for_eleven:
        deliver()
    assert len(for_eleven) - len(for_one) == 10
