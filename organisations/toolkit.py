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
        "form_code": form_code(endorsement),
        "via_url": identity.origin() + reverse("via", args=[statement.slug, organisation.via]),
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


def form_code(endorsement: Endorsement) -> str:
    """Its own words, the whole form and how many signed by it, for its own website: it needs no account here.

    The words are those of its endorsement, to be changed there as it likes. Raises ValueError for one that is not
    listed.
    """
    statement, organisation = endorsement.statement, endorsement.organisation
    if organisation is None:
        raise ValueError(f"{endorsement} is not listed")
    via, title = f"?via={organisation.via}", escape(statement.title)
    words = endorsement.message or _("We support “%(title)s”. Sign it here, too.") % {"title": statement.title}
    paths = (reverse("embed_form", args=[statement.slug]), reverse("embed_badge", args=[statement.slug]))
    form, badge = (identity.origin() + path + via for path in paths)
    number = identity.origin() + reverse("via", args=[statement.slug, organisation.via])
    return (
        f"<p>{escape(words, quote=False)}</p>\n"
        f'<iframe src="{escape(form)}" title="{title}" width="100%" height="900" loading="lazy"></iframe>\n'
        f'<p><a href="{escape(number)}"><img src="{escape(badge)}" alt="{title}" height="32"></a></p>'
    )


def image(statement: Statement, organisation: Organisation) -> bytes:
    """A PNG of 1200×630 to post: “NAME supports TITLE”. No number, because copies of it live for days."""
    from organisations import picture  # noqa: PLC0415 - 20 MB that few processes need

    logo = organisation.logo.uuid if organisation.logo else None
    said = (LAYOUT, statement.who.name, statement.who.accent, get_language(), organisation.name, statement.title, logo)
    return made_once("supports", of=said, make=lambda: picture.draw(statement, organisation))
