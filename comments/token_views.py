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

    Whoever may only have typed the address (a second id says so) is thanked, and reads and changes nothing.
    """
    pk, *waits = ids
    comment = Comment.objects.select_related("thread__statement").filter(pk=pk).first()
    if comment is None or not comment.body:
        return tokens.unknown(request)
    context = {"statement": comment.thread.statement, "thanks": bool(waits), "minutes": settings.WITHDRAWN_MINUTES}
    if not waits and request.method == "POST":
        if request.POST.get("action") == "withdraw":
            posting.withdraw(comment_id=comment.pk)
        elif request.POST.get("action") == "put_back":
            posting.put_back(comment_id=comment.pk)
        comment.refresh_from_db()
    context["gone"] = not waits and comment.withdrawn_at is not None
    if not waits and not context["gone"]:
        shown = [pages.Shown(comment, [])]
        context |= {"comment": comment, "comments": shown, "closed": not threads.is_open(comment.thread)}
    return render(request, "comments/manage.jinja", context)


@tokens.answers(digest.MANAGE)
def moderator_mail(request: HttpRequest, token: str, ids: tuple[int, ...]) -> HttpResponse:
    """The page behind the last line of a moderators' digest: one button, and no more of it."""
    if request.method == "POST":
        digest.stop(user_id=ids[0])
    return render(request, "comments/moderator_mail.jinja", {"wanted": digest.wants(ids[0])})
