"""Links that carry a statement further, and the source code they keep (UX E2, E10)."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.core import mail as outbox
from django.core.management import call_command
from django.urls import reverse

from mail import outbox as mail
from petitions.models import SignatureSubmission, Statement
from petitions.statements import sharing
from tests.asking import agree, mail_all
from tests.factories import SignatureFactory, StatementFactory

CODES = {
    "copy": "link",
    "whatsapp": "wa",
    "facebook": "fb",
    "x": "x",
    "bluesky": "bsky",
    "telegram": "tg",
    "email": "mail",
    "sms": "sms",
}
TITLES = ["Keep our libraries open", "50% & more? #yes + “no”", "م" * 120, "Ж" * 119 + "!"]


def built(**values):
    return Statement(slug="l" * 80, **values)


def said(href):
    """What the address says, decoded once, with a link that is a parameter of its own last."""
    query = parse_qs(urlsplit(href).query.removeprefix("&"), strict_parsing=True)
    return " ".join(query[name][0] for name in ("subject", "text", "body", "url", "u", "via") if name in query)


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("via", ["", "partner-1"])
@pytest.mark.parametrize("way", CODES)
def test_every_way_ends_with_the_address_and_a_code(settings, way, via, title):
    links = sharing.links(built(title=title), via)
    address = f"{settings.ORIGIN}/statements/{'l' * 80}/?via={via or CODES[way]}"
    if way == "copy":
        assert links[way] == address
        return
    assert said(links[way]).endswith(address)
    assert "+" not in urlsplit(links[way]).query
    assert (title in unquote(links[way])) == (way != "facebook")


def test_bluesky_takes_three_hundred_letters(settings):
    settings.ORIGIN = "https://campaigns.eastside-and-westside-together.example.org"
    text = parse_qs(urlsplit(sharing.links(built(title="Ж" * 120), "a" * 32)["bluesky"]).query)["text"][0]
    assert len(text) == 300
    assert text.endswith(f"… {settings.ORIGIN}/statements/{'l' * 80}/?via={'a' * 32}")


def test_mail_breaks_its_lines_as_mail_does():
    assert "%0D%0A%0D%0A" in sharing.links(built(title="Ours"))["email"]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("mastodon.social", "mastodon.social"),
        (" @amina@Union.Place ", "union.place"),
        ("https://toot.example/", "toot.example"),
        ("localhost", ""),
        ("a.example/path", ""),
        ("javascript:alert(1)", ""),
        ("a.example:8080", ""),
        ("a.example\n/", ""),
        ("a" * 250 + ".example", ""),
    ],
)
def test_only_the_name_of_a_server_is_taken(typed, name):
    assert sharing.clean_server(typed) == name


@pytest.mark.django_db
def test_a_partner_s_code_survives_signing_thanks_and_sharing(client, settings):
    statement = StatementFactory(slug="libraries")
    page = client.get("/statements/libraries/?via=partner").content.decode()
    via = re.search(r'name="via" value="([^"]*)"', page)[1]
    typed = {"name": "Amina Yusuf", "email": "amina@example.org", "via": via}
    client.post(reverse("sign", args=["libraries"]), typed)
    mail_all()
    thanks = client.get(agree(SignatureSubmission.objects.get()).url).content.decode()
    address = f"{settings.ORIGIN}{statement.get_absolute_url()}?via=partner"
    assert f'value="{address}"' in thanks
    assert '<input type="hidden" name="via" value="partner">' in thanks
    share = client.get("/statements/libraries/share/?via=partner&server=union.place").content.decode()
    ways = [href for href in re.findall(r'href="([^"]+)"', share) if unquote(href).endswith("?via=partner")]
    assert len(ways) == 8


@pytest.mark.django_db
def test_a_partner_s_code_survives_the_receipt(settings):
    signed = SignatureFactory(statement__slug="libraries", via="partner", state="confirmed")
    mail.queue(kind="signature_receipt", recipient=signed.email, context={"signature": signed.pk})
    call_command("worker", once=True)
    (message,) = outbox.outbox
    assert f"{settings.ORIGIN}/statements/libraries/?via=partner" in message.body
    html = message.alternatives[0].content
    assert unquote(re.search(r'href="(https://wa.me/[^"]+)"', html)[1]).endswith("/libraries/?via=partner")
