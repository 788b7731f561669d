"""Endorsements and reminders as things that a mailbox has (submissions/holdings.py)."""

from datetime import date, datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import search
from mail.models import OutgoingEmail
from organisations import endorsing, thanking
from organisations.models import Endorsement
from petitions.models import Statement
from petitions.statements import availability
from submissions import holdings
from submissions.holdings import Act, Holding, Item, Mailbox
from submissions.kinds import Row

State = Endorsement.State


@holdings.register
class Endorsements(Holding[Endorsement]):
    """An organisation behind a statement, as its representative sees it."""

    name, heading, one = "endorsement", gettext_lazy("Endorsements"), gettext_lazy("Endorsement")
    searched = "contact_name"

    def rows(self, mailbox: Mailbox) -> QuerySet[Endorsement]:
        return Endorsement.objects.filter(mailbox.keys).exclude(contact_email="").select_related("statement", "version")

    def called(self, name: str) -> QuerySet[Endorsement]:
        found = Endorsement.objects.exclude(contact_name="").select_related("statement")
        return search.found(found, [self.searched], name)

    def address_of(self, row: Endorsement) -> str:
        return row.contact_email

    def made_at(self, row: Endorsement) -> datetime:
        return row.agreed_at

    def item(self, row: Endorsement) -> Item:
        none = _("None")
        facts = [
            Row(_("Organisation or branch"), row.name),
            Row(_("Your name"), row.contact_name),
            Row(_("Your role"), row.contact_role),
            Row(_("How it was agreed"), capfirst(row.get_agreed_how_display())),
            Row(_("Your name and role are public"), _("Yes") if row.publish_contact else _("No")),
            Row(_("Message of support"), row.message or none),
        ]
        stands = row.state in {State.WAITING, State.LISTED}
        return Item(
            pk=row.pk,
            title=row.statement.title,
            language=row.statement.language,
            url=row.statement.get_absolute_url() if availability.is_public(row.statement) else "",
            state=_state(row),
            facts=facts,
            acts=_acts(row),
            correct_url=thanking.manage_url(row) if stands else "",
        )

    def act(self, row: Endorsement, name: str) -> bool:
        try:
            _VERBS[name](row)
        except endorsing.NotThere:
            return False
        return True

    def erase(self, row: Endorsement) -> None:
        endorsing.erase(endorsement_id=row.pk)


_VERBS = {
    "show": lambda row: endorsing.revise(endorsement_id=row.pk, publish_contact=True),
    "hide": lambda row: endorsing.revise(endorsement_id=row.pk, publish_contact=False),
    "withdraw": lambda row: endorsing.withdraw(endorsement_id=row.pk),
    "put_back": lambda row: endorsing.put_back(endorsement_id=row.pk),
}


def _acts(row: Endorsement) -> list[Act]:
    if row.state == State.WITHDRAWN:
        return [Act("put_back", _("Put it back"), _("Done. It is back where it was."))]
    if row.state not in {State.WAITING, State.LISTED}:
        return []
    hidden = _("Done. Your name and role are private. The endorsement still stands.")
    shown = _("Done. A person looks at it, and then others can read your name and role.")
    minutes = {"minutes": settings.WITHDRAWN_MINUTES}
    asks = _(
        "Your organisation leaves the list at once, and the count. You can undo that for %(minutes)s minutes; then it "
        "is gone for good."
    )
    done = _("Done. Your organisation is off. You can undo that for %(minutes)s minutes.")
    return [
        Act("hide", _("Hide my name and role"), hidden)
        if row.publish_contact
        else Act("show", _("Show my name and role"), shown),
        Act("withdraw", _("Withdraw our support"), done % minutes, asks=asks % minutes),
    ]


def _state(row: Endorsement) -> str:
    if row.state == State.LISTED:
        return _("Listed. Your changes are being checked.") if row.changed_at else _("Listed.")
    if row.state == State.WAITING:
        return _("A person will check this, and email you.")
    if row.state == State.WITHDRAWN:
        return _("You withdrew it. It is deleted within %(minutes)s minutes of that.") % {
            "minutes": settings.WITHDRAWN_MINUTES
        }
    return _("We did not list this: %(reason)s") % {"reason": row.decided_reason}


@holdings.register
class Reminders(Holding[OutgoingEmail]):
    """Requests for a mail on the morning after a meeting."""

    name, heading, one = "reminder", gettext_lazy("Reminders after a meeting"), gettext_lazy("Reminder after a meeting")

    def rows(self, mailbox: Mailbox) -> QuerySet[OutgoingEmail]:
        """Few wait at a time, in a lane of their own kind; the key in its context says whose each is."""
        waiting = OutgoingEmail.objects.filter(
            state=OutgoingEmail.State.QUEUED, lane=OutgoingEmail.Lane.NOTICE, kind="endorsement_meeting"
        )
        if mailbox.address_key is None:
            return waiting.filter(recipient_key=mailbox.mailbox_key)
        return waiting.filter(context__address=mailbox.address_key.hex())

    def item(self, row: OutgoingEmail) -> Item:
        statement = Statement.objects.filter(pk=row.context["statement"]).first()
        met = date.fromisoformat(row.context["met"])
        return Item(
            pk=row.pk,
            title=statement.title if statement else _("A statement that is no longer here"),
            language=statement.language if statement else "",
            state=_("It goes out on %(day)s.") % {"day": formats.date_format(timezone.localtime(row.due_at), "j F Y")},
            facts=[Row(_("Meeting"), formats.date_format(met, "j F Y"))],
            acts=[Act("cancel", _("Don't send it"), _("Done. It won't be sent."))],
        )

    def act(self, row: OutgoingEmail, name: str) -> bool:
        return bool(OutgoingEmail.objects.filter(pk=row.pk, state="queued", claimed_until=None).delete()[0])

    def erase(self, row: OutgoingEmail) -> None:
        row.delete()
