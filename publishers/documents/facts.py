"""Parts that several documents share: who answers, on what ground, and to whom data goes."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from core import disclosures
from core.identity import Identity
from publishers import bases, packs
from publishers.documents.parts import Heading, Part, Table, ToFill, Words


def controller(who: Identity) -> Iterator[Part]:
    """The controller as the desk has it, and who else may have to be named."""
    address = ", ".join(filter(None, who.legal_address.split("\n")))
    rows = [[_("Controller"), who.legal_name], [_("Contact"), who.contact_email]]
    rows += [[_("By post"), address]] if address else []
    rows += [[_("Jointly with"), name] for name in who.joint_controllers.split("\n") if name]
    yield Table(_("Who answers"), [_("What"), _("Who")], rows, widths=[1, 3])
    if not address:
        yield ToFill(_("The controller’s postal address; it belongs on the page of the publisher."))
    yield ToFill(_("The data protection officer, or that none has to be named and why (Article 37)."))


def ground(who: Identity) -> Iterator[Part]:
    """On which ground of the law."""
    law = packs.pack(who.pack).law
    basis = bases.basis(who.basis)
    about = {"basis": basis.label, "law": law, "six": basis.article6, "nine": basis.article9}
    yield Heading(_("On what ground"))
    yield Words(_("%(basis)s: %(law)s Article %(six)s and, as a signature can reveal opinions, %(nine)s.") % about)
    yield Words(basis.fits)
    if who.basis == bases.CONSENT:
        return
    yield Words(_("What people write in comments, and what they choose to show or to be sent, rests on consent."))
    if who.basis == bases.TASK:
        yield Words(_("The law that gives the task: %(law)s.") % {"law": who.basis_law})
        yield ToFill(
            _("The policy document that the law may ask for, such as Schedule 1 of the Data Protection Act 2018.")
        )
    else:
        yield ToFill(
            _("Your aim and your purposes, and why their interest outweighs that of the people (Article 6(1)(f)).")
        )


def recipients() -> Iterator[Part]:
    """Everybody to whom this site passes something on, as it is set up now."""
    found = disclosures.everything()
    if found:
        yield Table(
            _("Who gets what, as this site is set up"),
            [_("Who"), _("What they see"), _("Why"), _("Role")],
            [[one.to, one.what, one.why, _role(one)] for one in found],
            widths=[2, 3, 2, 2],
        )
    else:
        yield Words(_("This site passes nothing on: mail leaves from its own machine, and no other service is set up."))


def _role(one: disclosures.Disclosure) -> str:
    return _("processor (Article 28)") if one.is_processor else _("to fill in: processor, or controller of their own")
