"""The thread through the door: what each address answers, and what it tells nobody."""

import json
import re
import uuid
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from comments import moderation, threads
from comments.models import Comment, CommentSubmission, SiteRules, Thread
from core import tokens
from mail.models import OutgoingEmail
from petitions.models import Statement
from tests.asking import agree, mail_all
from tests.comments.making import TYPED, URL, html, post, published
from tests.factories import SignatureFactory

pytestmark = pytest.mark.django_db


def test_posting_leads_to_the_waiting_page_which_shows_the_address(client, thread):
    response = post(client)
    assert (response.status_code, urlsplit(response["Location"]).path) == (303, f"{URL}check-email/")
    assert "amina" not in response["Location"]
    page = client.get(response["Location"])
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store")
    assert "amina@example.org" in page.content.decode()


def test_new_trusted_and_repeated_writers_get_the_same_answer(client, thread):
    answers = []
    for number in range(5):
        if number == 2:
            mail_all()
            agreed = agree(CommentSubmission.objects.earliest("pk"))
            moderation.approve(comment=Comment.objects.get(pk=agreed.result_id))
        response = post(client)
        k = parse_qs(urlsplit(response["Location"]).query)["k"][0]
        page = client.get(response["Location"]).content.decode().replace(k, "K")
        page = re.sub(r"<time .*?</time>", "", page)
        shape = [(name, value) for name, value in response.items() if name != "Location"]
        answers.append((response.status_code, shape, len(response["Location"]), page))
    assert answers == [answers[0]] * 5


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"body": ""}, "Write your comment"),
        ({"body": " \n\0 "}, "Write your comment"),
        ({"name": ""}, "Enter your full name"),
        ({"name": "\u202e\u200b"}, "Enter your full name"),
        ({"email": "nobody"}, "An email address has an @ in it, like name@example.com"),
        ({"body": "x" * 5001}, "Your comment has 5001 characters. It can have 5000"),
        ({"body": "Buy GRIM things"}, "We don&#x27;t publish comments with the word “grim”"),
        ({"parent": "999999"}, "The comment you are answering is no longer here"),
    ],
)
def test_wrong_input_is_422_and_keeps_what_was_typed(client, thread, typed, says):
    SiteRules.objects.update(refused_words="grim")
    response = post(client, **typed)
    page = response.content.decode()
    assert (response.status_code, "<title>Error: " in page, says in page) == (422, True, True)
    kept = {**TYPED, **typed}
    assert f'value="{kept["name"]}"' in page or not kept["name"]
    assert (CommentSubmission.objects.count(), OutgoingEmail.objects.count()) == (0, 0)


def test_line_breaks_of_browsers_count_once(client, thread):
    assert post(client, body="\r\n".join(["x" * 9] * 500)).status_code == 303
    assert len(CommentSubmission.objects.get().body) == 4999


def test_a_likely_slip_is_offered_and_can_be_kept(client, thread):
    response = post(client, email="amina@gmial.com")
    assert (response.status_code, "amina@gmail.com" in response.content.decode()) == (422, True)
    assert post(client, email="amina@gmial.com", email_choice="keep").status_code == 303
    assert CommentSubmission.objects.get().email == "amina@gmial.com"


@pytest.mark.parametrize("typed", [{}, {"email": "nobody"}])
def test_closed_while_typing_is_409_and_loses_nothing(client, thread, typed):
    threads.close(thread=thread, message="Enough said.")
    response = post(client, **typed)
    page = response.content.decode()
    assert (response.status_code, response["Cache-Control"]) == (409, "no-store")
    assert ("Enough said." in page, TYPED["body"] in page) == (True, True)
    assert CommentSubmission.objects.count() == 0


def test_an_answer_to_what_is_gone_keeps_the_words(client, thread, monkeypatch):
    top = published(thread)
    form = {"parent": top.pk}
    assert post(client, **form).status_code == 303
    moderation.spam(comment=top)
    response = post(client, **form)
    assert (response.status_code, TYPED["body"] in response.content.decode()) == (422, True)


def test_an_answer_to_an_answer_stands_beside_it(client, thread):
    top = published(thread)
    answer = published(thread, parent=top)
    assert post(client, parent=answer.pk).status_code == 303
    assert CommentSubmission.objects.get().parent == top
    SiteRules.objects.update(depth=1)
    assert post(client, parent=top.pk, body="No.").status_code == 422


def test_a_robot_is_held_and_not_refused(client, thread):
    assert post(client, website_2="https://spam.example").status_code == 303
    assert CommentSubmission.objects.get().signals == "honeypot"


def test_other_sites_may_not_post(client, thread):
    response = client.post(URL, TYPED, headers={"Sec-Fetch-Site": "cross-site"})
    assert (response.status_code, CommentSubmission.objects.count()) == (403, 0)


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "No comments yet. Say why this matters to you."), (1, "Comments (1)"), (3, "Comments (3)")],
)
def test_the_heading_counts_in_words(client, thread, number, words):
    for _ in range(number):
        published(thread)
    assert f">{words}</h2>" in html(client)
    assert f">{words}" in html(client, URL)


def test_an_empty_closed_thread_asks_for_nothing(client, thread):
    threads.close(thread=thread)
    assert ">No comments</h2>" in html(client)


def test_who_says_what_when_and_where(client, thread):
    top = published(thread, author_name="Derek", body="Line one\nline two\n\n> said\n\nhttps://example.org/")
    answer = moderation.reply(comment=top, body="Thank you.", name="Eastside Campaign")
    for page in (html(client), html(client, URL)):
        assert f'id="comment-{top.pk}"' in page
        assert '<b dir="auto"><bdi>Derek</bdi></b> <span class="says">says:</span>' in page
        assert re.search(rf'<a href="#comment-{top.pk}"><time datetime="\d{{4}}-', page)
        assert (
            '<p dir="auto">Line one<br>line two</p><blockquote dir="auto"><p dir="auto">said</p></blockquote>' in page
        )
        assert 'rel="nofollow ugc noopener"' in page
        assert (
            page.index(f'id="comment-{top.pk}"')
            < page.index('class="replies"')
            < page.index(f'id="comment-{answer.pk}"')
        )
        assert page.count('<span class="organiser">Organiser</span>') == 1


def test_closed_threads_read_and_take_nothing(client, thread):
    published(thread, body="Still here.")
    threads.close(thread=thread)
    for page in (html(client), html(client, URL)):
        assert ("Comments are now closed." in page, "Still here." in page, "comment-form" in page) == (
            True,
            True,
            False,
        )
        assert "Reply" not in page


def test_a_thread_that_closes_by_date_closes_on_the_kept_page(client, thread, settings):
    settings.PAGE_FRESH_SECONDS = 0
    assert "comment-form" in html(client)
    Thread.objects.update(closes_at=timezone.now() - timedelta(seconds=1))
    assert "comment-form" not in html(client)


def test_hidden_threads_are_nowhere(client, thread):
    published(thread, body="Canary.")
    threads.hide(thread=thread)
    assert 'id="comments"' not in html(client)
    addresses = [URL, f"{URL}feed/", f"{URL}{Comment.objects.get().pk}/report/"]
    assert [client.get(address).status_code for address in addresses] == [404] * 3
    assert post(client).status_code == 404


def test_hidden_statements_are_gone(client, thread):
    Statement.objects.update(hidden_at=timezone.now())
    assert [client.get(address).status_code for address in (URL, f"{URL}feed/")] == [410, 410]


def test_the_page_of_the_thread_is_the_same_for_all(client, thread):
    published(thread)
    response = client.get(URL)
    assert (response.cookies, "Cookie" in response.get("Vary", ""), response["Cache-Control"][:6]) == (
        {},
        False,
        "public",
    )


def test_more_comments_are_on_their_own_page_and_permalinks_lead_there(client, thread):
    SiteRules.objects.update(per_page=5)
    rows = [published(thread, created_at=timezone.now() - timedelta(hours=99 - n)) for n in range(12)]
    seen = re.findall(r'id="comment-(\d+)"', html(client))
    assert [int(pk) for pk in seen] == [row.pk for row in rows[:5]]
    url, found = URL, []
    while url:
        page = html(client, url)
        found += [int(pk) for pk in re.findall(r'<li class="comment[^"]*" id="comment-(\d+)"', page)]
        following = re.search(r'href="([^"]+)" rel="next"', page)
        url = following and following[1].replace("&amp;", "&")
    assert found == [row.pk for row in rows]
    target = html(client, rows[8].get_absolute_url().partition("#")[0])
    assert re.findall(r'<li class="comment[^"]*" id="comment-(\d+)"', target)[0] == str(rows[8].pk)


def test_newest_first_is_a_rule(client, thread):
    SiteRules.objects.update(order="newest", per_page=5)
    rows = [published(thread, created_at=timezone.now() - timedelta(hours=99 - n)) for n in range(7)]
    assert re.findall(r'id="comment-(\d+)"', html(client)) == [str(row.pk) for row in rows[::-1][:5]]
    thread.refresh_from_db()
    target = html(client, rows[3].get_absolute_url().partition("#")[0])
    assert re.findall(r'<li class="comment[^"]*" id="comment-(\d+)"', target) == [str(row.pk) for row in rows[3::-1]]


def test_the_place_of_what_was_answered_stays(client, thread):
    top = published(thread, body="Gone words.", author_name="Gone Name")
    moderation.reply(comment=top, body="An answer.", name="Eastside Campaign")
    moderation.bin(comment=top)
    page = html(client, URL)
    assert ("This comment is no longer here." in page, "An answer." in page) == (True, True)
    assert ("Gone words." in page, "Gone Name" in page, "Comments (1)<" in page) == (False, False, True)


def test_many_answers_are_folded_and_all_on_one_page(client, thread):
    top = published(thread)
    answers = [published(thread, parent=top) for _ in range(23)]
    page = html(client, URL)
    assert (page.count('<li class="comment'), f"?to={top.pk}" in page) == (21, True)
    whole = html(client, f"{URL}?to={answers[0].pk}")
    assert whole.count('<li class="comment') == 24


@pytest.mark.parametrize("to", ["x", "0", "9" * 30, "-1"])
def test_answering_nothing_is_404(client, thread, to):
    assert client.get(f"{URL}?to={to}").status_code == 404


def test_comments_as_data_cannot_end_their_element(client, thread):
    top = published(thread, author_name="</script><b>", body="</script><script>alert(1)</script>\u2028&")
    page = html(client)
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    (data,) = map(json.loads, found)
    assert "potentialAction" in data, "the comments are told with the statement, in one place"
    assert (data["commentCount"], data["comment"][0]["author"]["name"]) == (1, "</script><b>")
    assert data["comment"][0]["@id"] == f"http://testserver/statements/libraries/#comment-{top.pk}"
    assert data["comment"][0]["text"] == top.body


def test_the_feed(client, thread):
    older = published(thread, published_at=timezone.now() - timedelta(hours=1), author_name="A & B")
    newer = published(thread, body="Said <i>newly</i>.")
    response = client.get(f"{URL}feed/")
    feed = response.content.decode()
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert re.findall(r"<entry><title>(.*?)</title>", feed) == [f"{newer.author_name} says", "A &amp; B says"]
    ids = re.findall(r"<id>(.*?)</id>", feed)
    names = ["comments", f"comment {newer.pk}", f"comment {older.pk}"]
    assert ids == [f"urn:uuid:{uuid.uuid5(thread.statement.uid, name)}" for name in names]
    assert "&amp;lt;i&amp;gt;" in feed


def test_whoever_signed_is_asked_for_a_comment_while_one_can_write(client, thread):
    signature = SignatureFactory(statement=thread.statement, state="confirmed")
    thanks = f"{thread.statement.get_absolute_url()}thanks/?k={tokens.make_token('signed-thanks', signature.pk)}"
    invited = [b"Say why you signed" in client.get(thanks).content]
    threads.close(thread=thread)
    invited.append(b"Say why you signed" in client.get(thanks).content)
    assert invited == [True, False]
