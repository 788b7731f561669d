"""What the tests of comments write and read."""

from django.test import Client
from django.urls import reverse

from comments import moderation, posting, threads
from comments.models import Comment, CommentSubmission, Thread
from core import tokens
from tests import asking
from tests.factories import CommentFactory

TYPED = {"name": "Amina Yusuf", "email": "amina@example.org", "body": "It is where I learnt to read."}
PAGE = "/statements/libraries/"
URL = f"{PAGE}comments/"


def comment(thread: Thread, state: str = "waiting", **values) -> Comment:
    """A comment of that state, of which the thread's stored number knows."""
    made = CommentFactory(statement=thread.statement, state=state, **values)
    threads.recount(thread)
    return made


def published(thread: Thread, **values) -> Comment:
    """A comment that everybody reads."""
    return comment(thread, "published", **values)


def ask(thread: Thread, **typed) -> CommentSubmission:
    """What somebody typed, as if its mail had been accepted."""
    asked = posting.post(thread=thread, **{**TYPED, **typed})
    asking.mail_all()
    return CommentSubmission.objects.get(pk=asked.submission_id)


def agreed(thread: Thread, **typed) -> Comment:
    """What became of it when its mailbox agreed."""
    return Comment.objects.get(pk=asking.agree(ask(thread, **typed)).result_id)


def approved(thread: Thread, **typed) -> Comment:
    """The same, read by everybody, if need be because a moderator approved it."""
    found = agreed(thread, **typed)
    return found if found.is_visible else moderation.approve(comment=found)


def post(client: Client, **typed: object):
    """The answer to somebody who comments under “libraries”."""
    return client.post(URL, {**TYPED, **typed})


def html(client: Client, url: str = PAGE) -> str:
    """The page at `url`."""
    return client.get(url).content.decode()


def own_page(row: Comment, *more: int) -> str:
    """The address of its writer's own page."""
    return reverse("manage", args=[tokens.make_token(posting.MANAGE, row.pk, *more)])
