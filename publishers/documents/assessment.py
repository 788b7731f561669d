"""A data protection impact assessment (Art. 35): what is known of this site is written in, the judgement is yours.

Source: Art. 35(7); EDPB (WP 248), criteria of an acceptable assessment; ICO, sample template.
"""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.identity import Identity
from publishers import packs
from publishers.documents import facts
from publishers.documents.activities import safeguards
from publishers.documents.parts import Heading, Part, Points, Table, ToFill, Words
from publishers.documents.writing import document


def _risks() -> list[list[str]]:
    """What could happen to people, what the program does about it; the rest of a row is for the owner."""
    told = [
        (
            _("Somebody’s opinion becomes known to an employer, the family or an authority."),
            _("Names are private unless their owner chose otherwise; search engines are kept off the lists."),
        ),
        (
            _("Somebody signs in another’s name."),
            _("Nothing counts without the mailbox; whoever gets the mail can say that it wasn’t them."),
        ),
        (
            _("A list of people is taken away by somebody of the staff."),
            _("Roles, a reason and the password for each list, a record that can’t be changed unseen."),
        ),
        (
            _("The server or a backup is stolen."),
            _("Little is kept and soon forgotten; links in mails are signed and rest in no table."),
        ),
        (
            _("Data are used for something else than the statement."),
            _("Only who ticked the box is written to, and each such mail stops it with one press."),
        ),
        (
            _("Somebody can’t get rid of what they gave."),
            _("One page for each mailbox to see, correct, take along, take back and delete; staff do it by letter."),
        ),
    ]
    yours = _("to fill in")
    return [[risk, does, yours, yours] for risk, does in told]


@document(
    "assessment",
    gettext_lazy("Data protection impact assessment"),
    gettext_lazy("A template for Article 35: what is known of this site stands in it, the judgement is yours."),
    order=20,
)
def assessment(who: Identity) -> Iterator[Part]:
    """In the order of Art. 35(7)."""
    about = {"law": packs.pack(who.pack).law}
    yield from facts.controller(who)
    yield Heading(_("Whether one is needed"))
    yield Words(
        _("%(law)s Article 35(3)(b) asks for one where data about opinions are processed on a large scale.") % about
    )
    yield ToFill(_("How many people you expect, and whether you do this assessment because you must or to be safe."))
    yield Heading(_("What is done, and what for"))
    yield Words(
        _(
            "People sign statements, organisations support them, people comment. Each confirms by email. What is kept "
            "of whom and until when is in the record of processing activities and in the retention schedule."
        )
    )
    yield from facts.recipients()
    yield ToFill(_("What is particular to your statements: who is asked to sign, and what is at stake for them."))
    yield from facts.ground(who)
    yield Heading(_("Whether it is needed, and no more than that"))
    yield Points(
        [
            _("Asked of everybody: a name and an email address. All else is a choice of the statement and the signer."),
            _("Each day by which something is kept longer is a setting that the privacy notice prints."),
        ]
    )
    yield ToFill(_("Why less would not do: for each optional question that your statements ask, what it is for."))
    yield ToFill(_("Whom of those concerned you asked for their view (Article 35(9)), or why not."))
    yield Heading(_("The risks to people"))
    yield Table(
        _("What could happen, and what is done about it"),
        [_("Risk"), _("What the program does"), _("How likely, how grave"), _("What you do besides, what is left")],
        _risks(),
        widths=[3, 3, 1.6, 2.4],
    )
    yield ToFill(_("Risks of your own, such as statements that minors sign or that people sign under a threat."))
    yield Heading(_("How it is kept safe"))
    yield Points(safeguards())
    yield Heading(_("The outcome"))
    yield ToFill(_("The advice of the data protection officer, if there is one, and whether it was followed."))
    yield ToFill(
        _("Whether a high risk is left; then ask %(regulator)s first (Article 36).")
        % {"regulator": packs.pack(who.pack).regulator}
    )
    yield ToFill(_("Who decides this, on which day, and when it will be looked at again."))
