"""What the links in a writer's mail lead to: the waiting page, the page with one button, and their own comment."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from comments import digest, pages, posting, threads
from comments.models import Comment
from core import tokens
from core.http import redirect_303
from petitions.models import Statement
from petitions.statements.finding import with_statement
from submissions.waiting import WaitingPage


class CommentWaiting(WaitingPage):
    """What waits for a writer's mail."""

    purpose, url_name, template = "comment-waiting", "comment_check_email", "comments/check_email.html"

    @property
    def comment(self) -> Comment | None:
        """What this submission was about, while its mail is remembered."""
        return Comment.objects.filter(pk=self.asked.context["comment"]).first() if self.asked else None

    def next_for_code(self, typed: str) -> str | None:
        comment = self.comment
        done = comment and posting.confirm_by_code(comment_id=comment.pk, typed=typed)
        return _own_page(done.pk) if done else None

    def next_since(self, asked_at: datetime) -> str | None:
        comment = self.comment
        done = comment and posting.confirmed_since(comment_id=comment.pk, since=asked_at)
        return _own_page(comment.pk) if done else None

    def send_again(self) -> HttpResponse | None:
        comment = self.comment
        if comment is None:
            return None
        receipt = posting.send_again(comment=comment, email=self.email)
        return self.lead(self.subject, email=self.email, mail_id=receipt.mail_id, resent=True)


@require_http_methods(["GET", "HEAD", "POST"])
@with_statement
def check_email(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The page that waits for the mail."""
    return CommentWaiting.answer(request, statement)


def _own_page(comment_id: int) -> str:
    return reverse("manage", args=[tokens.make_token(posting.MANAGE, comment_id)])


def _comment(ids: tuple[int, ...]) -> Comment | None:
    return Comment.objects.select_related("thread__statement").filter(pk=ids[0]).first()


@tokens.answers(posting.CONFIRM)
def confirm(request: HttpRequest, token: str, ids: tuple[int, ...]) -> HttpResponse:
    """The page behind the link in the mail: opening it changes nothing, pressing its button posts the comment."""
    comment = _comment(ids)
    if comment is None:
        return tokens.unknown(request)
    if request.method == "POST":
        return _confirm_post(request, comment)
    return _confirm_page(request, comment, posting.standing(comment.pk))


def _confirm_post(request: HttpRequest, comment: Comment) -> HttpResponse:
    action = request.POST.get("action", "confirm")
    if action == "never":
        posting.disown(comment_id=comment.pk)
        return _confirm_page(request, comment, "disowned")
    if action == "renew":
        return _renew(request, comment)
    try:
        posting.confirm(comment_id=comment.pk)
    except posting.NotConfirmed as refusal:
        return _confirm_page(request, comment, refusal.state)
    return redirect_303(_own_page(comment.pk))


def _renew(request: HttpRequest, comment: Comment) -> HttpResponse:
    try:
        posting.renew(comment_id=comment.pk)
    except posting.ThreadClosed:
        return _confirm_page(request, comment, "closed")
    return _confirm_page(request, comment, "renewed")


def _confirm_page(request: HttpRequest, comment: Comment, state: str) -> HttpResponse:
    statement = comment.thread.statement
    context = {
        "comment": comment,
        "comments": [pages.Shown(comment, [])],
        "statement": statement,
        "state": state,
        "late": state == "ready" and not threads.is_open(comment.thread),
        "signs_too": comment.also_sign and statement.is_open and statement.takes_people,
        "own_url": _own_page(comment.pk),
    }
    status = 409 if request.method == "POST" and state in {"closed", "gone"} else 200
    return render(request, "comments/confirm.html", context, status=status)


@tokens.answers(posting.MANAGE)
def manage(request: HttpRequest, token: str, ids: tuple[int, ...]) -> HttpResponse:
    """A writer's own comment, wherever it stands, and the button that takes it back."""
    comment = _comment(ids)
    if request.method == "POST" and comment and request.POST.get("action") == "take_back":
        posting.take_back(comment_id=comment.pk)
        return render(request, "comments/manage.html", {"statement": comment.thread.statement, "gone": True})
    if comment is None or not comment.body:
        return tokens.unknown(request)
    context = {
        "comment": comment,
        "comments": [pages.Shown(comment, [])],
        "statement": comment.thread.statement,
        "closed": not threads.is_open(comment.thread),
    }
    return render(request, "comments/manage.html", context)


@tokens.answers(digest.MANAGE)
def moderator_mail(request: HttpRequest, token: str, ids: tuple[int, ...]) -> HttpResponse:
    """The page behind the last line of a moderators' digest: one button, and no more of it."""
    if request.method == "POST":
        digest.stop(user_id=ids[0])
    return render(request, "comments/moderator_mail.html", {"wanted": digest.wants(ids[0])})
