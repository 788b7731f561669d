"""What its author sees of a statement before anybody else does."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from mail.models import OutgoingEmail
from organisations.models import Motion
from petitions.models import Statement
from tests.factories import StatementFactory

pytestmark = pytest.mark.django_db
TEXT = "<p>Keep all nine libraries open.</p>"


def at(statement: Statement, page: str) -> str:
    return f"/admin/petitions/statement/{statement.pk}/{page}/"


@pytest.fixture
def draft() -> Statement:
    return StatementFactory(published_at=None, body=TEXT, title="Libraries & “Mill”")


def test_the_preview_shows_the_mail_as_its_reader_gets_it(carol, draft):
    User.objects.filter(username="carol").update(email="carol@example.org")
    page = carol.get(at(draft, "preview/all"))
    mail = page.context["mail"]
    assert mail.subject == f"Confirm your signature: {draft.title} (K7M)"
    assert ("Read and confirm" in mail.html, "Libraries &amp; “Mill”" in mail.html, "style=" in mail.html) == (
        True,
        True,
        False,
    )
    assert ('href="http' in mail.html, ":root" in mail.html, "<div" in mail.html) == (True, False, False)
    link = re.search(r"https?://[^/]+(/\S+/confirm/\S+|/confirm/\S+)", mail.text)[1]
    assert Client().get(link).status_code == 404
    assert OutgoingEmail.objects.count() == 0


def test_the_preview_shows_a_draft_to_staff_alone(carol, draft):
    page = carol.get(at(draft, "preview"))
    assert (page.status_code, TEXT in page.content.decode()) == (200, True)
    html = page.content.decode()
    # As it will be, with its form; nothing is stored by looking.
    assert ("Draft – only you can see this" in html, 'id="sign"' in html, "closed on" in html) == (True, True, False)
    assert ("Comments open when this is published." in html, "now closed" in html) == (True, False)
    assert Statement.objects.get(pk=draft.pk).published_at is None
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    assert carol.get(at(draft, "preview/all")).status_code == 200
    picture = carol.get(at(draft, "preview/card"))
    assert (picture["Content-Type"], picture.content[:4]) == ("image/png", b"\x89PNG")
    assert Client().get(at(draft, "preview")).url == f"/admin/login/?next={at(draft, 'preview')}"
    assert Client().get(f"/statements/{draft.slug}/").status_code == 404


def test_the_staff_page_leads_to_the_thread_and_the_motion(carol, draft):
    html = carol.get(at(draft, "change")).content.decode()
    thread = f"/admin/comments/thread/{draft.thread.pk}/change/"
    ways = re.search(r"Kept elsewhere.*?<ul[^>]*>(.*?)</ul>", html, re.DOTALL)[1]
    assert re.findall(r'href="([^"]+)"', ways) == [f"/admin/organisations/motion/add/?statement={draft.pk}", thread]
    motion = Motion.objects.create(statement=draft)
    assert f"/admin/organisations/motion/{motion.pk}/change/" in carol.get(at(draft, "change")).content.decode()
    assert carol.get(thread).status_code == 200
