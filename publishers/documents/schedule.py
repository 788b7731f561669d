"""The retention schedule: what goes when, by which setting, and what is kept for ever."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.identity import Identity
from publishers.documents import held
from publishers.documents.parts import Heading, Part, Table, Words
from publishers.documents.writing import document


@document(
    "retention",
    gettext_lazy("Retention schedule"),
    gettext_lazy("What is kept until when, by which setting, and what becomes of it."),
    order=50,
)
def schedule(who: Identity) -> Iterator[Part]:
    """By the clock, then what no clock ends."""
    by_until = held.until()
    yield Words(_("The worker forgets by this schedule, every few minutes and without anybody’s doing."))
    yield Heading(_("By the clock"))
    yield Table(
        _("What goes by itself"),
        [_("Kept"), _("In"), _("Then"), _("Setting")],
        [
            [str(until), held.kept_in(found), held.effects(found), ", ".join(until.settings)]
            for until, found in by_until.items()
            if until.settings
        ],
        widths=[3, 3, 1.6, 2.4],
    )
    yield Table(
        _("Beside the columns"),
        [_("What"), _("Kept"), _("Setting")],
        [
            [
                _("What somebody takes back"),
                _("%(number)s minutes, in which it can be undone") % {"number": settings.WITHDRAWN_MINUTES},
                "WITHDRAWN_MINUTES",
            ],
            [_("Backups, which whoever runs the site keeps"), held.days("BACKUP_DAYS"), "BACKUP_DAYS"],
        ],
        widths=[3, 3, 2],
    )
    yield Heading(_("By no clock"))
    yield Table(
        _("What stays until something happens"),
        [_("Kept"), _("In"), _("When it is erased")],
        [
            [str(until), held.kept_in(found), held.effects(found)]
            for until, found in by_until.items()
            if not until.settings
        ],
        widths=[3, 4, 2],
    )
