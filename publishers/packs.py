"""Country packs: what the law is called, who watches over it, how a postcode is called and looks.

Sources: UK GDPR and Data Protection Act 2018; Regulation (EU) 2016/679; the regulators' own names; Universal Postal
Union, addressing systems by country.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Pack:
    """`regulator` is to whom one complains, `regulator_url` where; `postcode` what people there call it, `like` one."""

    name: Any
    law: Any
    regulator: Any
    regulator_url: str
    postcode: Any
    like: str


PACKS = {
    "gb": Pack(
        _("United Kingdom"), _("UK GDPR"), _("the Information Commissioner’s Office"), "https://ico.org.uk/",
        _("Postcode"), "E1 6AN",
    ),
    "ie": Pack(
        _("Ireland"), _("GDPR"), _("the Data Protection Commission"), "https://www.dataprotection.ie/",
        _("Eircode"), "D02 AF30",
    ),
    "eu": Pack(
        _("European Union"), _("GDPR"), _("the data protection authority of your country"),
        "https://www.edpb.europa.eu/about-edpb/about-edpb/members_en", _("Postcode"), "",
    ),
    "de": Pack(
        _("Germany"), _("GDPR (DSGVO)"), _("the data protection authority of your federal state"),
        "https://www.bfdi.bund.de/DE/Service/Anschriften/Laender/Laender-node.html", _("Postal code (PLZ)"), "10115",
    ),
    "fr": Pack(_("France"), _("GDPR (RGPD)"), _("the CNIL"), "https://www.cnil.fr/", _("Postal code"), "75001"),
    "xx": Pack(
        _("Elsewhere"), _("the data protection law that applies to us"), _("the data protection authority near you"),
        "", _("Postal code"), "",
    ),
}  # fmt: skip
CHOICES = [(code, pack.name) for code, pack in PACKS.items()]
FIRST = "gb"


def pack(code: str) -> Pack:
    """The pack of that code; an unknown one is "Elsewhere"."""
    return PACKS.get(code, PACKS["xx"])
