"""What a statement's place shows of its comments (petitions/admin/place.py)."""

from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from comments.models import Thread
from core.desk import Staff
from petitions.admin import duties
from petitions.admin.place import part, tab
from petitions.models import Statement

SEES = "comments.view_comment"


def _says(user: Staff, statement: Statement) -> str:
    thread = statement.thread
    shown = ngettext("%(number)s on the page, %(mode)s", "%(number)s on the page, %(mode)s", thread.published)
    return shown % {"number": f"{thread.published:,}", "mode": thread.get_mode_display()}


def _rules(statement: Statement) -> str:
    return reverse("admin:comments_thread_change", args=[statement.thread.pk])


tab("comments", gettext_lazy("Comments"), 50, _says)
part("comments", gettext_lazy("To moderate"), address="comments_comment", permission=SEES)
part(
    "comments",
    gettext_lazy("Not confirmed yet"),
    address="comments_commentsubmission",
    permission="comments.view_commentsubmission",
)
part(
    "comments",
    gettext_lazy("Rules, closing"),
    address="comments_thread",
    permission="comments.view_thread",
    find=_rules,
)
duties.duty(
    gettext_lazy("Moderates comments"),
    permission="comments.change_comment",
    nobody=gettext_lazy("Nobody moderates comments here."),
    matters=lambda statement: statement.thread.mode == Thread.Mode.OPEN,
)
