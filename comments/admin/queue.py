"""The queue of comments: read, decide, undo. Conventions are those that moderators know from WordPress."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from comments import moderation, pages, reporting, voices
from comments.admin.filters import SaidAlikeFilter, TabFilter
from comments.admin.forms import DeclineForm, EditForm, PreferenceForm, ReplyForm
from comments.models import Comment, Preference, Report, Thread
from core import desk
from core.addresses import mailbox_key
from core.admin import BigTableAdmin, CannotUndo, Decided, Key, OwnRecord, QueueMixin, decision
from core.admin.decisions import FEW
from core.admin.filters import is_number
from core.staff_request import staff
from petitions.models import Signature

State = Comment.State


def _verb(verb: Callable[..., Comment]) -> Callable[..., Comment]:
    return lambda row, by: verb(comment=row, by=by)


ACTIONS = [
    decision(
        name,
        label,
        permission="decide",
        made_of=OwnRecord,
        consequence=consequence,
        done=done,
        act=_verb(verb),
        refuses=moderation.ModerationError,
        keep=lambda row: row.pk,
        few=FEW,
    )
    for name, label, done, consequence, verb in [
        (
            "approve",
            _("Approve"),
            _("approved"),
            _("Everybody can read them. Writers are told the first time."),
            moderation.approve,
        ),
        (
            "unapprove",
            _("Unapprove"),
            _("unapproved"),
            _("They leave the page and wait again."),
            moderation.unapprove,
        ),
        (
            "spam",
            _("Mark as spam"),
            _("marked as spam"),
            _("Their mailboxes are trusted no more."),
            moderation.spam,
        ),
        (
            "bin",
            _("Move to the bin"),
            _("moved to the bin"),
            _("Nobody reads them. The bin is emptied by itself."),
            moderation.bin,
        ),
    ]
]

# What one press does, and what is said when it has.
AT_ONCE: dict[str, tuple[Callable[..., Comment], Promise]] = {
    "approve": (moderation.approve, _("Approved.")),
    "unapprove": (moderation.unapprove, _("Unapproved: it waits again.")),
    "spam": (moderation.spam, _("Marked as spam.")),
    "bin": (moderation.bin, _("Moved to the bin.")),
    "keep": (reporting.keep, _("Kept. The reports are settled.")),
    "choose": (voices.choose, _("Chosen. It stands near the form.")),
    "leave_out": (voices.leave_out, _("It stands in the thread alone.")),
}
KEPT = "kept"
# What opens a page first: form, verb, permission, words.
WITH_FORM: dict[str, tuple[Callable[..., forms.Form], Callable[..., Comment], str, Promise, Promise]] = {
    "reply": (
        ReplyForm,
        moderation.reply,
        "comments.add_comment",
        _("Answer"),
        _("Answered as the organiser."),
    ),
    "edit": (
        EditForm,
        moderation.edit,
        "comments.change_comment",
        _("Quick edit"),
        _("Edited. Readers see that a moderator did."),
    ),
    "decline": (
        DeclineForm,
        moderation.decline,
        "comments.change_comment",
        _("Decline with a reason"),
        _("Declined."),
    ),
}


KEYS = [
    Key("a", _("Approve"), action="approve"),
    Key("u", _("Unapprove"), action="unapprove"),
    Key("s", _("Mark as spam"), action="spam"),
    Key("d", _("Move to the bin"), action="bin"),
    Key("r", _("Answer, and approve if it waits")),
    Key("q", _("Quick edit")),
]


def _undo(comment: Comment, was: Any, by: Any) -> None:
    """`was` is KEPT and since when it had been hidden, where its reports were settled."""
    if not isinstance(was, list):
        moderation.undo(comment=comment, by=by)
        return
    _, hidden_at = was
    reporting.look_again(comment=comment, hidden_at=hidden_at and datetime.fromisoformat(hidden_at), by=by)


@admin.register(Comment)
class CommentAdmin(QueueMixin, BigTableAdmin):
    """Comments, as cards with buttons; they read on a phone as on a desk."""

    is_about_people = True
    list_display = ["author_name", "state"]
    list_filter = [TabFilter, SaidAlikeFilter]
    list_per_page = 25
    list_select_related = ["thread__statement", "parent", "decided_by"]
    search_fields = ["author_name", "body"]
    search_help_text = _("The whole address, or part of the name or the words.")
    change_list_template = "admin/comments/comment/change_list.html"
    change_form_template = "admin/comments/comment/change_form.html"
    actions = ACTIONS
    keys = KEYS
    fields = [
        "thread", "parent", "author_name", "author_email", "body", "state", "source", "held_reason", "created_at",
        "confirmed_at", "published_at", "edited_at", "decided_by", "decided_at", "decided_reason", "spam_check",
    ]  # fmt: skip

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Whether this person may approve, unapprove, bin and mark as spam."""
        return request.user.has_perm("comments.change_comment")

    def has_reply_permission(self, request: HttpRequest) -> bool:
        """Whether this person may answer as the organiser."""
        return request.user.has_perm("comments.add_comment")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        unsettled = Prefetch("reports", Report.objects.filter(looked_at=None), to_attr="open_reports")
        signed = Signature.objects.confirmed().filter(
            statement=OuterRef("thread__statement"), mailbox_key=OuterRef("mailbox_key")
        )
        return super().get_queryset(request).annotate(signed=Exists(signed)).prefetch_related(unsettled)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        term = search_term.strip()
        if "@" in term:
            return queryset.filter(mailbox_key=mailbox_key(term)), False
        return super().get_search_results(request, queryset, term)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The tabs and the cards."""
        extra = {
            "tabs": self._tabs(request),
            "can_decide": self.has_decide_permission(request),
            "can_reply": self.has_reply_permission(request),
            "back": request.GET.urlencode(),
            "title": "Comments",
        }
        response = super().changelist_view(request, {**extra, **(extra_context or {})})
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            found = response.context_data["cl"].result_list
            response.context_data["cards"] = [pages.Shown(comment, []) for comment in found]
        return response

    def _tabs(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Label and query of each tab; only the short ones are counted."""
        under = request.GET.get(desk.OF, "")

        def mine(rows: QuerySet) -> QuerySet:
            seen = desk.seen_by(request.user, rows)
            return desk.belonging(seen, int(under)) if is_number(under) else seen

        few = mine(Comment.objects.exclude(state=State.PUBLISHED))
        counts = few.aggregate(
            waiting=Count("pk", filter=Q(state=State.WAITING)),
            spam=Count("pk", filter=Q(state=State.SPAM)),
            binned=Count("pk", filter=Q(state=State.BINNED)),
        )
        counts["reported"] = mine(Comment.objects.reported()).count()
        counts["published"] = mine(Thread.objects.all()).aggregate(n=Sum("published"))["n"] or 0
        chosen = request.GET.get("state", "all" if request.GET.get("like") else "waiting")
        kept = {desk.OF: under} if under else {}
        return [
            {
                "query": urlencode({"state": value, **kept}),
                "label": label,
                "count": counts.get(value),
                "is_here": value == chosen,
            }
            for value, label in TabFilter.TABS
        ]

    def get_urls(self) -> list[URLPattern]:
        def named(name: str, view: Callable[..., HttpResponse]) -> URLPattern:
            route = f"<int:pk>/{name}/"
            return path(route, self.admin_site.admin_view(view), name=f"comments_comment_{name}")

        own = [named(name, require_POST(partial(self.decide, name=name))) for name in AT_ONCE]
        read_or_post = require_http_methods(["GET", "HEAD", "POST"])
        own += [named(name, read_or_post(partial(self.act, name=name))) for name in WITH_FORM]
        mine = self.admin_site.admin_view(read_or_post(self.preferences))
        return [*own, path("preferences/", mine, name="comments_comment_preferences"), *super().get_urls()]

    def decide(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """One press of a button on a card."""
        verb, words = AT_ONCE[name]
        comment = self._find(request, pk, "comments.change_comment")
        if meanwhile := self.decided_meanwhile(request, [comment]):
            return self.ask_first(request, comment, words, meanwhile)
        was = [KEPT, comment.hidden_at and comment.hidden_at.isoformat()] if name == "keep" else None
        if self._try(request, partial(verb, comment=comment, by=staff(request).user)):
            self._done(request, words, [Decided(comment.pk, was)])
        return self._back(request)

    def act(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """A decision that needs words: ask on GET, act on POST."""
        form_class, verb, permission, label, done = WITH_FORM[name]
        comment = self._find(request, pk, permission)
        form = form_class(request.POST if request.method == "POST" else None, comment=comment)
        if form.is_valid():
            if self._try(request, partial(verb, comment=comment, by=staff(request).user, **form.cleaned_data)):
                self._done(request, done, [Decided(comment.pk)] if name == "decline" else [])
            return self._back(request)
        return self._page(request, "act", title=label, shown=pages.Shown(comment, []), form=form, comment=comment)

    def _done(self, request: HttpRequest, words: Promise, decided: list[Decided]) -> None:
        self.remember(request, decided)
        self.say_done(request, str(words), request.GET.get("back", ""))

    def undo_decision(self, row: Comment, decided: Decided, *, by: Any) -> str:
        """Undo this moderator's last decision, unless a colleague has decided since."""
        if row.decided_by != by:
            raise CannotUndo
        try:
            _undo(row, decided.was, by)
        except moderation.ModerationError as error:
            raise CannotUndo from error
        return ""

    def preferences(self, request: HttpRequest) -> HttpResponse:
        """Mail and keys, for oneself."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        person = staff(request).user
        mine = Preference.objects.filter(user=person).first() or Preference(user=person)
        form = PreferenceForm(request.POST if request.method == "POST" else None, instance=mine)
        if form.is_valid():
            form.save()
            self.message_user(request, gettext("Kept."), messages.SUCCESS)
            return self._back(request)
        return self._page(request, "preferences", title=gettext("My settings"), form=form)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """One comment with all its details, and the buttons."""
        comment = self.get_object(request, object_id)
        extra = {
            "shown": comment and pages.Shown(comment, []),
            "can_decide": self.has_decide_permission(request),
            "can_reply": self.has_reply_permission(request),
            "back": "",
        }
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})

    def _find(self, request: HttpRequest, pk: int, permission: str) -> Comment:
        if not (self.has_view_permission(request) and request.user.has_perm(permission)):
            raise PermissionDenied
        comment = self.get_queryset(request).select_related("thread__statement", "parent").filter(pk=pk).first()
        if comment is None:
            raise Http404
        return comment

    def _try(self, request: HttpRequest, verb: Callable[[], Any]) -> bool:
        try:
            verb()
        except moderation.ModerationError as error:
            self.message_user(request, str(error), messages.ERROR)
            return False
        return True

    def _back(self, request: HttpRequest) -> HttpResponse:
        return self.after_undo(request, [])

    def _page(self, request: HttpRequest, name: str, *, form: forms.BaseForm, **context: Any) -> TemplateResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "back": request.GET.get("back", "")}
        shared |= self.surroundings(request, context.get("comment"))
        template = f"admin/comments/comment/{name}.html"
        return TemplateResponse(request, template, {**shared, "form": form, **context})
