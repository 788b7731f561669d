"""The links in a writer's mail, and the page that waits for it."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from comments import posting, threads
from comments.models import Comment
from core import tokens
from mail.models import OutgoingEmail
from tests.comments.making import TYPED, URL, html, link, post

pytestmark = pytest.mark.django_db


def test_fifty_looks_at_a_link_change_nothing_and_one_press_posts(client, thread):
    post(client)
    url = link(posting.CONFIRM)
    before = list(Comment.objects.values())
    for method in (client.get, client.head, client.options) * 17:
        assert method(url).status_code in {200, 405}
    assert list(Comment.objects.values()) == before
    pressed = client.post(url)
    assert (pressed.status_code, pressed["Location"]) == (303, link(posting.MANAGE))
    own = html(client, pressed["Location"])
    assert "Your comment is waiting to be checked. Only you can see it here." in own
    assert TYPED["body"] in own
    again = client.post(url)
    assert (again.status_code, "already posted" in again.content.decode()) == (200, True)


def test_expired_links_offer_a_new_one_until_the_thread_closes(client, thread, settings):
    post(client)
    Comment.objects.update(created_at=timezone.now() - timedelta(days=settings.UNCONFIRMED_DAYS + 1))
    url = link(posting.CONFIRM)
    assert "expired" in html(client, url)
    assert client.post(url, {"action": "renew"}).status_code == 200
    assert posting.standing(Comment.objects.get().pk) == "ready"
    Comment.objects.update(created_at=timezone.now() - timedelta(days=settings.UNCONFIRMED_DAYS + 1))
    threads.close(thread=thread)
    assert client.post(url, {"action": "renew"}).status_code == 409


def test_not_me_deletes(client, thread):
    post(client)
    assert client.post(link(posting.CONFIRM), {"action": "never"}).status_code == 200
    assert Comment.objects.count() == 0


def test_the_writer_takes_it_back(client, thread):
    post(client)
    url = link(posting.MANAGE)
    client.post(link(posting.CONFIRM))
    assert client.post(url, {"action": "nonsense"}).status_code == 200
    assert client.post(url, {"action": "take_back"}).status_code == 200
    assert (Comment.objects.count(), client.get(url).status_code) == (0, 404)


def test_a_manage_link_is_no_confirm_link(client, thread):
    post(client)
    token = tokens.make_token(posting.MANAGE, Comment.objects.get().pk)
    assert client.post(reverse("confirm", args=[token])).status_code == 404


def test_the_code_and_sending_again(client, thread):
    waiting = post(client)["Location"]
    assert client.post(waiting, {"action": "resend"}).status_code == 200
    OutgoingEmail.objects.update(created_at=timezone.now() - timedelta(seconds=61))
    again = client.post(waiting, {"action": "resend"})
    assert (again.status_code, OutgoingEmail.objects.count()) == (303, 2)
    assert client.get(again["Location"]).status_code == 200
    assert client.post(waiting, {"action": "code", "code": "12"}).status_code == 422
    code = tokens.code(posting.CONFIRM, Comment.objects.get().pk)
    assert client.post(waiting, {"action": "code", "code": code})["Location"] == link(posting.MANAGE)


def test_the_waiting_page_moves_on_only_for_what_happened_since(client, thread):
    def poll(url: str) -> object:
        return json.loads(client.get(url, headers={"Accept": "application/json"}).content)["next"]

    mine = post(client)["Location"]
    assert poll(mine) is None
    posting.confirm(comment_id=Comment.objects.get().pk)
    assert poll(mine) == link(posting.MANAGE)
    OutgoingEmail.objects.update(created_at=timezone.now() + timedelta(seconds=1))
    assert poll(mine) is None
    OutgoingEmail.objects.all().delete()
    assert (poll(mine), client.get(mine).status_code) == (None, 200)


@pytest.mark.parametrize("k", ["", "x", "é"])
def test_garbled_waiting_pages_are_404(client, thread, k):
    assert client.get(f"{URL}check-email/?k={k}").status_code == 404
