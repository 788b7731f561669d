"""Signatures that wait to be confirmed (submissions/admin.py)."""

from django.contrib import admin

from core.admin import SeenFilter
from petitions.signatures.kind import SignatureKind
from petitions.signatures.models import SignatureSubmission
from submissions.admin import UnansweredAdmin


@admin.register(SignatureSubmission)
class SignatureSubmissionAdmin(UnansweredAdmin):
    """Who was asked to sign and has not answered."""

    kind = SignatureKind
    list_filter = [("statement", SeenFilter)]
    list_select_related = ["statement"]
