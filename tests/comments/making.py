"""What the tests of comments write and read."""

from django.test import Client
from django.urls import reverse

from comments import posting, threads
from comments.models import Comment, Thread
from core import tokens
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


def post(client: Client, **typed: object):
    """The answer to somebody who comments under “libraries”."""
    return client.post(URL, {**TYPED, **typed})


def html(client: Client, url: str = PAGE) -> str:
    """The page at `url`."""
    return client.get(url).content.decode()


def link(purpose: str) -> str:
    """The address in the mail about the only comment: its confirmation, or its writer's own page."""
    token = tokens.make_token(purpose, Comment.objects.get().pk)
    return reverse("confirm" if purpose == posting.CONFIRM else "manage", args=[token])
