"""A comment as one of the things that a mailbox has (submissions/holdings.py)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments import moderation, posting, revising, rules
from comments.forms import WordsField
from comments.models import LONGEST, Comment
from core import search
from core.forms import HouseForm, PersonNameField
from petitions.statements import availability
from submissions import holdings
from submissions.asking import codes_of
from submissions.holdings import Act, Holding, Item, Mailbox
from submissions.kinds import Row, Words

State = Comment.State


class OwnForm(HouseForm):
    """A writer's own name and words, to correct them."""

    name = PersonNameField(label=gettext_lazy("Your name"), help_text=gettext_lazy("Everybody can see it."))
    body = WordsField(
        rows=6,
        label=gettext_lazy("Your comment"),
        max_length=LONGEST,
        help_text=gettext_lazy("At most 5,000 characters. Start a line with > to quote."),
        error_messages={
            "required": gettext_lazy("Write your comment"),
            "max_length": gettext_lazy("Your comment has %(show_value)s characters. It can have %(limit_value)s"),
        },
    )
    are_alike = False

    def __init__(self, *args: Any, comment: Comment, **kwargs: Any) -> None:
        initial = {"name": comment.author_name, "body": comment.body}
        super().__init__(*args, scope=f"own-comment.{comment.pk}", initial=initial, **kwargs)
        self.in_force = rules.of(comment.thread)

    def clean(self) -> dict[str, Any]:
        """Ask for other words where some are refused, as for a new comment."""
        data = super().clean() or {}
        for name in ("body", "name"):
            refused = rules.words_in(data.get(name) or "", self.in_force.refused_words)
            if refused:
                words = _("We don't publish comments with the word “%(word)s”") % {"word": refused[0]}
                self.add_error(name, ValidationError(words))
        return data


@holdings.register
class Comments(Holding[Comment]):
    """A mailbox's comments."""

    name, heading, one = "comment", gettext_lazy("Comments"), gettext_lazy("Comment")
    searched = "author_name"

    def rows(self, mailbox: Mailbox) -> QuerySet[Comment]:
        return Comment.objects.filter(mailbox.keys).exclude(body="").select_related("thread__statement")

    def called(self, name: str) -> QuerySet[Comment]:
        found = Comment.objects.exclude(body="").filter(is_organiser=False).select_related("thread__statement")
        return search.found(found, [self.searched], name)

    def address_of(self, row: Comment) -> str:
        return row.author_email

    def made_at(self, row: Comment) -> datetime:
        return row.confirmed_at

    def item(self, row: Comment) -> Item:
        statement = row.thread.statement
        day = formats.date_format(timezone.localtime(row.created_at), "j F Y")
        return Item(
            pk=row.pk,
            title=statement.title,
            language=statement.language,
            url=row.get_absolute_url() if row.is_visible and availability.is_public(statement) else "",
            state=_state(row),
            facts=[Row(_("Name"), row.author_name), Row(_("Comment"), row.body), Row(_("Written"), day)],
            acts=_acts(row),
            can_correct=_stands(row),
        )

    def act(self, row: Comment, name: str) -> bool:
        return {"withdraw": posting.withdraw, "put_back": posting.put_back}[name](comment_id=row.pk)

    def form(self, row: Comment, data: Mapping[str, Any] | None = None) -> HouseForm | None:
        return OwnForm(data, comment=row) if _stands(row) else None

    def correct(self, row: Comment, form: HouseForm) -> Words:
        """Newer words that everybody could read wait for a moderator as a new comment's would."""
        typed = {name: form.cleaned_data[name] for name in ("name", "body")}
        try:
            now = revising.revise(comment_id=row.pk, signals=codes_of(form.flags), **typed)
        except posting.ThreadClosed:
            return ""
        except moderation.SaidAlready:
            form.add_error("body", _("You have said this here already"))
            return ""
        if now.state == State.WAITING and row.state == State.PUBLISHED:
            return _("Done. A person reads the new words before others can.")
        return _("Done. Your comment is corrected.")

    def erase(self, row: Comment) -> None:
        posting.erase(comment_id=row.pk)


def _stands(row: Comment) -> bool:
    return row.withdrawn_at is None and row.state in {State.WAITING, State.PUBLISHED}


def _acts(row: Comment) -> list[Act]:
    if row.withdrawn_at is not None:
        return [Act("put_back", _("Put my comment back"), _("Done. Your comment is back where it was."))]
    minutes = {"minutes": settings.WITHDRAWN_MINUTES}
    asks = _("Nobody can read it from then on. You can undo that for %(minutes)s minutes; then it is gone for good.")
    done = _("Done. Your comment is off. You can undo that for %(minutes)s minutes.")
    return [Act("withdraw", _("Take my comment back"), done % minutes, asks=asks % minutes)]


def _state(row: Comment) -> str:
    if row.withdrawn_at is not None:
        return _("You took it back. It is deleted within %(minutes)s minutes of that.") % {
            "minutes": settings.WITHDRAWN_MINUTES
        }
    if row.is_visible:
        return _("Everybody can read it.")
    if row.state == State.PUBLISHED:
        return _("Readers have reported this comment. It is hidden until a person has looked at it.")
    if row.state == State.WAITING:
        return _("It waits for a person to read it. Only you can see it here.")
    return _("We didn't publish this comment.")
