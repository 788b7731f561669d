"""Personal columns of this app."""

from core.personal import staff
from core.register import Erase, Until, register
from publishers.models import Host, Membership, Page, Picture, Publisher

AS_LONG = Until("as long as the publisher")

register(Picture, rest="name data created_at")
register(
    Publisher,
    {
        "legal_name": staff("who answers in law; everybody can read it", AS_LONG, Erase.KEEP),
        "legal_address": staff("where to write to them; everybody can read it", AS_LONG, Erase.KEEP),
        "contact_email": staff("to be written to; everybody can read it", AS_LONG, Erase.KEEP),
        "mail_from": staff("from which address mail comes", AS_LONG, Erase.KEEP),
        "joint_controllers": staff("who answers together with it; everybody can read it", AS_LONG, Erase.KEEP),
        "fediverse": staff("who is named beside shared links", AS_LONG, Erase.KEEP),
    },
    rest="name slug position origin logo header header_small header_words accent pair introduction foot_words menu"
    " links share_words privacy_words accessibility_words pack quiet_subjects basis basis_law children_words created_at"
    " changed_at",
)
register(Host, rest="publisher name")
register(
    Membership,
    {"user": staff("who works for the publisher", erase=Erase.DELETE)},
    rest="publisher role created_at",
)
register(Page, rest="publisher title slug summary body language in_menu published_at changed_at")
