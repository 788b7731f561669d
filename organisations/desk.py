"""What waits for a moderator here, and to which statement it belongs (core/desk.py)."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core import desk, roles
from mail.desk import mail_about
from organisations.models import Endorsement, EndorsementSubmission, Motion
from petitions.models import Statement

desk.belongs(Endorsement, "statement")
desk.belongs(Motion, "statement")
desk.belongs(EndorsementSubmission, "statement")
mail_about(EndorsementSubmission, "endorsement_confirm", "endorsement_reminder", key="submission")
mail_about(
    Endorsement, "endorsement_received", "endorsement_listed", "endorsement_declined", "endorsement_question",
    "endorsement_undecided", "endorsement_own_link", key="endorsement",
)  # fmt: skip
mail_about(Statement, "endorsement_meeting", key="statement", path="pk")

LOOK = "view_organisation view_endorsement view_endorsementsubmission view_motion"
roles.grant(roles.CAMPAIGNER, "organisations", f"{LOOK} change_endorsement add_motion change_motion")
roles.grant(roles.MODERATOR, "organisations", f"{LOOK} change_organisation change_endorsement")
roles.grant(roles.AUDITOR, "organisations", LOOK)


@desk.tile(
    _("Organisations waiting"),
    address="organisations_endorsement",
    permission="organisations.view_endorsement",
    since="confirmed_at",
    green=timedelta(days=2),
    amber=timedelta(days=4),
)
def waiting() -> QuerySet:
    """New endorsements, and listed ones whose details were changed."""
    return Endorsement.objects.to_check()
