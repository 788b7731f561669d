"""Endorsements that wait to be confirmed (submissions/admin.py)."""

from django.contrib import admin

from core.admin import SeenFilter
from organisations.kind import EndorsementKind
from organisations.models import EndorsementSubmission
from submissions.admin import UnansweredAdmin


@admin.register(EndorsementSubmission)
class EndorsementSubmissionAdmin(UnansweredAdmin):
    """Representatives who were asked and have not answered."""

    kind = EndorsementKind
    list_filter = [("statement", SeenFilter)]
    list_select_related = ["statement"]
