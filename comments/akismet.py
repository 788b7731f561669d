"""A second opinion on comments from a spam service that speaks Akismet's language, when one is set up.

It is asked by the worker, never in a request, and is told as little as it can work with: no address of any kind. While
it gives no answer the comment waits, and after TRIES a moderator decides. Source: Akismet's API, "Comment Check".
"""

import logging
from http.client import HTTPException
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from comments import moderation, threads
from comments.models import Comment

logger = logging.getLogger(__name__)
TIMEOUT_SECONDS = 5
TRIES = 5
Check = Comment.SpamCheck


class NoAnswer(Exception):
    """The service is away, slow, or says something else than yes or no."""


def is_spam(*, name: str, body: str, permalink: str) -> bool:
    """Ask the service. Raises NoAnswer."""
    asked = {
        "api_key": settings.AKISMET_KEY,
        "blog": settings.ORIGIN,
        "permalink": permalink,
        "comment_type": "comment",
        "comment_author": name,
        "comment_content": body,
        # Required by the service; who wrote is none of its business.
        "user_ip": "127.0.0.1",
    }
    request = Request(f"{settings.AKISMET_URL}comment-check", urlencode(asked).encode(), method="POST")  # noqa: S310  an operator's setting
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310  the same
            answer = response.read(64).strip()
    except (URLError, HTTPException, OSError) as error:
        raise NoAnswer(type(error).__name__) from error
    if answer not in {b"true", b"false"}:
        raise NoAnswer("neither true nor false")
    return answer == b"true"


def check_next() -> int:
    """Ask about one comment that waits for it; returns 1 when there was an answer.

    One at a time: no lock is held while the service thinks, and one that does not answer is left alone for a minute.
    """
    if not settings.AKISMET_KEY:
        return _give_up_all()
    due = Comment.objects.filter(state=Comment.State.WAITING, spam_check=Check.DUE).order_by("spam_tries", "pk")
    comment = due.select_related("thread__statement").first()
    return int(_check(comment)) if comment else 0


def _check(comment: Comment) -> bool:
    address = settings.ORIGIN + comment.thread.statement.get_absolute_url()
    try:
        verdict = is_spam(name=comment.author_name, body=comment.body, permalink=address)
    except NoAnswer as error:
        logger.warning("the spam service gives no answer about comment %s: %s", comment.pk, error)
        _hold(comment)
        return False
    judge(comment=comment, spam=verdict)
    return True


def _hold(comment: Comment) -> None:
    """Count a try that failed; after the last one a moderator decides, and the comment never goes straight in."""
    waiting = Comment.objects.filter(pk=comment.pk, spam_check=Check.DUE)
    waiting.update(spam_tries=F("spam_tries") + 1)
    last = waiting.filter(spam_tries__gte=TRIES)
    last.update(spam_check=Check.FAILED, held_reason="The spam service gave no answer")


def _give_up_all() -> int:
    """The service was switched off meanwhile: what waits for it waits for a moderator."""
    due = Comment.objects.filter(spam_check=Check.DUE)
    return due.update(spam_check=Check.FAILED, held_reason="The spam service was switched off")


@transaction.atomic
def judge(*, comment: Comment, spam: bool) -> Comment:
    """Act on the answer: spam goes there, the rest goes on as the rules said when it was confirmed.

    Changes nothing when a moderator has decided meanwhile.
    """
    thread = moderation.lock(comment)
    comment = Comment.objects.get(pk=comment.pk)
    comment.thread = thread
    if (comment.state, comment.spam_check) != (Comment.State.WAITING, Check.DUE):
        return comment
    if spam:
        return moderation.decide(
            comment,
            to=Comment.State.SPAM,
            of={Comment.State.WAITING},
            by=None,
            what="Marked as spam",
            why="The spam service says so",
            spam_check=Check.SPAM,
        )
    return _let_on(comment)


def _let_on(comment: Comment) -> Comment:
    late = "" if threads.is_open(comment.thread) else "Checked for spam after the thread was closed"
    comment.spam_check, comment.held_reason = Check.CLEAN, comment.held_reason or late
    if not comment.held_reason:
        comment.state, comment.published_at = Comment.State.PUBLISHED, Now()
    comment.save(update_fields=["spam_check", "held_reason", "state", "published_at"])
    comment.refresh_from_db()
    if comment.is_visible:
        threads.recount(comment.thread)
    return comment
