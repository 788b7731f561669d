"""Other programs that are told of people, and who logs staff in (core/disclosures.py)."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.disclosures import Channel, Disclosure, told_by
from integrations import recipients
from integrations.models import Notice
from mail.outbound import guard


@told_by
def of_webhooks() -> Iterator[Disclosure]:
    """Webhooks that are switched on and hear of people."""
    found = recipients.of_webhooks()
    for name in found.of_mailboxes:
        what = _("Names, email addresses and postcodes of those who sign; that somebody took it back.")
        yield Disclosure(Channel.SIGNATURES, name, what, _("A webhook that the desk has set up."))
    for name in found.of_news:
        what = _("That somebody signed, commented or endorsed; a name only if it is public.")
        yield Disclosure(Channel.NEWS, name, what, _("A webhook that the desk has set up."))


@told_by
def of_newsletters() -> Iterator[Disclosure]:
    """Newsletters that are not switched off."""
    for name in dict.fromkeys(name for _publisher, name in recipients.of_newsletters().of_newsletters):
        what = _("Names, email addresses and postcodes of those who want email about the campaign.")
        yield Disclosure(Channel.NEWSLETTER, name, what, _("To send the newsletter."))


@told_by
def of_notices() -> Iterator[Disclosure]:
    """Chats that are told how things stand."""
    for row in Notice.objects.filter(off_at=None).only("host", "chat"):
        to = row.host or str(row.get_chat_display())
        yield Disclosure(Channel.STAFF, to, _("How much waits at the desk; nobody’s data."), _("To tell our staff."))


@told_by
def of_log_ins() -> Iterator[Disclosure]:
    """The provider by which staff log in."""
    if settings.OIDC_ISSUER:
        what = _("Who of our staff logs in, and when.")
        yield Disclosure(Channel.STAFF, guard.host_of(settings.OIDC_ISSUER), what, _("To log our staff in."), True)
