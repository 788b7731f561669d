"""What to do when data are lost or seen by the wrong people (Art. 33, 34), with the tools that this site has."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import switches
from core.identity import Identity
from publishers import packs
from publishers.documents import facts, held
from publishers.documents.parts import Heading, Part, Points, Table, ToFill, Words
from publishers.documents.writing import document

HOURS = 72  # Art. 33(1)


@document(
    "breach",
    gettext_lazy("If data are lost or seen"),
    gettext_lazy(
        "What to do from the first minute, with the 72 hours that the law gives. Print it before you need it."
    ),
    order=10,
)
def breach(who: Identity) -> Iterator[Part]:
    """Stop it, write down, judge, notify, tell people, learn."""
    pack = packs.pack(who.pack)
    about = {"law": pack.law, "regulator": pack.regulator, "hours": HOURS}
    yield Words(
        _(
            "The clock starts when somebody of you knows it. Within %(hours)s hours %(regulator)s must know, unless no "
            "risk to people is likely (%(law)s Article 33)."
        )
        % about
    )
    yield ToFill(_("The day and the minute when you knew, and the minute %(hours)s hours later.") % about)
    yield ToFill(_("Who leads, who stands in for them, who runs the server: names and telephone numbers."))
    yield Heading(_("In the first hour: stop it"))
    yield Points(_first(), is_numbered=True)
    yield Table(
        _("What can be switched off on the desk"),
        [_("Switch"), _("What visitors read or what it does")],
        [[kind.label, kind.sentence] for kind in switches.KINDS if not kind.is_extra],
        widths=[1, 2],
    )
    yield Heading(_("On the first day: what happened"))
    yield Points(_day(), is_numbered=True)
    yield Table(
        _("Whose data there are"),
        [_("Whose"), _("In")],
        [[label, held.kept_in(found)] for whose, label in held.PEOPLE.items() if (found := held.of(whose))],
        widths=[1, 3],
    )
    yield ToFill(_("What happened, to how many people and records about, and which data."))
    yield Heading(_("Before %(hours)s hours are over: the authority") % about)
    yield from _authority(who)
    yield Heading(_("Without delay: the people"))
    yield Words(
        _(
            "If the risk to them is high, each must be told in plain words what happened, what could come of it, what "
            "you do, and what they can do (%(law)s Article 34). That somebody’s opinion became known is such a risk."
        )
        % about
    )
    yield ToFill(_("Whether the risk is high and why; the words you send; when they were sent and to how many."))
    yield Heading(_("Who else must know"))
    yield from facts.recipients()
    yield Heading(_("Afterwards"))
    yield Points(
        [
            _("Write it into your list of breaches, also one that you did not have to notify (Article 33(5))."),
            _("Write down what will be done so that it can’t happen again, by whom and until when."),
        ]
    )
    yield ToFill(_("The facts, the effects, and what was done: Article 33(5)."))


def _first() -> list[str]:
    return [
        _("Don’t switch the server off and delete nothing: what is in it shows what happened."),
        _("A log-in that is in wrong hands: make it inactive under “People who log in”, and end its sessions by that."),
        _("A token or a webhook that is in wrong hands: take the token back, switch the webhook off."),
        _("A server in wrong hands: cut it off the network, then change every key and password in its settings."),
        _("A mail sent to the wrong people: stop it on the page of the news; switch bulk mail off."),
    ]


def _day() -> list[str]:
    return [
        _("Read the record on the desk: who looked, searched and took lists away, when and with what reason."),
        _("Prove that nobody changed it: manage.py verify_audit."),
        _("See which requests went to other hosts: “Requests to other hosts” on the desk."),
        _("Data lost: restore the newest backup, then run manage.py replay_erasures."),
    ]


def _authority(who: Identity) -> Iterator[Part]:
    pack = packs.pack(who.pack)
    where = f"{pack.regulator} {pack.regulator_url}".strip()
    yield Words(
        _("To whom: %(where)s. What is not known yet can follow; say why it is late if it is.") % {"where": where}
    )
    yield Points(
        [
            _("What happened; about how many people and records, and of which kinds, as far as you know."),
            _("Whom to ask: %(name)s, %(contact)s.") % {"name": who.legal_name, "contact": who.contact_email},
            _("What is likely to come of it."),
            _("What you have done and will do, also for the people."),
        ],
        is_numbered=True,
    )
    yield ToFill(_("When you notified and the number you were given; or why no risk to people is likely."))
