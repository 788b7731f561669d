"""Who works for the controller (Art. 28): the list of processors, and a contract with whoever hosts the site."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.identity import Identity
from publishers import packs
from publishers.documents import facts, held
from publishers.documents.parts import Heading, Part, Points, Table, ToFill, Words
from publishers.documents.writing import document


@document(
    "processors",
    gettext_lazy("List of processors"),
    gettext_lazy("Who sees people’s data on your behalf, as this site is set up now."),
    order=35,
)
def processors(who: Identity) -> Iterator[Part]:
    """Those that the settings name, and those that no setting can."""
    yield from facts.controller(who)
    yield from facts.recipients()
    yield ToFill(_("Whoever hosts the server: name, address, country, the day of your contract with them."))
    yield ToFill(_("Whoever keeps the backups, if that is somebody else."))
    yield ToFill(_("For each of those above: address, country, the day of your contract, and who works for them."))


@document(
    "contract",
    gettext_lazy("Contract with a processor"),
    gettext_lazy("A template for Article 28(3), such as with whoever hosts this site. Have it read by a lawyer."),
    order=40,
)
def contract(who: Identity) -> Iterator[Part]:
    """Parties, subject, the clauses of Art. 28(3)(a) to (h), and what is processed."""
    law = {"law": packs.pack(who.pack).law}
    yield Heading(_("The parties"))
    yield from facts.controller(who)
    yield ToFill(_("The processor: name, address, who signs for them."))
    yield Heading(_("What it is about"))
    yield Words(
        _(
            "The processor runs, for the controller, the site on which people sign statements: it keeps the data named "
            "below, sends email where that is agreed, and makes backups."
        )
    )
    yield ToFill(_("From when until when, and what of it the processor does."))
    yield Table(
        _("Whose data, and which"),
        [_("Whose"), _("In"), _("What and why")],
        [[label, held.kept_in(found), held.reasons(found)] for label, found in _kept()],
        widths=[2, 3, 5],
    )
    yield Words(_("Some of it reveals opinions or membership of a trade union (%(law)s Article 9).") % law)
    yield Heading(_("What the processor undertakes"))
    yield Points(_clauses(), is_numbered=True)
    yield ToFill(_("Other processors that may be used, each by name (Article 28(2) and (4)); or none."))
    yield ToFill(_("What the processor does to keep it safe (Article 32): access, updates, encrypted disks, backups."))
    yield ToFill(_("Signatures of both, place and day."))


def _kept() -> list[tuple[str, list[held.Entry]]]:
    return [(str(label), found) for whose, label in held.PEOPLE.items() if (found := held.of(whose))]


def _clauses() -> list[str]:
    """Art. 28(3)(a) to (h), and the last sentence of the paragraph."""
    return [
        _("To process the data only on the controller’s documented instructions, also as to other countries."),
        _("To let only people do so who are bound to keep it secret."),
        _("To take all measures that Article 32 asks for."),
        _("To engage another processor only with the controller’s leave, and on the same terms."),
        _("To help the controller to answer people who use their rights."),
        _("To help with security, with breaches at once and within a day, and with impact assessments."),
        _("To delete or give back all data when the service ends, as the controller chooses, and all copies."),
        _("To show the controller that all this is kept, and to allow and help with inspections."),
        _("To say at once if an instruction breaks the law, in the processor’s opinion."),
    ]
