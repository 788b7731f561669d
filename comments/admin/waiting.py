"""Comments that wait to be confirmed (submissions/admin.py)."""

from django.contrib import admin

from comments.kind import CommentKind
from comments.models import CommentSubmission
from submissions.admin import UnansweredAdmin


@admin.register(CommentSubmission)
class CommentSubmissionAdmin(UnansweredAdmin):
    """Writers who were asked and have not answered."""

    kind = CommentKind
    list_select_related = ["thread__statement"]
