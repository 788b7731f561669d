"""A signer whose link was seen by others asks for another one; the old ones are dead."""

import pytest

from core import tokens
from mail.models import OutgoingEmail
from petitions.signatures import signing, thanking
from petitions.signatures.signing import NotThere
from submissions import own_links
from tests.asking import sign
from tests.mailserver import deliver, text_of
from tests.petitions.mails import LINK, manage_link

pytestmark = pytest.mark.django_db


def path(address: str) -> str:
    return address[address.index("/manage/") :]


def test_a_new_link_is_mailed_and_the_old_one_leads_to_help(client, statement, server):
    signature = sign(statement)
    OutgoingEmail.objects.all().delete()
    old = path(manage_link(signature))
    page = client.post(old, {"action": "new_link"}).content.decode()
    assert "We've sent you a new link." in page.replace("&#39;", "'")
    assert "<form" not in page  # whose buttons would not work any more
    answers = [client.get(old), client.post(old, {"action": "withdraw"}), client.post(old, {"action": "new_link"})]
    assert [one.status_code for one in answers] == [410, 410, 410]
    shown = answers[0].content.decode()
    assert ('href="/mine/"' in shown, "Amina" in shown) == (True, False)
    deliver()
    (message,) = server.to("amina@example.org")
    (new,) = [found for found in LINK.findall(text_of(message)) if "/manage/" in found]
    signature.refresh_from_db()
    assert (path(new) != old, client.get(path(new)).status_code, signature.state) == (True, 200, "confirmed")
    assert "Amina Yusuf" in client.get(path(new)).content.decode()
    assert OutgoingEmail.objects.count() == 1


def test_the_thank_you_page_leads_nowhere_once_there_is_a_newer_link(client, statement):
    signature = sign(statement)
    assert "/manage/" in client.get(thanking.url(signature)).content.decode()
    signing.renew_link(signature_id=signature.pk, link_number=0)
    signature.refresh_from_db()
    assert thanking.manage_url(signature) == ""
    assert "/manage/" not in client.get(thanking.url(signature)).content.decode()
    assert tokens.read_token(thanking.MANAGE, own_links.token(thanking.MANAGE, signature.pk, 1)) == (signature.pk, 1)


def test_who_comes_by_an_older_link_can_not_ask_again(statement):
    signature = sign(statement)
    signing.renew_link(signature_id=signature.pk, link_number=0)
    with pytest.raises(NotThere):
        signing.renew_link(signature_id=signature.pk, link_number=0)
