"""The toolkit of a listed organisation: a link, a picture, a poster and a snippet, all with its source code."""

from html import escape
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core import identity
from core.making import made_once
from organisations.models import Endorsement, Organisation
from petitions.models import Statement
from petitions.statements import sharing

LAYOUT = 1  # raise it when the picture is laid out otherwise


def links(endorsement: Endorsement) -> dict[str, Any]:
    """The toolkit of a listed endorsement: whole addresses, and code to paste.

    Raises ValueError for one that is not listed.
    """
    statement, organisation = endorsement.statement, endorsement.organisation
    if organisation is None:
        raise ValueError(f"{endorsement} is not listed")
    where = [statement.slug, organisation.slug]
    return {
        "share_url": sharing.address(statement, organisation.via),
        "image_url": identity.origin() + reverse("endorsement_image", args=where),
        "poster_url": identity.origin() + reverse("endorsement_poster", args=where),
        "organisation_url": identity.origin() + organisation.get_absolute_url(),
        "list_url": identity.origin() + reverse("statement_organisations", args=[statement.slug]),
        "snippet": snippet(statement, organisation),
        "embed_code": embed_code(statement, organisation),
    }


def snippet(statement: Statement, organisation: Organisation) -> str:
    """A link in plain HTML that works on every website; code to be read, so not marked as safe to draw."""
    words = _("We support “%(title)s”. %(sign)s too.") % {"title": statement.title, "sign": statement.sign_label}
    return f'<a href="{escape(sharing.address(statement, organisation.via))}">{escape(words, quote=False)}</a>'


def embed_code(statement: Statement, organisation: Organisation) -> str:
    """An iframe with the statement's card, where this site has one; else nothing."""
    try:
        card = identity.origin() + reverse("embed", args=[statement.slug])
    except NoReverseMatch:
        return ""
    source, title = escape(f"{card}?via={organisation.via}"), escape(statement.title)
    return f'<iframe src="{source}" title="{title}" width="600" height="320" loading="lazy"></iframe>'


def image(statement: Statement, organisation: Organisation) -> bytes:
    """A PNG of 1200×630 to post: “NAME supports TITLE”. No number, because copies of it live for days."""
    from organisations import picture  # noqa: PLC0415 - 20 MB that few processes need

    logo = organisation.logo.uuid if organisation.logo else None
    said = (LAYOUT, statement.who.name, statement.who.accent, get_language(), organisation.name, statement.title, logo)
    return made_once("supports", of=said, make=lambda: picture.draw(statement, organisation))
