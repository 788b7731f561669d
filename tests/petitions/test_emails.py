"""The mails that ask signers to confirm, as a real mail server received them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import tokens
from mail.models import OutgoingEmail
from petitions.models import Signature, Statement
from petitions.signatures import signing
from tests.factories import StatementFactory
from tests.mailserver import deliver, html_of, running, subject_of, text_of
from tests.petitions.mails import (
    AMINA,
    LINK,
    PAGE,
    TITLE,
    confirm_link,
    last,
    later,
    links_of,
    manage_link,
    sign,
    the_mail,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings):
    settings.ORIGIN = "https://petitions.example.org"
    with running(settings) as server:
        yield server


@pytest.fixture
def statement():
    return StatementFactory(title=TITLE, slug="libraries")


def test_the_confirmation_mail(server, statement):
    signature = sign(statement)
    message = the_mail(server)
    code = tokens.code(signing.CONFIRM, signature.pk)
    day = timezone.localdate(signature.created_at + timedelta(days=14))
    assert subject_of(message) == f"Confirm your signature: {TITLE}"
    assert text_of(message).replace("\r\n", "\n") == (
        f"""Hello,

Press this link to sign "{TITLE}":
{confirm_link(signature)}

Or type this code on the page where you signed: {code[:3]} {code[3:]}

The link works until {day:%-d %B %Y}. If you didn't ask to sign, do
nothing: we delete this after that date.

Eastside Campaign
{PAGE} · Questions? Just reply.
"""
    )
    assert links_of(message) == ({confirm_link(signature), PAGE}, {confirm_link(signature), PAGE})
    html = html_of(message)
    assert "Keep “our” libraries &amp; &lt;b&gt;museums&lt;/b&gt; open" in html
    assert f"{code[:3]} {code[3:]}" in html
    assert "One press and your name counts." in html


def test_its_link_and_its_code_confirm(server, client, statement):
    signature = sign(statement)
    text = text_of(the_mail(server))
    typed = re.search(r"\d{3} \d{3}", text).group()
    assert tokens.is_code(signing.CONFIRM, signature.pk, typed)
    path = LINK.search(text).group().removeprefix("https://petitions.example.org")
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 303
    signature.refresh_from_db()
    assert signature.state == "confirmed"


NAUGHTY = ["http://spam.example/", "<script>alert(1)</script>", "=1+1", "\u202egnp", "'); DROP TABLE", "{{ 7|add:7 }}"]


@pytest.mark.parametrize("words", NAUGHTY)
def test_no_word_of_the_submitter_is_in_it(server, statement, words):
    typed = {"name": f"zqx {words}", "postcode": "ZQX 1", "affiliation": f"zqx {words}", "via": "zqx"}
    signature = sign(statement, **typed)
    spoken = the_mail(server)
    plain = sign(StatementFactory(title=TITLE, slug="museums"), email="bo@example.org")
    clean = the_mail(server, "bo@example.org")
    assert "zqx" not in everything_in(spoken, signature).lower()
    assert everything_in(spoken, signature) == everything_in(clean, plain)


def everything_in(message, signature):
    """A mail's headers and parts, less what must differ from one to the next."""
    whole = "\n".join([*map(str, message.items()), text_of(message), html_of(message)])
    code = tokens.code(signing.CONFIRM, signature.pk)
    for own in (confirm_link(signature), f"{code[:3]} {code[3:]}", signature.email, f"/{signature.statement.slug}/"):
        whole = whole.replace(own, "*")
    return re.sub(r"={10,}\d+==|<[0-9a-f-]{36}@|X-Outbox-Id', '\d+|Date', '[^']+", "*", whole)


@pytest.mark.parametrize("field", ["closes_at", "closed_at"])
def test_the_link_is_promised_no_longer_than_it_works(server, statement, field):
    ends = timezone.now() + (timedelta(days=3) if field == "closes_at" else timedelta(hours=-2))
    sign(statement)
    Statement.objects.update(**{field: ends})
    day = timezone.localdate(ends + timedelta(hours=24))
    assert f"The link works until {day:%-d %B %Y}." in text_of(the_mail(server))


def test_a_held_signer_is_told_at_once(server, statement):
    sign(statement, held_reason="Filled in a field that people cannot see")
    message = the_mail(server)
    words = "We'll check this one by hand before it counts, and email you."
    assert (words in text_of(message), words in html_of(message)) == (True, True)


@pytest.mark.parametrize("hold", [False, True])
def test_who_has_signed_is_told_so_at_the_address_they_gave(server, statement, hold):
    signature = sign(statement, held_reason="Odd" if hold else "")
    signing.confirm(signature_id=signature.pk)
    OutgoingEmail.objects.all().delete()
    signing.sign(statement=statement, name="Eve", email="amina+eve@example.org")
    message = the_mail(server)
    assert subject_of(message) == f"You've already signed: {TITLE}"
    assert links_of(message) == ({manage_link(signature), PAGE}, {manage_link(signature), PAGE})
    assert ("We're checking this one by hand" in text_of(message)) == hold
    assert "Eve" not in text_of(message) + html_of(message)


@pytest.mark.parametrize("state", ["removed", "withdrawn", "anonymised"])
def test_nobody_else_is_written_to(server, statement, state):
    sign(statement)
    Signature.objects.update(state=state)
    assert (deliver(), last()) == (0, ("skipped", state))


def test_a_signature_that_is_gone_gets_no_mail(server, statement):
    sign(statement)
    Signature.objects.all().delete()
    assert (deliver(), last()) == (0, ("skipped", "gone"))


@pytest.mark.parametrize(
    ("change", "sent"),
    [
        ({"closed_at": -25}, 0),
        ({"closed_at": -23}, 1),
        ({"closes_at": -25}, 0),
        ({"closes_at": -23}, 1),
        ({"hidden_at": -1}, 0),
    ],
)
def test_too_late_is_too_late(server, statement, change, sent):
    sign(statement)
    times = {field: timezone.now() + timedelta(hours=hours) for field, hours in change.items()}
    Statement.objects.update(published_at=timezone.now() - timedelta(days=9), **times)
    assert deliver() == sent
    assert last() == (("sent", "") if sent else ("skipped", "too late"))


def test_a_link_that_has_expired_is_not_sent(server, statement):
    sign(statement)
    Signature.objects.update(created_at=timezone.now() - timedelta(days=14, minutes=1))
    assert (deliver(), last()) == (0, ("skipped", "too late"))


def test_signing_again_within_ten_minutes_sends_nothing_and_after_that_again(server, statement):
    for _ in range(3):
        sign(statement)
        deliver()
    assert server.recipients() == [AMINA]
    later(minutes=11)
    sign(statement)
    assert deliver() == 1


def test_whoever_disowned_it_is_never_written_to_again(server, statement):
    signing.disown(signature_id=sign(statement).pk)
    OutgoingEmail.objects.all().delete()
    sign(statement)
    assert (deliver(), last()) == (0, ("skipped", "asked for no mail"))


def test_a_mail_more_takes_one_query_more(server, statement, django_assert_num_queries):
    """To write down that it was sent; everything else is asked once for a batch."""
    sign(statement, ip_key="home")
    with CaptureQueriesContext(connection) as for_one:
        deliver()
    for number in range(11):
        sign(statement, email=f"signer-{number}@example.org", ip_key="home")
    with django_assert_num_queries(len(for_one) + 10):
        deliver()
