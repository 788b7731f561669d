"""The page that a writer's mail leads to, the page that waits for it, and a writer's own page."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from comments import posting, retention, threads
from comments.models import Comment, CommentSubmission
from core import tokens
from petitions.models import Signature, SignatureSubmission, Statement
from submissions import codes
from tests import asking
from tests.asking import agree, codes_in, confirm_url, link_in, mails_to, value_of
from tests.comments.making import PAGE, TYPED, URL, agreed, approved, ask, html, own_page, post

pytestmark = pytest.mark.django_db


def test_fifty_looks_at_a_link_change_nothing_and_one_press_posts(client, thread):
    submission = ask(thread)
    url = confirm_url(submission)
    before = list(CommentSubmission.objects.values())
    for method in (client.get, client.head, client.options) * 17:
        assert method(url).status_code in {200, 405}
    assert (list(CommentSubmission.objects.values()), Comment.objects.count()) == (before, 0)
    pressed = client.post(url)
    assert (pressed.status_code, pressed["Location"]) == (303, own_page(Comment.objects.get()))
    own = html(client, pressed["Location"])
    assert "Your comment is waiting to be checked. Only you can see it here." in own
    assert TYPED["body"] in own
    again = client.post(url).content.decode()
    assert ("already posted" in again, own_page(Comment.objects.get()) in again) == (True, True)
    assert Comment.objects.count() == 1


def test_the_page_shows_all_that_will_be_recorded_as_readers_would_see_it(client, thread):
    top = approved(thread, name="Derek Ormerod", email="derek@example.org")
    page = html(client, confirm_url(ask(thread, body="> Said.\n\nI agree <b>.", parent=top)))
    facts = page[page.index("<dl") : page.index("</dl>")]
    assert [
        words in facts for words in ("Amina Yusuf", "I agree &lt;b&gt;.", "Derek Ormerod", "Keep our libraries open")
    ]
    assert '<blockquote dir="auto"><p dir="auto">Said.</p></blockquote><p dir="auto">I agree &lt;b&gt;.</p>' in page
    assert ("comment-None" in page, "closed since" in page, "gone since" in page) == (False, False, False)


def test_the_page_tells_what_changed_since(client, thread):
    approved(thread, body="Trust me.")
    top = approved(thread, body="Top.", email="derek@example.org", name="Derek Ormerod")
    answer, other = ask(thread, parent=top, body="Me too."), ask(thread, body="Other.")
    posting.erase(comment_id=top.pk)
    page = html(client, confirm_url(answer))
    assert ("What you answer is gone since." in page, "A comment that is no longer here" in page) == (True, True)
    threads.close(thread=thread)
    assert "Comments have closed since you wrote this." in html(client, confirm_url(other))
    own = html(client, client.post(confirm_url(other))["Location"])
    assert "Comments have closed since you wrote it." in own


def test_who_has_said_it_already_is_told_and_a_neighbour_is_led_nowhere(client, thread):
    first = agreed(thread)
    mine, neighbours = confirm_url(ask(thread)), confirm_url(ask(thread, email="amina+x@example.org"))
    assert "Nothing is added." in html(client, mine)
    page = html(client, neighbours)
    assert ("written in another way" in page, 'name="agree"' in page) == (True, False)
    assert "comment-manage" not in client.post(neighbours).content.decode()
    assert client.post(mine)["Location"] == own_page(first)


def test_not_me_ends_it(client, thread):
    submission = ask(thread)
    answer = client.post(confirm_url(submission), {"disown": value_of(submission)})
    assert (answer.status_code, Comment.objects.count()) == (200, 0)
    assert "You told us this wasn't you" in answer.content.decode()
    assert client.post(confirm_url(submission)).status_code == 200
    assert Comment.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_also_signing_is_one_mail_and_two_blocks_with_buttons_of_their_own(client, thread, server):
    post(client, also_sign="on")
    (message,) = mails_to(server, TYPED["email"])
    assert len(codes_in(message)) == 2
    page = html(client, link_in(message))
    assert (page.count('name="agree"'), page.count('name="disown"')) == (2, 2)
    assert [words in page for words in ("Post my comment", "Confirm my signature")] == [True, True]
    comment, signature = CommentSubmission.objects.get(), SignatureSubmission.objects.get()
    done = client.post(link_in(message), {"agree": value_of(comment)})
    assert "done=" in done["Location"]
    assert (Comment.objects.count(), Signature.objects.count()) == (1, 0)
    assert client.post(link_in(message), {"agree": value_of(signature)}).status_code == 303
    assert (Comment.objects.count(), Signature.objects.get().state) == (1, "confirmed")


@pytest.mark.parametrize("fresh", [0, 60])
def test_a_tick_where_signing_has_ended_keeps_what_was_typed(client, thread, settings, fresh):
    settings.PAGE_FRESH_SECONDS = fresh
    post(client)
    Statement.objects.update(signed_by="organisations")
    answer = post(client, also_sign="on")
    page = answer.content.decode()
    assert (answer.status_code, "Nobody can sign at the moment" in page, TYPED["body"] in page) == (422, True, True)
    assert ('name="also_sign"' in page, CommentSubmission.objects.count()) == (False, 1)


def test_the_writer_takes_it_back(client, thread):
    row = agreed(thread)
    url = own_page(row)
    assert client.post(url, {"action": "nonsense"}).status_code == 200
    assert client.post(url, {"action": "withdraw"}).status_code == 200
    assert (Comment.objects.visible().count(), row.body in html(client, url)) == (0, False)
    assert client.post(url, {"action": "put_back"}).status_code == 200
    row.refresh_from_db()
    assert (row.state, row.withdrawn_at, row.body in html(client, url)) == ("waiting", None, True)
    client.post(url, {"action": "withdraw"})
    Comment.objects.update(withdrawn_at=timezone.now() - timedelta(minutes=11))
    assert (retention.delete_withdrawn(), retention.delete_withdrawn()) == (1, 0)
    assert (Comment.objects.count(), client.get(url).status_code) == (0, 404)


def test_who_only_typed_the_address_is_thanked_and_reads_and_changes_nothing(client, thread):
    row = agreed(thread)
    url = own_page(row, 0)
    page = html(client, url)
    assert ("Thank you. It is confirmed." in page, TYPED["body"] in page, "withdraw" in page) == (True, False, False)
    client.post(url, {"action": "withdraw"})
    assert Comment.objects.get() == row


def test_a_manage_link_is_no_confirm_link(client, thread):
    token = tokens.make_token(posting.MANAGE, agreed(thread).pk)
    assert client.post(f"/confirm/{token}/").status_code == 404


def test_the_code_posts_and_leads_to_the_writers_own_page(client, thread):
    waiting = post(client)["Location"]
    code = codes.code_of(3, bytes(CommentSubmission.objects.get().digest))
    assert client.post(waiting, {"action": "code", "code": code}).status_code == 422  # no mail has gone out
    asking.mail_all()
    assert client.post(waiting, {"action": "code", "code": "12"}).status_code == 422
    assert Comment.objects.count() == 0
    assert client.post(waiting, {"action": "code", "code": code})["Location"] == own_page(Comment.objects.get())


def test_a_code_leads_to_the_page_where_something_must_be_told(client, thread):
    waiting = post(client)["Location"]
    asking.mail_all()
    threads.close(thread=thread)
    submission = CommentSubmission.objects.get()
    typed = {"action": "code", "code": codes.code_of(3, bytes(submission.digest))}
    assert client.post(waiting, typed)["Location"].endswith(confirm_url(submission))
    assert Comment.objects.count() == 0


def test_the_waiting_page_follows_its_own_submission_and_opens_nothing(client, thread):
    def poll(url: str) -> object:
        return json.loads(client.get(url, headers={"Accept": "application/json"}).content)["next"]

    mine, other = post(client)["Location"], post(client, body="Other.")["Location"]
    assert (poll(mine), poll(other)) == (None, None)
    asking.mail_all()
    agree(CommentSubmission.objects.earliest("pk"))
    assert (poll(mine), poll(other)) == (own_page(Comment.objects.get(), 0), None)
    assert client.get(mine)["Location"] == own_page(Comment.objects.get(), 0)
    assert client.get(other).status_code == 200


def test_changing_the_address_leads_back_to_the_form(client, thread):
    waiting = post(client)["Location"]
    assert client.post(waiting, {"action": "change"})["Location"] == f"{URL}#say"
    assert f'href="{PAGE}#comments"' in html(client, waiting)


@pytest.mark.parametrize("k", ["", "x", "é"])
def test_garbled_waiting_pages_are_404(client, thread, k):
    assert client.get(f"{URL}check-email/?k={k}").status_code == 404
