"""What a mailbox has here by a list that somebody brought in: its lines, and whether it was asked."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange import inquiring
from exchange.models import ImportRow, Inquiry
from submissions import holdings
from submissions.holdings import Act, Holding, Item, Mailbox
from submissions.kinds import Row


@holdings.register
class Lines(Holding[ImportRow]):
    """Lines of lists, of whatever spelling; what they became is a signature, comment or endorsement by itself."""

    name, heading, one, on_page = "line", gettext_lazy("Lines of lists"), gettext_lazy("Line of a list"), False

    def rows(self, mailbox: Mailbox) -> QuerySet[ImportRow]:
        return ImportRow.objects.filter(mailbox_key=mailbox.mailbox_key).select_related("of")

    def made_at(self, row: ImportRow) -> datetime:
        return row.of.created_at

    def erase(self, row: ImportRow) -> None:
        row.delete()


@holdings.register
class Inquiries(Holding[Inquiry]):
    """That somebody was asked whether to be kept."""

    name, one = "inquiry", gettext_lazy("Question whether to keep you")
    heading = gettext_lazy("Questions whether to keep you")

    def rows(self, mailbox: Mailbox) -> QuerySet[Inquiry]:
        return Inquiry.objects.filter(mailbox.keys).select_related("of", "statement", "row")

    def shown(self, mailbox: Mailbox) -> QuerySet[Inquiry]:
        return self.rows(mailbox).filter(state__in=[Inquiry.State.WAITING, Inquiry.State.ASKED])

    def made_at(self, row: Inquiry) -> datetime:
        return row.of.created_at

    def item(self, row: Inquiry) -> Item:
        listed = row.of
        facts = [
            Row(_("Name"), row.row.read_as.get("name", "") if row.row else ""),
            Row(_("The list is from"), listed.collected_by),
            Row(_("What you agreed to, as they say"), listed.words),
            Row(_("When and where"), listed.agreed_when),
        ]
        until = {"day": formats.date_format(listed.answer_by, "j F Y") if listed.answer_by else ""}
        silence = _("If you say nothing by %(day)s, you are not kept.") % until
        if listed.silence_keeps:
            silence = _("If you say nothing by %(day)s, you are kept, and your name is not shown.") % until
        return Item(
            pk=row.pk,
            title=row.statement.title,
            language=row.statement.language,
            url=row.statement.get_absolute_url(),
            state=_("You don't count here yet. %(silence)s") % {"silence": silence},
            facts=facts,
            acts=[
                Act("keep", _("Keep me"), _("Done. You are kept, and counted with that list.")),
                Act("off", _("Take me off"), _("Done. You are off, and your details from that list are deleted.")),
            ],
        )

    def act(self, row: Inquiry, name: str) -> bool:
        if name == "keep":
            return inquiring.keep(inquiry_id=row.pk)
        inquiring.take_off(inquiry_id=row.pk)
        return True

    def erase(self, row: Inquiry) -> None:
        """No list asks them again: that they were taken off stays as a tombstone."""
        if row.is_open:
            inquiring.take_off(inquiry_id=row.pk)
        row.delete()
