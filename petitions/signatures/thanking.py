"""Where the thank-you page and a signer's own page are; views and kinds lead there."""

from core import tokens
from core.speed import links
from petitions.signatures.models import Signature
from petitions.statements import finding
from submissions import own_links

THANKS, MANAGE = "signed-thanks", "signed-manage"


def url(signature: Signature, *, is_reader: bool = True) -> str:
    """The thank-you page of one signature, by a signed value.

    `is_reader` says that whoever gets it has read the signer's mail. Another may have typed the address and waits in a
    tab: that page thanks, and names and opens nothing.
    """
    return _url(signature.statement.slug, signature.pk, is_reader=is_reader)


def url_of(statement_id: int, signature_id: int) -> str:
    """The same for who has row ids only, and has just read the mail."""
    return _url(finding.statement_of(statement_id).slug, signature_id, is_reader=True)


def _url(slug: str, signature_id: int, *, is_reader: bool) -> str:
    token = tokens.make_token(THANKS, signature_id, *([] if is_reader else [0]))
    return f"{links.path('thanks', slug)}?k={token}"


def manage_url(signature: Signature) -> str:
    """The path of the signer's own page; nothing once its owner has asked for another link, which only mail has."""
    return own_links.on_page(MANAGE, signature)
