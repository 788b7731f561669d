"""The spam service that is asked about comments (core/disclosures.py)."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from comments import akismet
from core.disclosures import Channel, Disclosure, told_by
from mail.outbound import guard
from petitions.signatures import consent


@consent.named_by
def for_the_notice() -> consent.Recipients:
    """The same for the privacy notice."""
    return consent.Recipients(of_comments=tuple(one.to for one in of_comments()))


@told_by
def of_comments() -> Iterator[Disclosure]:
    """The service, from when a key for it is set."""
    if url := akismet.host():
        yield Disclosure(
            Channel.COMMENTS,
            guard.host_of(url),
            _("What comments say, and the name above them; no address of any kind."),
            _("To find out which comments are spam."),
            True,
        )
