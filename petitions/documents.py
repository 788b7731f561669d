"""The privacy notice among the documents of the desk, so that it can be printed and sent."""

from collections.abc import Iterator

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy

from core.identity import Identity
from petitions.signatures import consent
from publishers.documents.parts import Part, Rich
from publishers.documents.writing import document


@document(
    "notice",
    gettext_lazy("Privacy notice"),
    gettext_lazy("As everybody reads it on the site, and as it is kept with each signature."),
    order=0,
)
def notice(who: Identity) -> Iterator[Part]:
    """The public one, and the publisher's own words under it."""
    yield Rich(render_to_string("petitions/privacy_notice.jinja", {"notice": consent.notice(who)}))
    if who.privacy_words:
        yield Rich(who.privacy_words)
