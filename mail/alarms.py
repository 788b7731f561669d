"""A red bar on every staff page when mail does not leave."""

from django.utils.translation import gettext as _

from core import desk
from mail.trouble import trouble


@desk.alarm
def mail_is_not_going_out() -> desk.Alarm | None:
    """The operator must hear of it before signers do."""
    found = trouble()
    if found is None:
        return None
    return desk.Alarm(_("Mail is not going out"), found.since, found.words, found.advice)
