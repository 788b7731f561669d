"""The holding kinds of this app and of mail (submissions/holdings.py)."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import tokens
from mail.models import OutgoingEmail, Suppression, UnreachableMailbox
from submissions import agreeing, holdings
from submissions.confirm_views import CONFIRM
from submissions.holdings import Act, Holding, Item, Mailbox
from submissions.kinds import Kind, Row, everything
from submissions.models import Correspondence, Decision, Submission


class Asked(Holding[Submission]):
    """Unconfirmed submissions of an address; in files also the stubs of confirmed ones."""

    kind: Kind
    one = gettext_lazy("Waiting to be confirmed")

    def rows(self, mailbox: Mailbox) -> QuerySet[Submission]:
        return self.kind.model._default_manager.filter(mailbox.keys)

    def shown(self, mailbox: Mailbox) -> QuerySet[Submission]:
        return self.rows(mailbox).filter(agreed_at=None, ended_at=None)

    def item(self, row: Submission) -> Item:
        details = self.kind.details([row])[row.pk]
        facts: Sequence[Row] = [Row(_("Sent"), _day(row.created_at)), *details.rows]
        token = tokens.make_token(CONFIRM, self.kind.number, row.pk)
        return Item(
            pk=row.pk,
            title=self.kind.label,
            state=_("Not confirmed: it counts nowhere, and nobody reads it."),
            facts=facts,
            confirm_url=tokens.link("confirm", token),
            acts=[Act("disown", _("This wasn't me"), _("Done. It can no longer be confirmed."))],
        )

    def act(self, row: Submission, name: str) -> bool:
        return name == "disown" and agreeing.disown(self.kind.number, row.pk)

    def erase(self, row: Submission) -> None:
        row.delete()


for _kind in everything():
    holdings.register(
        type(
            f"{_kind.name.title()}Asked",
            (Asked,),
            {"kind": _kind, "name": f"asked-{_kind.name}", "heading": _kind.heading, "__doc__": Asked.__doc__},
        )
    )


def _day(moment: object) -> str:
    return formats.date_format(timezone.localtime(moment), "j F Y")  # type: ignore[arg-type]  # it is one


@holdings.register
class Mails(Holding[OutgoingEmail]):
    """Mail of the last days, and mail that is queued."""

    name, heading, one, on_page = "mail", gettext_lazy("Emails"), gettext_lazy("Email"), False

    def rows(self, mailbox: Mailbox) -> QuerySet[OutgoingEmail]:
        return OutgoingEmail.objects.filter(recipient_key=mailbox.mailbox_key)

    def erase(self, row: OutgoingEmail) -> None:
        row.delete()


@holdings.register
class Decisions(Holding[Decision]):
    """Decisions about the mailbox: they stay by its keyed hash, their reasons are erased."""

    name, heading, one, on_page = "decision", gettext_lazy("Decisions"), gettext_lazy("Decision of staff"), False

    def rows(self, mailbox: Mailbox) -> QuerySet[Decision]:
        return Decision.objects.filter(subject=mailbox.mailbox_key)

    def erase(self, row: Decision) -> None:
        Decision.objects.filter(pk=row.pk).update(reason="", submission=None)


@holdings.register
class Written(Holding[Correspondence]):
    """How often we wrote."""

    name, heading, on_page = "correspondence", gettext_lazy("How often we wrote"), False
    one = gettext_lazy("How often we wrote")

    def rows(self, mailbox: Mailbox) -> QuerySet[Correspondence]:
        return Correspondence.objects.filter(mailbox_key=mailbox.mailbox_key)

    def made_at(self, row: Correspondence) -> datetime:
        return max(filter(None, [row.since, row.last_at, row.asked_at]))

    def erase(self, row: Correspondence) -> None:
        row.delete()


@holdings.register
class Silence(Holding[Suppression]):
    """That the mailbox is never written to: a promise, which erasing keeps."""

    name, heading, on_page = "silence", gettext_lazy("No more mail"), False
    one = gettext_lazy("Never to be written to")

    def rows(self, mailbox: Mailbox) -> QuerySet[Suppression]:
        return Suppression.objects.filter(mailbox_key=mailbox.mailbox_key)

    def erase(self, row: Suppression) -> None:
        """Nothing: the next form that a stranger fills in with this address would write to it again."""


@holdings.register
class Returned(Holding[UnreachableMailbox]):
    """That mail came back from the mailbox, or that its owner reported some."""

    name, heading, on_page = "returned", gettext_lazy("Mail that came back"), False
    one = gettext_lazy("Mail that came back")

    def rows(self, mailbox: Mailbox) -> QuerySet[UnreachableMailbox]:
        return UnreachableMailbox.objects.filter(mailbox_key=mailbox.mailbox_key)

    def made_at(self, row: UnreachableMailbox) -> datetime:
        return row.since

    def erase(self, row: UnreachableMailbox) -> None:
        row.delete()
