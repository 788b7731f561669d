"""The sentence above a signer's button, as the publisher's ground of the law has it (publishers/bases.py)."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.identity import Identity
from publishers import bases

SENTENCES: dict[str, Any] = {
    bases.CONSENT: _(
        "By signing, you ask us to record that you support this statement. "
        "That can reveal your political opinions, so we need your agreement."
    ),
    bases.MEMBERS: _(
        "You sign as a member of ours, or as somebody in regular contact with us. We record that you support this "
        "statement, which can reveal your political opinions, and it stays within our organisation unless you choose "
        "otherwise below. You can object at any time."
    ),
    bases.TASK: _(
        "By signing, you petition us, and the law gives us the task of dealing with it. We record that you support "
        "this statement, which can reveal your political opinions. You can object at any time."
    ),
}


def sentence(who: Identity) -> str:
    """What stands there, with the publisher's own line for children if it has one."""
    return " ".join(filter(None, [str(SENTENCES.get(who.basis, SENTENCES[bases.CONSENT])), who.children_words]))


def leaving(who: Identity) -> str:
    """What its owner's button says that takes a signature off: under other grounds than consent it is an objection."""
    return gettext("Take my name off") if who.basis == bases.CONSENT else gettext("Object, and take my name off")


def told(who: Identity) -> dict[str, object]:
    """What the privacy notice says of it besides (templates/petitions/privacy_basis.jinja)."""
    found = bases.basis(who.basis)
    return {
        "basis": who.basis,
        "article6": found.article6,
        "article9": found.article9,
        "basis_law": who.basis_law,
        "joint": "; ".join(filter(None, who.joint_controllers.split("\n"))),
        "children": who.children_words,
    }
