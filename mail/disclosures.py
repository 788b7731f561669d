"""Through whom mail leaves (core/disclosures.py)."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.disclosures import Channel, Disclosure, is_elsewhere, told_by

WHAT = _("Addresses of everybody whom we write to, their names, and what our emails say, such as which statement.")


def provider() -> str:
    """The provider's name, or the host of the server that mail is handed to; empty if it leaves from here."""
    backend = settings.EMAIL_BACKEND
    if backend.startswith("anymail."):
        return backend.rpartition(".")[0].rpartition(".")[2].replace("_", " ").title()
    return settings.EMAIL_HOST if backend.startswith("mail.") and is_elsewhere(settings.EMAIL_HOST) else ""


@told_by
def of_mail() -> Iterator[Disclosure]:
    """The mail provider, or the server that mail is handed to, if it is not this machine."""
    if name := provider():
        yield Disclosure(Channel.MAIL, name, WHAT, _("To send our emails."), True)
