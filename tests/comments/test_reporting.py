"""Readers who report a comment: no account, and no comment hidden by one house."""

import pytest
from django.urls import reverse

from comments import reporting
from comments.models import Report
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
