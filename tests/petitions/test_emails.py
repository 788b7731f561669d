"""Every mail that signers get, as a real mail server received it."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import mail, verification
from core.models import OutgoingEmail
from petitions import holding, signing
from petitions.models import Signature, Statement
from tests.factories import SignatureFactory, StatementFactory
from tests.mailserver import deliver, html_of, running, subject_of, text_of

pytestmark = pytest.mark.django_db
AMINA = "amina@example.org"
TITLE = "Keep “our” libraries & <b>museums</b> open"
LINK = re.compile(r"https?://[^\s\"<>]+")


@pytest.fixture
def server(settings):
    settings.ORIGIN = "https://petitions.example.org"
    with running(settings) as server:
        yield server


@pytest.fixture
def statement():
    return StatementFactory(title=TITLE, slug="libraries")


def sign(statement, email=AMINA, **typed):
    signing.sign(statement=statement, **{"name": "Amina Yusuf", "email": email, **typed})
    return Signature.objects.get(statement=statement, email=email)


def the_mail(server, address=AMINA):
    """The one mail that came for an address since the last look, after a delivery."""
    deliver()
    (message,) = server.to(address)
    server.received.clear()
    return message


def links_of(message):
    """The addresses in the text, and those that the HTML links to."""
    hrefs = re.findall(r'href="([^"]+)"', html_of(message))
    return set(LINK.findall(text_of(message))), {href.replace("&amp;", "&") for href in hrefs}


def confirm_link(signature):
    return verification.link("confirm", verification.make_token(signing.CONFIRM, signature.pk))


def manage_link(signature):
    return verification.link("manage", verification.make_token(signing.MANAGE, signature.pk))


def last():
    """Where the newest row of the outbox stands."""
    row = OutgoingEmail.objects.order_by("-pk").first()
    return row.state, row.outcome


def later(**span):
    """Let time pass for the limits: what was sent was sent that long before."""
    OutgoingEmail.objects.filter(state="sent").update(finished_at=F("finished_at") - timedelta(**span))


PAGE = "https://petitions.example.org/statements/libraries/"


def test_the_confirmation_mail(server, statement):
    signature = sign(statement)
    message = the_mail(server)
    code = verification.code(signing.CONFIRM, signature.pk)
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
    assert verification.is_code(signing.CONFIRM, signature.pk, typed)
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
    code = verification.code(signing.CONFIRM, signature.pk)
    for own in (confirm_link(signature), f"{code[:3]} {code[3:]}", signature.email, f"/{signature.statement.slug}/"):
        whole = whole.replace(own, "*")
    return re.sub(r"={3,}\d+==|<[0-9a-f-]{36}@|X-Outbox-Id', '\d+|Date', '[^']+", "*", whole)


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


# Many from one network


def crowd(statement, size, ip_key="hall"):
    return [sign(statement, email=f"signer-{number}@example.org", ip_key=ip_key) for number in range(size)]


def test_a_hall_full_of_people_counts_and_the_sixty_first_is_held(server, statement):
    crowd(statement, 61)
    assert deliver() == 61
    held = Signature.objects.exclude(held_reason="")
    assert [(row.email, row.held_reason, row.state) for row in held] == [
        ("signer-60@example.org", holding.CROWD, "pending")
    ]
    assert [row.recipient for row in OutgoingEmail.objects.filter(context__held=True)] == ["signer-60@example.org"]
    (message,) = server.to("signer-60@example.org")
    assert "We'll check this one by hand" in text_of(message)
    assert "by hand" not in text_of(server.to("signer-59@example.org")[0])


def test_another_network_and_another_time_are_no_crowd(server, statement):
    crowd(statement, 60)
    sign(statement, email="elsewhere@example.org", ip_key="home")
    sign(statement, email="nowhere@example.org", ip_key="")
    Signature.objects.filter(ip_key="hall").update(created_at=timezone.now() - timedelta(minutes=11))
    sign(statement, email="late@example.org", ip_key="hall")
    deliver()
    assert Signature.objects.exclude(held_reason="").count() == 0


@pytest.mark.parametrize("others", [59, 60])
@pytest.mark.parametrize("who", ["new", "waiting", "confirmed", "removed", "capped", "silent"])
def test_the_waiting_page_depends_on_the_network_and_on_nothing_else(server, statement, who, others):
    """Or whoever fills the network up to the limit would learn from it who has signed."""
    if who in {"waiting", "confirmed", "removed", "capped"}:
        signature = sign(statement, ip_key="home")
        deliver()
    if who == "confirmed":
        signing.confirm(signature_id=signature.pk)
    elif who == "removed":
        signing.remove(signature_id=signature.pk, reason="A fake")
    elif who == "silent":
        mail.suppress(AMINA)
    if who != "capped":
        later(minutes=11)
    crowd(statement, others)
    receipt = signing.sign(statement=statement, name="Somebody", email=AMINA, ip_key="hall")
    deliver()
    row = OutgoingEmail.objects.get(pk=receipt.mail_id)
    assert row.context.get("held", False) == (others == 60)
    assert row.state == ("sent" if who in {"new", "waiting", "confirmed"} else "skipped")
    if who == "confirmed":
        assert Signature.objects.get(email=AMINA).held_reason == ""


def test_a_reason_that_stands_already_stays(server, statement):
    crowd(statement, 60)
    sign(statement, ip_key="hall", held_reason="Filled in a field that people cannot see")
    deliver()
    assert Signature.objects.get(email=AMINA).held_reason == "Filled in a field that people cannot see"


# After confirming


def confirmed(statement, **typed):
    signature = sign(statement, **typed)
    signing.confirm(signature_id=signature.pk)
    OutgoingEmail.objects.filter(kind="signature_confirm").delete()
    return signature


def test_the_receipt(server, statement):
    signature = confirmed(statement)
    message = the_mail(server)
    assert subject_of(message) == f"Thank you for signing: {TITLE}"
    text = text_of(message)
    assert text.startswith("Thank you.\r\n\r\nYou've signed \"")
    assert "You're number 1." in text
    assert "You're number 1." in html_of(message)
    assert links_of(message)[0] == {manage_link(signature), PAGE, f"{PAGE}?via=mail"}
    assert {"https://wa.me/"} == {link.partition("?")[0] for link in links_of(message)[1] if "wa.me" in link}
    assert "Amina Yusuf" not in text_of(message) + html_of(message)


def test_a_held_signature_says_so_and_then_that_it_counts(server, statement):
    signature = confirmed(statement, held_reason="Odd")
    OutgoingEmail.objects.all().delete()
    mail.queue(kind="signature_held", recipient=AMINA, context={"signature": signature.pk})
    message = the_mail(server)
    assert subject_of(message) == f"We'll check your signature: {TITLE}"
    assert text_of(message).startswith("Thank you. We'll check this one by hand and email you.")
    assert links_of(message)[0] == {manage_link(signature), PAGE}

    signing.release(signature_id=signature.pk)
    message = the_mail(server)
    assert subject_of(message) == f"Your signature now counts: {TITLE}"
    assert "It counts now: 1 person has signed." in text_of(message)


@pytest.mark.parametrize(
    ("kind", "state"),
    [("signature_receipt", "withdrawn"), ("signature_released", "removed"), ("signature_held", "confirmed")],
)
def test_what_is_no_longer_so_is_not_said(server, kind, state):
    signature = SignatureFactory(state=state)
    mail.queue(kind=kind, recipient=signature.email, context={"signature": signature.pk})
    assert (deliver(), last()) == (0, ("skipped", state))


def test_who_was_forgotten_meanwhile_is_not_written_to(server):
    signature = SignatureFactory(state="confirmed")
    mail.queue(kind="signature_receipt", recipient=signature.email, context={"signature": signature.pk})
    Signature.objects.update(email="", state="anonymised")
    assert (deliver(), last()) == (0, ("skipped", "gone"))


# All of them


@pytest.fixture
def every_mail(server, statement):
    """One of each kind, by the name of its template."""
    statement.contact_email = "libraries@example.org"
    statement.save()
    received = {}
    signature = sign(statement)
    received["signature_confirm"] = the_mail(server)
    later(minutes=11)
    context = {"signature": signature.pk, "statement": statement.pk}
    mail.queue(kind="signature_reminder", recipient=AMINA, context=context)
    received["signature_reminder"] = the_mail(server)
    signing.confirm(signature_id=signature.pk)
    received["signature_receipt"] = the_mail(server)
    later(minutes=11)
    sign(statement)
    received["signature_already"] = the_mail(server)
    signing.hold(signature_id=signature.pk, reason="Odd")
    mail.queue(kind="signature_held", recipient=AMINA, context=context)
    received["signature_held"] = the_mail(server)
    signing.release(signature_id=signature.pk)
    received["signature_released"] = the_mail(server)
    return received


def test_every_mail_keeps_to_the_rules(every_mail):
    assert len(every_mail) == 6
    for name, message in every_mail.items():
        text, html = text_of(message), html_of(message)
        assert message.size < 20_000, name
        assert TITLE in subject_of(message), name
        assert message["Reply-To"] == "libraries@example.org", name
        assert message["Auto-Submitted"] == "auto-generated", name
        assert [header for header in message if header.startswith("List-")] == [], name
        assert TITLE in text, name
        assert (html.count("<b>museums"), html.count("&lt;b&gt;museums")) == (0, 1), name
        assert re.findall(r"<(script|img|link|form|iframe)\b", html) == [], name
        assert html.count('class="button"') == 1, name
        assert '<meta name="color-scheme" content="light dark">' in html, name
        preheader = re.search(r'<div style="display: none[^>]*>([^<]+)</div>', html).group(1)
        assert 10 < len(preheader) <= 90, name
        assert "Questions? Just reply." in text, name
        assert max(map(len, text.splitlines())) < 200, name
        assert {link.partition("/confirm")[0].partition("/manage")[0] for link in links_of(message)[0]} <= {
            "https://petitions.example.org", PAGE, f"{PAGE}?via=mail"
        }, name  # fmt: skip


def test_the_reminder_is_the_same_link_and_says_that_it_is_the_last(every_mail):
    first, reminder = every_mail["signature_confirm"], every_mail["signature_reminder"]
    assert subject_of(reminder) == f"Your signature isn't counted yet: {TITLE}"
    assert links_of(reminder) == links_of(first)
    assert "We won't remind you again." in text_of(reminder)


def test_a_mail_takes_three_queries(server, statement, django_assert_num_queries):
    """Judge the network, find the signature, write down; what is asked once a batch is asked twice here."""
    sign(statement, ip_key="home")
    with CaptureQueriesContext(connection) as for_one:
        deliver()
    for number in range(11):
        sign(statement, email=f"signer-{number}@example.org", ip_key="home")
    with django_assert_num_queries(len(for_one) + 3 * 10):
        deliver()
