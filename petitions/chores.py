"""Chores for signatures, and for who comes to events. All times are the database's."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from core import retention
from core.chores import chore
from petitions.actions import attending
from petitions.actions import retention as events_over
from petitions.actions.models import Attendance, AttendanceSubmission
from petitions.news import results, updates
from petitions.signatures import (
    ceilings,
    listing,
    notices,
    paper,
    places,
    proof,
    reaffirming,
    rules,
    statistics,
    staying,
    sums,
)
from petitions.signatures.forgetting import EMPTIED, EMPTIED_WHILE_OPEN
from petitions.signatures.models import SheetLine, Signature
from petitions.signatures.retention import (
    anonymise,
    anonymise_old,
    delete_withdrawn,
    forget_decisions,
    forget_removed,
)
from petitions.statements.team import Invitation
from submissions.models import Decision

chore("queue update mail")(updates.queue_batch)
chore("sum up mailings", every=timedelta(minutes=10))(results.sum_up)
chore("run rules")(rules.run_batch)
chore("learn mail domains", every=timedelta(hours=1))(ceilings.learn)
chore("watch ceilings")(ceilings.watch)
chore("ask who stands by a correction")(reaffirming.queue_batch)
chore("tell of the privacy notice")(notices.queue_batch)
chore("put names in order")(listing.put_in_order)
chore("count signatures by the hour")(statistics.roll_up)
chore("count signatures anew")(sums.count_next)
chore("count signatures by place")(places.count_next)
chore("prove the count", every=timedelta(minutes=10))(proof.prove_next)

chore("ask whether names may stay", every=timedelta(hours=6))(staying.ask)

chore("remind who comes", every=timedelta(minutes=5))(attending.remind)

CLOSED = "ANONYMISE_AFTER_CLOSING_DAYS"
# Three clocks for the same columns; whatever ends first empties them.
retention.step("anonymise signatures", Signature, empties=EMPTIED, follows=CLOSED)(anonymise)
# Reads all old rows; a day's delay does not matter.
retention.step(
    "anonymise old signatures", Signature, empties=EMPTIED_WHILE_OPEN, follows="LONGEST_DAYS", every=timedelta(hours=6)
)(anonymise_old)
retention.step("forget removed signatures", Signature, empties=EMPTIED, follows="REMOVED_DAYS")(forget_removed)
retention.step("delete withdrawn signatures", Signature)(delete_withdrawn)
retention.step("forget decisions about signers", Decision, follows=CLOSED)(forget_decisions)
retention.step("forget names on paper", SheetLine, empties="name postcode", follows=CLOSED)(paper.forget)

retention.step("delete who took it back that they come", Attendance)(events_over.delete_withdrawn)
for model, where in ((Attendance, events_over.forget), (AttendanceSubmission, events_over.forget_asked)):
    retention.step("forget who came to events", model, every=timedelta(hours=1), follows="ATTENDANCE_DAYS")(where)
retention.deletes(
    "delete invitations",
    Invitation,
    lambda: Q(created_at__lt=Now() - timedelta(days=settings.INVITATION_KEPT_DAYS)),
    follows="INVITATION_KEPT_DAYS",
)

# With the key that made it (core/retention.py).
forget_networks = retention.empties(
    "forget networks",
    Signature,
    lambda: ~Q(ip_key="") & Q(created_at__lt=Now() - timedelta(days=settings.IP_KEY_DAYS)),
    follows="IP_KEY_DAYS",
    ip_key="",
)
