"""The desk's queues for statements, assignments, and the numbers on the home page (core/desk.py)."""

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core import desk, roles, switches
from core.desk import Staff
from mail.desk import mail_about
from petitions.actions.models import Attendance, AttendanceSubmission, CallToAction, Event
from petitions.news.models import SavedText, Update
from petitions.signatures import ceilings, statistics
from petitions.signatures.models import Meeting, Rule, Sheet, Signature, SignatureSubmission, SignedPlace
from petitions.statements.joint import Copublisher
from petitions.statements.models import ClockTimestamp, Statement
from petitions.statements.team import Assignment
from publishers import describing, staffing
from publishers.models import Publisher

for model in (
    Assignment,
    CallToAction,
    Event,
    Meeting,
    Rule,
    SavedText,
    Sheet,
    Signature,
    SignatureSubmission,
    SignedPlace,
    Update,
):
    desk.belongs(model, "statement")
desk.belongs(Attendance, "event__statement")
desk.belongs(AttendanceSubmission, "event__statement")
desk.belongs(Statement, "pk")
mail_about(AttendanceSubmission, "attendance_confirm", "attendance_reminder", key="submission", path="event__statement")
mail_about(
    Attendance,
    "attendance_receipt",
    "attendance_room",
    "attendance_changed",
    "attendance_tomorrow",
    "attendance_own_link",
    key="attendance",
    path="event__statement",
)
mail_about(SignatureSubmission, "signature_confirm", "signature_reminder", key="submission")
mail_about(
    Signature,
    "signature_receipt",
    "signature_held",
    "signature_released",
    "signature_own_link",
    "signature_stay",
    "signature_reaffirm",
    "notice_changed",
    key="signature",
)
mail_about(Update, "update", key="update")

LOOK = (
    "view_statement view_version view_signature view_signaturesubmission view_event view_update view_meeting view_sheet"
    " view_savedtext"
)
EDIT = " ".join(
    f"{verb}_{noun}" for noun in ("event", "update", "meeting", "savedtext") for verb in ("add", "change", "delete")
)
roles.grant(
    roles.CAMPAIGNER,
    "petitions",
    f"{LOOK} {EDIT} add_statement change_statement delete_statement publish_statement correct_statement hide_statement"
    " export_signatures add_sheet delete_sheet view_assignment send_mailing"
    " invite_staff view_attendance delete_attendance view_attendancesubmission",
)
roles.grant(
    roles.MODERATOR, "petitions", f"{LOOK} hide_statement change_signature view_rule add_rule change_rule add_meeting"
)
roles.grant(roles.AUDITOR, "petitions", f"{LOOK} view_every_statement view_rule view_assignment")
roles.grant(roles.MODERATOR, "mail", "view_outgoingemail change_outgoingemail")
roles.grant(roles.AUDITOR, "core", "view_auditentry view_switch")
roles.grant(roles.AUDITOR, "mail", "view_outgoingemail")


@desk.limit
def assigned(user: Staff) -> QuerySet | None:
    """The statements that a person looks after, or None if they see all.

    Where several publish, who reads everything reads it of the publishers that they work for (publishers/staffing.py).
    """
    mine = Assignment.objects.filter(user=user.pk).values("statement")
    if staffing.administers_site(user):
        return None
    if not staffing.are_several():
        return None if user.has_perm("petitions.view_every_statement") else mine
    whole = staffing.seen_whole_by(user).values("pk")
    return Statement.objects.filter(Q(pk__in=mine) | Q(publisher__in=whole)).values("pk")


@switches.on_change
def drop_pages() -> None:
    """Every kept page is rendered anew; a switch is turned seldom, and then at once."""
    Statement.objects.update(changed_at=ClockTimestamp())


@describing.on_change
def drop_pages_of(publisher: Publisher) -> None:
    """Its name and look are on every page of its statements."""
    own = Q(publisher=publisher) | Q(joint_with__contains=[publisher.pk])
    Statement.objects.filter(own).update(changed_at=ClockTimestamp())


@desk.tile(
    _("Held for review"),
    address="petitions_signature",
    query="?state__exact=held",
    permission="petitions.view_signature",
    since="confirmed_at",
)
def held() -> QuerySet:
    """Confirmed, but not counted until a moderator has looked."""
    return Signature.objects.filter(state=Signature.State.HELD)


@desk.tile(
    _("Too many at once, held"),
    address="petitions_signature",
    query="?state__exact=held&ceiling=1",
    permission="petitions.view_signature",
    since="confirmed_at",
    green=timedelta(0),
    amber=timedelta(0),
)
def held_by_a_ceiling() -> QuerySet:
    """Signatures that came too fast from mail domains new here; red from the first one."""
    return ceilings.held(Signature.objects.all())


@desk.panel("admin/desk/floods.html", permission="petitions.view_signature")
def floods(user: Staff) -> dict[str, Any]:
    """By domain, each with the rule that would remove it, for who may start one."""
    found = ceilings.floods(desk.seen_by(user, Signature.objects.all()))
    return {"floods": found, "can_rule": user.has_perm("petitions.add_rule")}


SHOWN = 8


@desk.panel("admin/desk/statements.html", permission="petitions.view_statement")
def statements(user: Staff) -> dict[str, Any]:
    """The newest statements that are out, each with today's signatures and a plot."""
    public = desk.seen_by(user, Statement.objects.public())
    return {"plots": statistics.plots(list(public.order_by("-published_at")[:SHOWN])), "more": public.count() > SHOWN}


@desk.panel("admin/desk/joint.html", permission="petitions.view_statement")
def joint(user: Staff) -> dict[str, Any]:
    """For who administers a publisher beside others: what they were asked to publish together."""
    if not staffing.are_several():
        return {}
    mine = staffing.administered_by(user)
    waiting = Copublisher.objects.invited().filter(publisher__in=mine.values("pk")).count()
    return {"waiting": waiting, "is_shown": mine.exists()}
