"""Readers who report a comment: no account, and no comment hidden by one house."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from comments import reporting
from comments.models import Comment, Report
from tests.comments.making import comment, html, published

pytestmark = pytest.mark.django_db


def test_reporting_needs_no_account_and_says_thanks(client, thread):
    row = published(thread)
    url = reverse("comment_report", args=["libraries", row.pk])
    assert row.body in html(client, url)
    assert client.post(url, {}).status_code == 422
    response = client.post(url, {"reason": "abuse", "words": "x"}, REMOTE_ADDR="192.0.2.1")
    assert (response.status_code, response["Location"], Report.objects.get().words) == (303, f"{url}?sent=1", "x")
    for last in (2, 3):
        client.post(url, {"reason": "abuse"}, REMOTE_ADDR=f"192.0.2.{last}")
    assert (client.get(url).status_code, client.get(f"{url}?sent=1").status_code) == (404, 200)
    assert row.body not in html(client)


def test_what_is_not_visible_cannot_be_reported(client, thread):
    row = comment(thread)
    url = reverse("comment_report", args=["libraries", row.pk])
    assert (client.get(url).status_code, client.post(url, {"reason": "abuse"}).status_code) == (404, 404)
    assert client.get(reverse("comment_report", args=["libraries", 2**63])).status_code == 404


def test_reporting_three_times_from_one_house_hides_nothing(thread):
    row = published(thread)
    assert [reporting.report(comment=row, reason="abuse", ip_key="one") for _ in range(3)] == [False] * 3


def report(row, *networks: str) -> list[bool]:
    return [reporting.report(comment=row, reason="abuse", ip_key=key) for key in networks]


def test_one_network_on_three_days_counts_once(thread):
    row = published(thread)
    for number, key in enumerate(["monday", "tuesday", "wednesday"]):
        report(row, key)
        Report.objects.filter(ip_key=key).update(created_at=timezone.now() - timedelta(days=3 - number))
    assert report(row, "today") == [False]
    assert report(row, "another", "a third") == [False, True]


def test_what_a_moderator_kept_is_not_hidden_again_but_waits_for_another_look(thread):
    row = published(thread)
    assert report(row, "one", "two", "three") == [False, False, True]
    reporting.keep(comment=row)
    assert list(Comment.objects.reported()) == []
    assert report(row, "four", "five", "six", "seven") == [False] * 4
    row.refresh_from_db()
    assert (row.is_visible, list(Comment.objects.reported())) == (True, [row])
    assert Comment.objects.reported().get().reported_at == Report.objects.get(ip_key="four").created_at
    reporting.keep(comment=row)
    assert list(Comment.objects.reported()) == []


def test_other_words_than_those_that_were_kept_are_hidden_again(thread):
    row = published(thread)
    report(row, "one", "two", "three")
    reporting.keep(comment=row)
    Comment.objects.filter(pk=row.pk).update(edited_at=Now())
    row.refresh_from_db()
    assert report(row, "four", "five", "six") == [False, False, True]
