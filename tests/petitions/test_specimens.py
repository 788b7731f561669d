"""What its author sees of a statement before anybody else does."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from core.models import OutgoingEmail
from petitions.models import Statement
from tests.factories import StatementFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Statement:
    return StatementFactory(published_at=None, body="<p>Keep all nine libraries open.</p>", title="Libraries & “Mill”")


def test_the_preview_shows_the_mail_as_its_reader_gets_it(carol, draft):
    User.objects.filter(username="carol").update(email="carol@example.org")
    page = carol.get(f"/admin/petitions/statement/{draft.pk}/preview/all/")
    mail = page.context["mail"]
    assert mail.subject == f"Confirm your signature: {draft.title}"
    assert ("Confirm my signature" in mail.html, "Libraries &amp; “Mill”" in mail.html, "style=" in mail.html) == (
        True,
        True,
        False,
    )
    assert 'href="http' in mail.html
    link = re.search(r"https?://[^/]+(/\S+/confirm/\S+|/confirm/\S+)", mail.text)[1]
    assert Client().get(link).status_code == 404
    assert OutgoingEmail.objects.count() == 0
