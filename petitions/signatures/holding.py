"""A signature as one of the things that a mailbox has: what its owner sees of it, and every right they have."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import identity, search
from core.forms import HouseForm, PersonNameField
from petitions.signatures import basis, optional, paper, signing, staying, whose_news
from petitions.signatures.forms import AskingForm
from petitions.signatures.models import SheetLine, Signature
from petitions.statements import availability
from submissions import holdings
from submissions.asking import codes_of
from submissions.holdings import Act, Holding, Item, Mailbox
from submissions.kinds import Row, Words

State = Signature.State


class OwnForm(AskingForm):
    """A signer's own name and answers, to correct them."""

    name = PersonNameField(label=gettext_lazy("Full name"), help_text=gettext_lazy("As you want it to appear."))
    locals().update(optional.boxes())

    are_alike = False

    def __init__(self, *args: Any, signature: Signature, **kwargs: Any) -> None:
        asked = [field.name for field in optional.open_to(signature)]
        super().__init__(
            *args,
            statement=signature.statement,
            asked=asked,
            scope=f"own-signature.{signature.pk}",
            initial={name: getattr(signature, name) for name in ["name", *asked]},
            **kwargs,
        )


@holdings.register
class Signatures(Holding[Signature]):
    """A person's name under a statement."""

    name, heading, one = "signature", gettext_lazy("Signatures"), gettext_lazy("Signature")
    searched = "name"

    def rows(self, mailbox: Mailbox) -> QuerySet[Signature]:
        return Signature.objects.filter(mailbox.keys).exclude(email="").select_related("statement", "version")

    def called(self, name: str) -> QuerySet[Signature]:
        return search.found(Signature.objects.exclude(name="").select_related("statement"), [self.searched], name)

    def address_of(self, row: Signature) -> str:
        return row.email

    def made_at(self, row: Signature) -> datetime:
        return row.agreed_at

    def item(self, row: Signature) -> Item:
        statement = row.statement
        is_public = availability.is_public(statement)
        facts = [Row(_("Name"), row.name)]
        facts += [Row(field.label, field.said(getattr(row, field.name))) for field in optional.open_to(row)]
        signed = {"day": _day(row.confirmed_at), "number": row.version.number}
        facts += [
            Row(_("Signed"), _("%(day)s, version %(number)s of the text") % signed),
            Row(_("On the public list"), _("Yes") if row.show_name else _("No")),
            Row(_("News by email"), whose_news.said(row)),
        ]
        stands = row.state in {State.CONFIRMED, State.HELD}
        return Item(
            pk=row.pk,
            title=statement.title,
            language=statement.language,
            url=statement.get_absolute_url() if is_public else "",
            state=_state(row),
            facts=facts,
            acts=_acts(row),
            can_correct=stands,
            can_erase=row.state != State.REMOVED,
        )

    def act(self, row: Signature, name: str) -> bool:
        try:
            if not whose_news.press(row.pk, name):
                _VERBS[name](row.pk)
        except signing.NotThere:
            return False
        return True

    def form(self, row: Signature, data: Mapping[str, Any] | None = None) -> HouseForm | None:
        return OwnForm(data, signature=row) if row.state in {State.CONFIRMED, State.HELD} else None

    def correct(self, row: Signature, form: HouseForm) -> Words:
        """A name that others read waits for a moderator only if it would have waited as a new signer's."""
        doubts = codes_of(form.flags)
        try:
            moved = None
            if form.cleaned_data["name"] != row.name:
                moved = signing.correct_name(signature_id=row.pk, name=form.cleaned_data["name"], doubts=doubts)
            answers = {name: form.cleaned_data[name] for name in optional.NAMES if name in form.cleaned_data}
            if answers and row.state == State.CONFIRMED and not (moved and moved.state == State.HELD):
                signing.correct(signature_id=row.pk, **answers)
        except signing.NotThere:
            return ""
        if moved and moved.state == State.HELD and row.state == State.CONFIRMED:
            return _("Done. A person looks at the new name before it counts and others can read it.")
        return _("Done. Your details are corrected.")

    def erase(self, row: Signature) -> None:
        signing.erase(signature_id=row.pk)


_VERBS = {
    "show": lambda pk: signing.choose(signature_id=pk, show_name=True),
    "hide": lambda pk: signing.choose(signature_id=pk, show_name=False),
    "updates_on": lambda pk: signing.choose(signature_id=pk, email_updates=True),
    "updates_off": lambda pk: signing.choose(signature_id=pk, email_updates=False),
    "stay": lambda pk: staying.stay(signature_id=pk),
    "withdraw": lambda pk: signing.withdraw(signature_id=pk),
    "put_back": lambda pk: signing.put_back(signature_id=pk),
}


def _acts(row: Signature) -> list[Act]:
    if row.state == State.WITHDRAWN:
        return [Act("put_back", _("Put my name back"), _("Done. Your name is back where it was."))]
    if row.state not in {State.CONFIRMED, State.HELD}:
        return []
    acts = []
    if row.asked_to_stay_at:
        acts.append(Act("stay", _("Let my name stay"), _("Done. Your name stays. Thank you.")))
    acts.append(
        Act("hide", _("Hide my name"), _("Done. Your name is private. Your signature still counts."))
        if row.show_name
        else Act("show", _("Show my name on the public list"), _("Done. Your name is on the public list."))
    )
    said = _("Done. We'll email you about this campaign. You can stop at any time.")
    off = _("Done. You'll get no more emails about this campaign. Your signature still counts.")
    acts.append(
        Act("updates_off", whose_news.stop_own(row), off)
        if row.email_updates
        else Act("updates_on", whose_news.begin_own(row), said)
    )
    acts += [Act(name, words, said if name.startswith("news_on") else off) for name, words in whose_news.acts(row)]
    minutes = {"minutes": settings.WITHDRAWN_MINUTES}
    asks = _(
        "Your signature will no longer count, and your name leaves the list at once. You can undo that for %(minutes)s "
        "minutes; then it is gone for good."
    )
    done = _("Done. Your name is off. You can undo that for %(minutes)s minutes.")
    acts.append(
        Act(
            "withdraw",
            basis.leaving(identity.publisher(row.statement.publisher_id)),
            done % minutes,
            asks=asks % minutes,
        )
    )
    return acts


def _state(row: Signature) -> str:
    if row.state == State.HELD:
        return _("We're checking this one by hand. It does not count yet.")
    if row.state == State.REMOVED:
        return _("A person checked this signature and took it off the list. If that was a mistake, write to us.")
    if row.state == State.WITHDRAWN:
        return _("You took your name off. It is deleted within %(minutes)s minutes of that.") % {
            "minutes": settings.WITHDRAWN_MINUTES
        }
    if row.asked_to_stay_at:
        return _("It counts. You signed a long time ago: may your name stay?")
    return _("It counts.")


def _day(moment: Any) -> str:
    return formats.date_format(timezone.localtime(moment), "j F Y")


@holdings.register
class OnPaper(Holding[SheetLine]):
    """A name that was typed in from a sheet. Paper knows no mailbox: only staff find it, by the name."""

    name, heading, one, on_page = "paper", gettext_lazy("Names on paper"), gettext_lazy("Name on paper"), False
    searched = "name"

    def rows(self, mailbox: Mailbox) -> QuerySet[SheetLine]:
        return SheetLine.objects.none()

    def called(self, name: str) -> QuerySet[SheetLine]:
        found = SheetLine.objects.exclude(name="").select_related("sheet__statement")
        return search.found(found, [self.searched], name)

    def erase(self, row: SheetLine) -> None:
        """The line goes on counting, without a name."""
        paper.erase_line(line=row)
