"""Making notices, switching them off and on; their address and token, which is a secret in most chats."""

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from core import audit, tokens
from core.audit import Staff
from integrations.notices.models import Chat, Notice
from mail import outbox
from mail.outbound import guard

PURPOSE = "notice-address"


class AlreadyDone(Exception):
    """It is on, or off, as asked for."""


@transaction.atomic
def save(*, notice: Notice, url: str = "", token: str = "", by: Staff = None) -> None:
    """Store it; an empty `url` leaves address and token as they are kept. Of e-mail `url` is the mailbox."""
    if url:
        notice.secret = tokens.seal(PURPOSE, {"url": url, "token": token})
        notice.host = "" if notice.chat == Chat.EMAIL else guard.host_of(url)
    if notice.pk is None:
        notice.made_by = by
    notice.save()


def address_of(notice: Notice) -> tuple[str, str]:
    """Address and token. Raises Refused when SECRET_KEY was changed without fallback."""
    try:
        found = tokens.unseal(PURPOSE, notice.secret)
    except tokens.BadToken as error:
        raise guard.Refused("Its address was sealed with a SECRET_KEY that is gone: write it once more.") from error
    return str(found["url"]), str(found["token"])


@transaction.atomic
def switch_off(*, notice: Notice, reason: str, by: Staff = None) -> None:
    """Tell it nothing any more. Raises AlreadyDone. When the machine does it (`by` is None), its maker gets a mail."""
    if not Notice.objects.filter(pk=notice.pk, off_at=None).update(off_at=Now(), off_why=reason[:300], pending=[]):
        raise AlreadyDone
    audit.record(by=by, on=notice, what="Switched off", why=reason)
    if by is None:
        maker = notice.made_by
        to = maker.email if maker and maker.is_active and maker.email else settings.CONTACT_EMAIL
        outbox.queue(kind="notice_off", recipient=to, context={"notice": notice.pk})


@transaction.atomic
def switch_on(*, notice: Notice, by: Staff = None) -> None:
    """Tell it what comes from now on. Raises AlreadyDone."""
    if not Notice.objects.filter(pk=notice.pk, off_at__isnull=False).update(off_at=None, off_why="", seen={}):
        raise AlreadyDone
    audit.record(by=by, on=notice, what="Switched on again")
