"""What writers and moderators are written, and that nothing a visitor typed goes out in a mail."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone

from comments import digest, emails, moderation, posting, threads
from comments.models import Comment, Preference
from mail import rendering
from mail.models import OutgoingEmail
from mail.outbox import Message, Skip
from tests.asking import codes_in, mails_to
from tests.factories import CommentFactory
from tests.mailserver import html_of, running, subject_of, text_of

pytestmark = pytest.mark.django_db
TYPED = {"name": "Canary Name", "email": "amina@example.org", "body": "Canary words, visit https://canary.example/"}


def newest() -> OutgoingEmail:
    return OutgoingEmail.objects.latest("pk")


def rendered(build) -> EmailMultiAlternatives:
    built = build(newest())
    assert isinstance(built, Message), built
    return rendering.render(newest(), built)


def parts(email: EmailMultiAlternatives) -> str:
    return "\n".join([email.subject, email.body, email.alternatives[0].content])


def test_the_confirmation_says_nothing_that_was_typed(thread, settings):
    posting.post(thread=thread, **TYPED)
    with running(settings) as server:
        (message,) = mails_to(server, "amina@example.org")
    both = text_of(message) + html_of(message)
    assert subject_of(message).startswith("Post your comment: Keep our libraries open (")
    assert (f"Comment · {thread.statement.title}" in text_of(message), "anary" in both) == (True, False)
    assert (len(codes_in(message)), len(both.encode()) < 20_000) == (1, True)


def test_a_thread_that_is_hidden_for_a_while_keeps_its_mail_for_later(thread, settings):
    posting.post(thread=thread, **TYPED)
    threads.hide(thread=thread)
    with running(settings) as server:
        assert mails_to(server, "amina@example.org") == []
        assert newest().state == "queued"
        threads.reopen(thread=thread)
        OutgoingEmail.objects.update(due_at=timezone.now())
        assert len(mails_to(server, "amina@example.org")) == 1


def test_published_and_declined_are_told_unless_undone(thread):
    comment = CommentFactory(statement=thread.statement, state="waiting", body="Canary words")
    moderation.approve(comment=comment)
    email = rendered(emails.published)
    assert f"http://testserver/statements/libraries/comments/?at={comment.pk}#comment-{comment.pk}" in email.body
    queued = newest()
    moderation.undo(comment=comment)
    assert emails.published(queued) == Skip("no longer so")
    moderation.decline(comment=comment, reason="it names a private person", tell=True)
    email = rendered(emails.declined)
    assert "because it names a private person." in " ".join(email.body.split())
    assert "because it names a private person." in email.alternatives[0].content
    assert "Canary" not in parts(email)
    queued = newest()
    moderation.undo(comment=comment)
    assert emails.declined(queued) == Skip("no longer so")


@pytest.fixture
def carol() -> User:
    carol = User.objects.create_user("carol", "carol@example.org", is_staff=True)
    carol.user_permissions.add(Permission.objects.get(codename="change_comment"))
    return carol


def test_moderators_hear_at_most_once_an_hour_and_read_no_words(thread, carol):
    User.objects.create_user("dave", "dave@example.org", is_staff=True)
    assert digest.send_due() == 0
    CommentFactory(statement=thread.statement, state="waiting", body="Canary words", author_name="Canary")
    CommentFactory(statement=thread.statement, hidden_at=timezone.now(), body="Canary words")
    assert (digest.send_due(), digest.send_due()) == (1, 0)
    email = rendered(emails.waiting)
    assert (email.subject, email.to) == ("1 comment waits for you", ["carol@example.org"])
    assert "1 comment was hidden" in email.body
    assert "Canary" not in parts(email)
    assert "http://testserver/admin/comments/comment/" in email.body


def test_nothing_new_is_told_again_after_a_day_only(thread, carol):
    CommentFactory(statement=thread.statement, state="waiting")
    digest.send_due()
    past = Preference.objects.filter(user=carol)
    past.update(digested_at=timezone.now() - timedelta(hours=2))
    Comment.objects.update(confirmed_at=timezone.now() - timedelta(hours=3))
    assert digest.send_due() == 0
    Comment.objects.update(confirmed_at=timezone.now())
    assert digest.send_due() == 1
    past.update(digested_at=timezone.now() - timedelta(hours=25))
    Comment.objects.update(confirmed_at=timezone.now() - timedelta(days=3))
    assert digest.send_due() == 1


def test_a_moderator_stops_the_mail_from_the_mail(client, thread, carol):
    CommentFactory(statement=thread.statement, state="waiting")
    digest.send_due()
    email = rendered(emails.waiting)
    url = re.search(r"http://testserver(/manage/\S+)", email.body)[1]
    for _ in range(3):
        assert "Stop these emails" in client.get(url).content.decode()
    assert digest.wants(carol.pk)
    assert client.post(url).status_code == 200
    assert (digest.wants(carol.pk), emails.waiting(newest())) == (False, Skip("no longer so"))
    Preference.objects.update(digested_at=None)
    assert digest.send_due() == 0


def test_who_may_no_longer_moderate_is_not_written_to(thread, carol):
    CommentFactory(statement=thread.statement, state="waiting")
    digest.send_due()
    User.objects.update(is_active=False)
    assert emails.waiting(newest()) == Skip("no longer so")
    assert reverse("admin:comments_comment_changelist") == "/admin/comments/comment/"
