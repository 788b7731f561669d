"""Housekeeping of endorsements; the mail worker runs it once a minute."""

from datetime import timedelta

from django.conf import settings
from django.db.models import BinaryField, Func, Q
from django.db.models.functions import Now

from core import retention
from core.chores import chore
from core.models import Tombstone
from core.text import order
from mail import farewell
from mail.models import OutgoingEmail
from organisations import endorsing, undo
from organisations.models import Endorsement, Logo, Organisation

BATCH = 500
FEW = 100  # each locks its statement
FINISHED = (OutgoingEmail.State.SENT, OutgoingEmail.State.SKIPPED, OutgoingEmail.State.FAILED)


class Nobody(Func):
    """A key that no address has, and no other row."""

    template = "decode(lpad(to_hex(%(expressions)s), 32, '0'), 'hex')"
    output_field = BinaryField()


@retention.step(
    "forget representatives",
    Endorsement,
    empties="contact_name contact_role contact_email address_key mailbox_key publish_contact question was",
    follows="ANONYMISE_AFTER_CLOSING_DAYS LONGEST_DAYS",
)
def forget_representatives() -> int:
    """Who spoke for an organisation, once the statement has been closed as long as signers are remembered.

    Under one that does not close, LONGEST_DAYS after they last agreed. The organisation stays listed, with the name and
    role that its representative let us publish.
    """
    long_ago = Now() - timedelta(settings.ANONYMISE_AFTER_CLOSING_DAYS)
    over = Q(statement__closed_at__lt=long_ago) | Q(statement__closes_at__lt=long_ago)
    over |= Q(agreed_at__lt=Now() - timedelta(settings.LONGEST_DAYS))
    due = Endorsement.objects.filter(over).exclude(contact_email="").values("pk")[:BATCH]
    empty = dict.fromkeys(("contact_name", "contact_role", "contact_email", "ip_key", "question"), "")
    return Endorsement.objects.filter(pk__in=due).update(
        address_key=Nobody("pk"), mailbox_key=Nobody("pk"), publish_contact=False, was=None, **empty
    )


def _erase(due: Q, why: str) -> int:
    """One batch of those that are due, each with what stands on its statement's page."""
    ids = list(Endorsement.objects.filter(due).order_by("pk").values_list("pk", flat=True)[:FEW])
    for pk in ids:
        endorsing.erase(endorsement_id=pk, why=why)
    return len(ids)


@retention.step("delete withdrawn endorsements", Endorsement)
def delete_withdrawn() -> int:
    """What its representative took back WITHDRAWN_MINUTES ago: until then they may think better of it."""
    over = Now() - timedelta(minutes=settings.WITHDRAWN_MINUTES)
    withdrawn = Q(state=Endorsement.State.WITHDRAWN)
    return _erase(withdrawn & (Q(withdrawn_at__lt=over) | Q(withdrawn_at=None)), Tombstone.Why.WITHDRAWN)


@retention.step("delete declined endorsements", Endorsement, follows="DECLINED_DAYS")
def delete_declined() -> int:
    """What staff declined, DECLINED_DAYS later: its representative has read why, and can send the form again."""
    over = Now() - timedelta(settings.DECLINED_DAYS)
    return _erase(Q(state=Endorsement.State.DECLINED, decided_at__lt=over), Tombstone.Why.REMOVED)


@retention.step("delete undecided endorsements", Endorsement, follows="UNDECIDED_DAYS")
def delete_undecided() -> int:
    """What nobody decided about in UNDECIDED_DAYS, once its representative has been told (mail/farewell.py)."""
    over = Now() - timedelta(settings.UNDECIDED_DAYS)
    due = Endorsement.objects.filter(state=Endorsement.State.WAITING, confirmed_at__lt=over).order_by("pk")
    whom = dict(due.values_list("pk", "contact_email")[:FEW])
    gone = farewell.told(kind="endorsement_undecided", key="endorsement", whom=whom)
    return _erase(Q(pk__in=gone, state=Endorsement.State.WAITING), Tombstone.Why.REMOVED)


@retention.step("forget meeting reminders", OutgoingEmail)
def forget_meetings() -> int:
    """The address of a reminder goes as soon as the reminder has gone; it was asked for nothing else."""
    done = OutgoingEmail.objects.filter(kind="endorsement_meeting", state__in=FINISHED)
    return OutgoingEmail.objects.filter(pk__in=done.values("pk")[:BATCH]).delete()[0]


@retention.step("throw away logos", Logo)
def throw_away_logos() -> int:
    """Pictures that no organisation and no endorsement shows any more, and that no undo would bring back."""
    unused = Logo.objects.filter(organisations=None, endorsements=None, submissions=None)
    unused = unused.exclude(pk__in=undo.logos())
    return Logo.objects.filter(pk__in=unused.values("pk")[:BATCH]).delete()[0]


# With the key that made it (core/retention.py).
forget_networks = retention.empties(
    "forget networks of endorsements",
    Endorsement,
    lambda: ~Q(ip_key="") & Q(created_at__lt=Now() - timedelta(settings.IP_KEY_DAYS)),
    follows="IP_KEY_DAYS",
    ip_key="",
)


@chore("put lists in order", every=timedelta(days=1))
def put_in_order() -> int:
    """Keys of another language, or of another version of Unicode's table: the site was set up anew since."""
    known = Organisation.objects.only("pk", "name", "sort_key").order_by("pk")
    misplaced = [one for one in known.iterator(chunk_size=BATCH) if one.sort_key != order.key(one.name)][:BATCH]
    for organisation in misplaced:
        organisation.sort_key = order.key(organisation.name)
    return Organisation.objects.bulk_update(misplaced, ["sort_key"])
