"""On which ground of the law a publisher keeps people's data: three that fit, and what each says of itself.

Sources: GDPR and UK GDPR, Art. 6(1) and 9(2); ICO, "Special category data", conditions (a), (d) and (g).
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

CONSENT, MEMBERS, TASK = "consent", "members", "task"


@dataclass(frozen=True)
class Basis:
    """`article6` and `article9` are numbers of the law; `fits` says for whom it is and what it asks for."""

    label: Any
    article6: str
    article9: str
    fits: Any


BASES = {
    CONSENT: Basis(
        _("Explicit consent"),
        "6(1)(a)",
        "9(2)(a)",
        _("Fits every publisher. People agree by signing and can take that back at any time."),
    ),
    MEMBERS: Basis(
        _("Members and regular contacts of a not-for-profit"),
        "6(1)(f)",
        "9(2)(d)",
        _(
            "Only for a not-for-profit body with a political, philosophical, religious or trade union aim, and only "
            "for its members, former members and people in regular contact with it. Nothing leaves the body without "
            "the person’s consent: showing a name and email about the campaign stay choices of their own."
        ),
    ),
    TASK: Basis(
        _("Public task"),
        "6(1)(e)",
        "9(2)(g)",
        _("For a council or another public body to which a law gives the task of taking petitions. Name that law."),
    ),
}
CHOICES = [(code, basis.label) for code, basis in BASES.items()]


def basis(code: str) -> Basis:
    """The one of that code; an unknown one is consent."""
    return BASES.get(code, BASES[CONSENT])
