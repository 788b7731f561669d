"""The privacy notice names whom people are passed on to, and what they agree to remembers it."""

import pytest
from django.utils import timezone

from core.speed import memory
from integrations.models import Endpoint, Newsletter
from petitions.signatures import consent
from publishers.models import Publisher
from submissions.models import ConsentText

pytestmark = pytest.mark.django_db
AGREED = ["signature.agreed", "signature.withdrawn"]


@pytest.fixture
def four(settings):
    """One that has mailboxes, one that has not, one that hears of no person, and one that is switched off."""
    Endpoint.objects.create(url="https://a.example/", recipient="A & <b>Co", events=AGREED, may_have_mailbox=True)
    Endpoint.objects.create(url="https://b.example/", recipient="The map of Bo", events=AGREED)
    Endpoint.objects.create(url="https://c.example/", recipient="Cy", events=["statement.closed"])
    Endpoint.objects.create(
        url="https://d.example/", recipient="Di", events=AGREED, may_have_mailbox=True, off_at=timezone.now()
    )


MAILBOXES = (
    "<li>When you sign, we pass your name, your email address and your postcode on to: A &amp; &lt;b&gt;Co. "
    "When you take your signature off, they are told.</li>"
)
NEWS = (
    "<li>These are told what happens here, such as that somebody signed or commented, without any email address and "
    "with a name only if it is public: The map of Bo.</li>"
)


def test_the_notice_names_each_and_what_they_get(client, four, django_assert_num_queries):
    with django_assert_num_queries(2):
        page = client.get("/privacy/").text
    assert [line in page for line in (MAILBOXES, NEWS)] == [True, True]
    assert [name in page for name in ("Cy.", "Di.")] == [False, False]


def test_without_any_the_notice_names_nobody(client):
    page = client.get("/privacy/").text
    assert [words in page for words in ("pass your name", "These are told")] == [False, False]


def test_what_people_agree_to_says_whom_it_named(four):
    named = ConsentText.objects.get(pk=consent.current())
    assert (named.recipients, "A & <b>Co" in named.notice) == (["A & <b>Co"], True)
    Endpoint.objects.update(off_at=timezone.now())
    memory.forget()
    later = ConsentText.objects.get(pk=consent.current())
    assert (later.recipients, "A & <b>Co" in later.notice, later != named) == ([], False, True)


def test_who_sends_a_newsletter_is_named_for_those_who_want_one():
    named = {"publisher": Publisher.objects.get(), "program": "civicrm", "url": "https://a.example", "list_id": "1"}
    Newsletter.objects.create(recipient="Eastside News", **named)
    Newsletter.objects.create(recipient="Old News", state="off", **named)
    words = ConsentText.objects.get(pk=consent.current())
    assert (words.recipients, words.newsletters) == ([], ["Eastside News"])
    assert "If you tick the box for email about the campaign, we pass" in words.notice
    assert [name in words.notice for name in ("Eastside News", "Old News")] == [True, False]
