"""The record of processing activities (Art. 30): whose data, which, why, to whom, until when, how it is kept safe."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.identity import Identity
from publishers.documents import facts, held
from publishers.documents.parts import Heading, Part, Points, Table, ToFill, Words
from publishers.documents.writing import document


@document(
    "activities",
    gettext_lazy("Record of processing activities"),
    gettext_lazy("What Article 30 asks every controller of such data to have at hand, whatever its size."),
    order=30,
)
def activities(who: Identity) -> Iterator[Part]:
    """In the order of Art. 30(1)."""
    yield from facts.controller(who)
    yield Heading(_("What for"))
    yield Points(
        [
            _("To collect, confirm and count signatures under statements, and to show the names of those who let us."),
            _("To list organisations that support a statement, and to show comments."),
            _("To write to people who asked for it."),
            _("To keep fakes and floods out, and to answer people who ask for what is theirs."),
        ]
    )
    yield from facts.ground(who)
    yield Heading(_("Whose data, and which"))
    for whose, label in held.PEOPLE.items():
        if rows := _rows(held.of(whose)):
            yield Table(label, [_("In"), _("What and why"), _("Until when"), _("Then")], rows, widths=[2, 4, 4, 1.5])
    yield Heading(_("Who gets it"))
    yield from facts.recipients()
    yield ToFill(_("Whoever hosts the server and keeps the backups, and to whom the names are handed in."))
    yield Heading(_("Outside the country"))
    yield ToFill(_("Each of them outside the country or the Union, and what allows it (Articles 44 to 49); or none."))
    yield Heading(_("How it is kept safe"))
    yield Points(safeguards())
    yield ToFill(_("What you do besides: who has log-ins, where the keys of the site are kept, who reads the alarms."))


def _rows(found: list[held.Entry]) -> list[list[str]]:
    """One row for what is kept alike in the same place."""
    groups: dict[tuple[str, str, str], list[held.Entry]] = {}
    for entry in found:
        until, then = str(entry.personal.until), str(held.EFFECTS[entry.personal.erase])
        groups.setdefault((entry.kept_in, until, then), []).append(entry)
    return [[where, held.reasons(rows), until, then] for (where, until, then), rows in groups.items()]


def safeguards() -> list[str]:
    """What the program does by itself, with the settings as they are."""
    factor = (
        _("Staff log in with a password and a second factor.")
        if settings.SECOND_FACTOR
        else _("Staff log in with a password; a second factor is switched off (SECOND_FACTOR).")
    )
    key_days = {"days": settings.IP_KEY_DAYS}
    return [
        _("Nothing counts or is shown before the owner of the mailbox has confirmed it by a button or a code."),
        _("Names are private unless somebody ticks a box; email about the campaign is a box of its own."),
        _("Public pages set no cookie and load nothing from elsewhere."),
        _("Addresses of networks are kept as keyed hashes; the keys are destroyed after %(days)s days.") % key_days,
        factor,
        _("Each of the staff sees and does what their role and their statements allow; the record is chained."),
        _("A list of names or addresses leaves only with a reason, after the password was asked for, and on record."),
        _("What is erased leaves a keyed hash, so that neither an import nor a backup brings it back."),
    ]


@document(
    "notice-table",
    gettext_lazy("What we hold, in one table"),
    gettext_lazy("Every column with personal data: to answer somebody who asks, or an authority that does."),
    order=60,
)
def table(who: Identity) -> Iterator[Part]:
    """The register, as it is."""
    yield Words(_("The program refuses to start with a column that is not in here."))
    for whose, label in held.PEOPLE.items():
        rows = [
            [one.kept_in, one.column, one.personal.why, str(one.personal.until), str(held.EFFECTS[one.personal.erase])]
            for one in held.of(whose)
        ]
        head = [_("In"), _("Column"), _("Why"), _("Until when"), _("Then")]
        yield Table(label, head, rows, widths=[2, 2, 3, 4, 1.5])
