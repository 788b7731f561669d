"""The page that waits for a writer's mail, and what later mails lead to: a writer's own comment."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from comments import digest, pages, posting, threads
from comments.models import Comment
from core import tokens
from petitions.models import Statement
from petitions.statements.finding import with_statement
from submissions import own_links
from submissions.waiting import WaitingPage


class CommentWaiting(WaitingPage):
    """What waits for a writer's mail."""

    kind_name, purpose, url_name = posting.KIND, "commenting-waiting", "comment_check_email"
    template = "comments/check_email.jinja"

    def change_url(self) -> str:
        return f"{reverse('comments', args=[self.subject.slug])}#say"


@require_http_methods(["GET", "HEAD", "POST"])
@with_statement
def check_email(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The page that waits for the mail."""
    return CommentWaiting.answer(request, statement)


@tokens.answers(posting.MANAGE)
def manage(request: HttpRequest, token: str, ids: tuple[int, ...]) -> HttpResponse:
    """A writer's own comment, wherever it stands, and the button that takes it back.

    Whoever may only have typed the address (a second id of 0 says so) is thanked, and reads and changes nothing.
    """
    comment = Comment.objects.select_related("thread__statement").filter(pk=ids[0]).first()
    if comment is None or not comment.body:
        return tokens.unknown(request)
    waits = ids[1:] == (0,)
    if not waits and not own_links.is_newest(comment, ids):
        return tokens.replaced(request)
    done = "" if waits or request.method != "POST" else _press(comment, request.POST.get("action", ""))
    comment.refresh_from_db()
    is_gone = not waits and comment.withdrawn_at is not None
    context = {
        "statement": comment.thread.statement,
        "thanks": waits,
        "done": done,
        "gone": is_gone,
        "minutes": settings.WITHDRAWN_MINUTES,
    }
    if not waits and not is_gone:
        shown = [pages.Shown(comment, [])]
        context |= {"comment": comment, "comments": shown, "closed": not threads.is_open(comment.thread)}
    return render(request, "comments/manage.jinja", context)


def _press(comment: Comment, action: str) -> str:
    """Which button was pressed, once what it says is done."""
    if verb := {"withdraw": posting.withdraw, "put_back": posting.put_back}.get(action):
        verb(comment_id=comment.pk)
        return action
    is_done = action == "new_link" and posting.renew_link(comment_id=comment.pk, link_number=comment.link_number)
    return action if is_done else ""


@tokens.answers(digest.MANAGE)
def moderator_mail(request: HttpRequest, token: str, ids: tuple[int, ...]) -> HttpResponse:
    """The page behind the last line of a moderators' digest: one button, and no more of it."""
    if request.method == "POST":
        digest.stop(user_id=ids[0])
    return render(request, "comments/moderator_mail.jinja", {"wanted": digest.wants(ids[0])})
