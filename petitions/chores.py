"""What happens to signatures by the clock alone. All times are the database's."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from core import retention
from core.chores import chore
from petitions.news import updates
from petitions.signatures import ceilings, paper, places, rules, statistics
from petitions.signatures.models import SheetLine, Signature
from petitions.signatures.retention import EMPTIED, anonymise, forget_decisions
from petitions.statements.models import Invitation
from submissions.models import Decision

chore("queue update mail")(updates.queue_batch)
chore("run rules")(rules.run_batch)
chore("learn mail domains", every=timedelta(hours=1))(ceilings.learn)
chore("watch ceilings")(ceilings.watch)
chore("count signatures by the hour")(statistics.roll_up)
chore("count signatures by place")(places.count_next)

CLOSED = "ANONYMISE_AFTER_CLOSING_DAYS"
retention.step("anonymise signatures", Signature, empties=EMPTIED, follows=CLOSED)(anonymise)
retention.step("forget decisions about signers", Decision, follows=CLOSED)(forget_decisions)
retention.step("forget names on paper", SheetLine, empties="name postcode", follows=CLOSED)(paper.forget)

delete_invitations = retention.deletes(
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

# Which is how long its owner may think better of it.
delete_withdrawn = retention.deletes(
    "delete withdrawn signatures",
    Signature,
    lambda: Q(state=Signature.State.WITHDRAWN, withdrawn_at__lt=Now() - timedelta(minutes=settings.WITHDRAWN_MINUTES)),
)
