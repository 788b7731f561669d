"""The demo's mailbox shows what was sent, safely, and exists nowhere else."""

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from seeds import mailbox

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.seeds.demo_urls")]


@pytest.fixture
def folder(settings, tmp_path):
    settings.DEMO = True
    settings.HOME = tmp_path
    folder = tmp_path / "var" / "mail"
    folder.mkdir(parents=True)
    return folder


def put(folder, number=0, html="", **headers):
    """A mail as the post office leaves it, that many seconds after the first of November."""
    at = datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp() + number
    message = EmailMessage()
    for name, value in {"Subject": f"Mail {number}", "To": "amina@example.org", "From": "post@example.org"}.items():
        message[name] = headers.get(name, value)
    message.set_content("Press this:\nhttps://example.org/confirm/x/\n")
    if html:
        message.add_alternative(html, subtype="html")
    mail_id = f"{int(at * 1e9):020}-000000"
    (folder / f"{mail_id}.eml").write_bytes(message.as_bytes())
    return mail_id


def test_the_newest_mail_comes_first(client, folder):
    for number in range(3):
        put(folder, number)
    (folder / ".half-written.1").write_text("Subject: not yet")
    response = client.get("/mailbox/")
    assert [mail.subject for mail in response.context["mails"]] == ["Mail 2", "Mail 1", "Mail 0"]
    assert response.context["mails"][0].sent_at == datetime(2026, 11, 1, 12, 0, 2, tzinfo=UTC)
    assert (response["Cache-Control"], response["X-Robots-Tag"]) == ("no-store", "noindex, noarchive")


def test_many_mails_have_pages(client, folder):
    for number in range(120):
        put(folder, number)
    seen, url = [], "/mailbox/"
    while url:
        response = client.get(url)
        seen.append(len(response.context["mails"]))
        url = response.context["next_url"]
        assert (f'href="{url}"' in response.content.decode()) == bool(url)
    assert seen == [50, 50, 20]


def test_an_empty_mailbox_and_a_missing_folder_are_no_mistake(client, folder):
    assert client.get("/mailbox/").status_code == 200
    folder.rmdir()
    assert client.get("/mailbox/").status_code == 200


def test_one_mail_shows_its_text_and_the_way_to_its_html(client, folder):
    mail_id = put(folder, html="<p>Press</p>", Subject="Grüße & <b>mehr</b>")
    html = client.get(f"/mailbox/{mail_id}/").content.decode()
    assert "Grüße &amp; &lt;b&gt;mehr&lt;/b&gt;" in html
    assert 'href="https://example.org/confirm/x/"' in html
    assert f'href="/mailbox/{mail_id}/html/"' in html


def test_the_html_stands_alone_in_a_sandbox(client, folder):
    mail_id = put(folder, html="<html><head><title>x</title></head><p><script>alert(1)</script></p></html>")
    response = client.get(f"/mailbox/{mail_id}/html/")
    assert response["Content-Security-Policy"] == mailbox.MAIL_CSP
    directives = dict(part.strip().partition(" ")[::2] for part in mailbox.MAIL_CSP.split(";"))
    assert directives["default-src"] == "'none'"
    assert "allow-scripts" not in directives["sandbox"]
    assert "allow-same-origin" not in directives["sandbox"]
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert response["Cache-Control"] == "no-store"
    assert '<base target="_blank">' in response.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/mailbox/01793534400000000000-000000/",
        "/mailbox/01793534400000000000-000000/html/",
        "/mailbox/../../etc/passwd/",
        "/mailbox/..%2f..%2fetc%2fpasswd/",
        "/mailbox/0/",
    ],
)
def test_what_is_not_there_is_404(client, folder, path):
    assert client.get(path).status_code == 404


def test_a_mail_without_html_has_none(client, folder):
    mail_id = put(folder)
    assert client.get(f"/mailbox/{mail_id}/html/").status_code == 404
    assert "/html/" not in client.get(f"/mailbox/{mail_id}/").content.decode()


def test_it_can_only_be_read(client, folder):
    assert client.post("/mailbox/").status_code == 405


def test_outside_the_demo_it_does_not_exist(client, folder, settings):
    mail_id = put(folder, html="<p>x</p>")
    settings.DEMO = False
    for path in ("/mailbox/", f"/mailbox/{mail_id}/", f"/mailbox/{mail_id}/html/"):
        assert client.get(path).status_code == 404


@pytest.mark.urls("undersigned.urls")
def test_nor_has_it_an_address_there(client):
    assert client.get("/mailbox/").status_code == 404
