"""What the links in a writer's mail lead to: the waiting page, the page with one button, and their own comment."""

from django.db.models import F
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from comments import digest, pages, posting, threads
from comments.models import Comment
from core import verification
from core.http import no_store
from core.inbox import inbox_of
from core.models import OutgoingEmail
from petitions.forms import CodeForm
from petitions.models import Statement
from petitions.pages import with_statement
from petitions.sign_views import RESEND_SECONDS, redirect_303

WAITING = "comment-waiting"


def wait(statement: Statement, email: str, receipt: posting.Receipt, resent: bool = False) -> HttpResponse:
    """Lead to the waiting page of one submission."""
    k = verification.seal(WAITING, {"s": statement.pk, "m": receipt.mail_id, "e": email})
    address = reverse("comment_check_email", args=[statement.slug])
    return redirect_303(f"{address}?k={k}{'&resent=1' if resent else ''}")


@require_http_methods(["GET", "HEAD", "POST"])
@with_statement
def check_email(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The page that waits for the mail. It shows the address it was given, and nothing that others could learn from."""
    k = request.POST.get("k", "") or request.GET.get("k", "")
    try:
        waiting = verification.unseal(WAITING, k)
    except verification.BadToken:
        return verification.unknown(request)
    if waiting["s"] != statement.pk:
        return verification.unknown(request)
    sent = OutgoingEmail.objects.filter(pk=waiting["m"]).annotate(age=Now() - F("created_at")).first()
    if request.method == "POST":
        return _act_while_waiting(request, statement, waiting, k, sent)
    if request.headers.get("Accept") == "application/json":
        return _poll(sent)
    return _waiting_page(request, statement, waiting, k)


def _comment_of(sent: OutgoingEmail | None) -> Comment | None:
    """The comment that this submission was about, while its mail is remembered."""
    return Comment.objects.filter(pk=sent.context["comment"]).first() if sent else None


def _act_while_waiting(
    request: HttpRequest, statement: Statement, waiting: dict, k: str, sent: OutgoingEmail | None
) -> HttpResponse:
    comment = _comment_of(sent)
    if request.POST.get("action") == "resend":
        if sent is None or comment is None or sent.age.total_seconds() < RESEND_SECONDS:
            return _waiting_page(request, statement, waiting, k)
        return wait(statement, waiting["e"], posting.send_again(comment=comment, email=waiting["e"]), resent=True)
    form = CodeForm(request.POST)
    if form.is_valid():
        code = form.cleaned_data["code"]
        done = comment and posting.confirm_by_code(comment_id=comment.pk, typed=code)
        if done:
            return redirect_303(_own_page(done.pk))
        form.add_error("code", "That code isn't right. Check the newest email, or press the link in it instead.")
    return _waiting_page(request, statement, waiting, k, form, 422)


def _waiting_page(
    request: HttpRequest, statement: Statement, waiting: dict, k: str, form: CodeForm | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "statement": statement,
        "address": waiting["e"],
        "inbox": inbox_of(waiting["e"]),
        "k": k,
        "code_form": form or CodeForm(),
        "resent": request.GET.get("resent") == "1",
        "too_soon": request.POST.get("action") == "resend",
    }
    return no_store(render(request, "comments/check_email.html", context, status=status))


def _poll(sent: OutgoingEmail | None) -> HttpResponse:
    """Whether the link was pressed elsewhere since this page was opened; it tells nothing of the time before."""
    comment = _comment_of(sent)
    done = comment and posting.confirmed_since(comment_id=comment.pk, since=sent.created_at)
    return no_store(JsonResponse({"next": _own_page(comment.pk) if done else None}))


def _own_page(comment_id: int) -> str:
    return reverse("manage", args=[verification.make_token(posting.MANAGE, comment_id)])


def _comment(ids: tuple[int, ...]) -> Comment | None:
    return Comment.objects.select_related("thread__statement").filter(pk=ids[0]).first()


@verification.answers(posting.CONFIRM)
def confirm(request: HttpRequest, token: str, ids: tuple[int, ...]) -> HttpResponse:
    """The page behind the link in the mail: opening it changes nothing, pressing its button posts the comment."""
    comment = _comment(ids)
    if comment is None:
        return verification.unknown(request)
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
        "shown": pages.Shown(comment, []),
        "statement": statement,
        "state": state,
        "late": state == "ready" and not threads.is_open(comment.thread),
        "signs_too": comment.also_sign and statement.is_open and statement.takes_people,
        "own_url": _own_page(comment.pk),
    }
    status = 409 if request.method == "POST" and state in {"closed", "gone"} else 200
    return render(request, "comments/confirm.html", context, status=status)


@verification.answers(posting.MANAGE)
def manage(request: HttpRequest, token: str, ids: tuple[int, ...]) -> HttpResponse:
    """A writer's own comment, wherever it stands, and the button that takes it back."""
    comment = _comment(ids)
    if request.method == "POST" and comment and request.POST.get("action") == "take_back":
        posting.take_back(comment_id=comment.pk)
        return render(request, "comments/manage.html", {"statement": comment.thread.statement, "gone": True})
    if comment is None or not comment.body:
        return verification.unknown(request)
    context = {
        "comment": comment,
        "shown": pages.Shown(comment, []),
        "statement": comment.thread.statement,
        "closed": not threads.is_open(comment.thread),
    }
    return render(request, "comments/manage.html", context)


@verification.answers(digest.MANAGE)
def moderator_mail(request: HttpRequest, token: str, ids: tuple[int, ...]) -> HttpResponse:
    """The page behind the last line of a moderators' digest: one button, and no more of it."""
    if request.method == "POST":
        digest.stop(user_id=ids[0])
    return render(request, "comments/moderator_mail.html", {"wanted": digest.wants(ids[0])})
