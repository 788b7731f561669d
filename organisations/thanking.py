"""Where the thank-you page and a representative's own page are; views and the kind lead there."""

from django.urls import reverse

from core import tokens
from organisations.models import MANAGE, Endorsement
from submissions import own_links

THANKS = "endorsed-thanks"


def url(endorsement: Endorsement, *, is_reader: bool = True) -> str:
    """The thank-you page of one endorsement, by a signed value.

    `is_reader` says that whoever gets it has read the representative's mail. Another may have typed the address and
    waits in a tab: that page thanks, and names and opens nothing.
    """
    token = tokens.make_token(THANKS, endorsement.pk, *([] if is_reader else [0]))
    return f"{reverse('endorse_thanks', args=[endorsement.statement.slug])}?k={token}"


def manage_url(endorsement: Endorsement) -> str:
    """The path of the representative's own page; nothing once they have asked for another link, which only mail has."""
    return own_links.on_page(MANAGE, endorsement)
