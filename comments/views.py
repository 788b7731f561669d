"""The thread on a page of its own, writing there, and reporting."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from comments import pages, posting, reporting, rules, threads
from comments.forms import CommentForm, ReportForm
from comments.models import Comment, Thread
from comments.token_views import CommentWaiting
from core import query
from core.http import no_store, public, redirect_303
from core.network import ip_key
from core.speed import memory
from petitions.models import Statement
from petitions.signatures import signing
from petitions.statements.finding import find, keep, with_statement


def shown(statement: Statement) -> threads.Look:
    """The thread under `statement`. Raises Http404 when it is hidden."""
    look = threads.look(statement)
    if look.thread.mode == Thread.Mode.HIDDEN:
        raise Http404
    return look


@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: HttpRequest, slug: str) -> HttpResponse:
    """The whole thread, page by page, or one comment and its answers; POST writes. Its first page is kept."""

    def fresh() -> str:
        return render_to_string("comments/thread.jinja", pages.context(shown(find(slug)), request), request)

    if request.method == "POST" or request.GET:
        return _thread(request, slug=slug)
    return keep(request, slug, "thread", fresh)


@with_statement
def _thread(request: HttpRequest, statement: Statement) -> HttpResponse:
    if request.method == "POST":
        return _post(request, *_lately(statement))
    look = shown(statement)
    found = look.thread
    if "to" in request.GET:
        return _answer_page(request, look, _named(found, query.number(request, "to")))
    asked = query.number(request, "at")
    at = _named(found, asked)
    if at and at.parent and not pages.stands_beside(at):
        return _answer_page(request, look, at, at=at)
    context = pages.context(look, request, at=at and (at.parent or at))
    context["removed"] = at is None and _was_there(found, asked)
    return public(render(request, "comments/thread.jinja", context, status=410 if context["removed"] else 200))


def _named(found: Thread, number: int | None) -> Comment | None:
    """The comment of that number which everybody reads, or of whose place they read, because it was answered."""
    if number is None:
        return None
    placed = Comment.objects.roots().filter(thread=found, pk=number).first()
    return placed or Comment.objects.visible().filter(thread=found, pk=number).select_related("parent").first()


def _was_there(found: Thread, number: int | None) -> bool:
    """Whether the comment of that number was once published; nothing is said of any other."""
    return number is not None and Comment.objects.filter(thread=found, pk=number, published_at__isnull=False).exists()


def _answer_page(
    request: HttpRequest, look: threads.Look, named: Comment | None, *, at: Comment | None = None
) -> HttpResponse:
    """One comment with all its answers, from the answer `at` on, and the form to write another."""
    found, in_force = look.thread, rules.of(look.thread, look.site_rules)
    if named is None:
        raise Http404
    top = named.parent or named
    page = pages.answers_to(top, request, in_force, at)
    form = CommentForm(thread=found, in_force=in_force, initial={"parent": top.pk})
    context = {
        "thread": found,
        "statement": found.statement,
        "state": look.state,
        "rules": in_force,
        "answered": top,
        "comments": [pages.Shown(top, page.rows)],
        "next_url": page.next_url,
        "first_url": page.first_url,
        "form": form,
    }
    response = public(render(request, "comments/answer.jinja", context))
    response["X-Robots-Tag"] = "noindex"
    return response


def _lately(statement: Statement) -> tuple[Thread, rules.InForce]:
    """The thread and its rules, kept for PAGE_FRESH_SECONDS: for posts that the database judges anew anyway."""

    def find_both() -> tuple[Thread, rules.InForce]:
        found = shown(statement)
        return found.thread, rules.of(found.thread, found.site_rules)

    return memory.remember(f"thread.{statement.pk}", settings.PAGE_FRESH_SECONDS, find_both)


def _post(request: HttpRequest, found: Thread, in_force: rules.InForce) -> HttpResponse:
    form = CommentForm(request.POST, thread=found, in_force=in_force)
    if not form.is_valid():
        return _form_page(request, found, form, 422)
    try:
        asked = posting.post(thread=found, ip_key=ip_key(request), **form.typed)
    except posting.ThreadClosed:
        return _form_page(request, found, form, 409)
    except signing.StatementClosed:
        form.refuse_to_sign()
        return _form_page(request, found, form, 422)
    return CommentWaiting.lead(found.statement, email=form.cleaned_data["email"], asked=asked)


def _form_page(request: HttpRequest, found: Thread, form: CommentForm, status: int) -> HttpResponse:
    """The form alone with what was typed; closed is closed, whatever else is wrong."""
    state = threads.state_of(found)[0]
    context = {
        "thread": found,
        "statement": found.statement,
        "state": state,
        "form": form,
        "answered": form.answered,
        "comments": [pages.Shown(form.answered, [])] if form.answered else [],
        "gone": status == 409 and state == "open",
    }
    status = 409 if state != "open" else status
    return no_store(render(request, "comments/write.jinja", context, status=status))


@require_http_methods(["GET", "HEAD", "POST"])
@with_statement
def report(request: HttpRequest, statement: Statement, pk: int) -> HttpResponse:
    """Tell us what is wrong with a comment: a form on GET, a report on POST."""
    if request.GET.get("sent") == "1" and request.method != "POST":
        return no_store(render(request, "comments/report.jinja", {"statement": statement, "sent": True}))
    found = shown(statement).thread
    comment = Comment.objects.visible().filter(thread=found, pk=pk).first() if pk < 2**63 else None
    if comment is None:
        raise Http404
    form = ReportForm(request.POST if request.method == "POST" else None, comment=comment)
    if request.method == "POST" and form.is_valid():
        typed = {name: form.cleaned_data[name] for name in ("reason", "words")}
        reporting.report(comment=comment, ip_key=ip_key(request), **typed)
        return redirect_303(f"{reverse('comment_report', args=[statement.slug, pk])}?sent=1")
    context = {"statement": statement, "comments": [pages.Shown(comment, [])], "form": form, "sent": False}
    return no_store(render(request, "comments/report.jinja", context, status=422 if form.is_bound else 200))
