"""What a signer agreed to, kept word for word (GDPR Art. 7(1); ICO, "How should we record consent?")."""

import hashlib
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language

from core import richtext
from core.speed import memory
from submissions.models import ConsentText

KEPT_SECONDS = 3600

SENTENCE = (
    "By signing, you ask us to record that you support this statement. "
    "That can reveal your political opinions, so we need your agreement."
)
CHOICES = ("Show my name on the public list", "Email me about this campaign. You can stop at any time.")


def notice() -> dict[str, object]:
    """What the privacy notice says, from the settings that the site lives by. Times are in days unless named."""
    return {
        "controller": settings.CONTROLLER,
        "contact": settings.CONTACT_EMAIL,
        "site_name": settings.SITE_NAME,
        "origin": settings.ORIGIN,
        "unconfirmed_days": settings.UNCONFIRMED_DAYS,
        "anonymise_days": settings.ANONYMISE_AFTER_CLOSING_DAYS,
        "sent_mail_days": settings.SENT_MAIL_DAYS,
        "comment_email_days": settings.COMMENT_EMAIL_DAYS,
        "comment_email_longest_days": settings.COMMENT_EMAIL_LONGEST_DAYS,
        "ip_key_days": settings.IP_KEY_DAYS,
        "grace_hours": settings.GRACE_AFTER_CLOSING_HOURS,
    }


def _notice_text() -> str:
    return _notice_in(get_language())


@lru_cache(maxsize=100)
def _notice_in(language: str | None) -> str:
    """The notice in the reader's language, which is the one that is active."""
    return richtext.plain_text(render_to_string("petitions/privacy_notice.jinja", {"notice": notice()}))


def current() -> int:
    """The id of the row with the sentence, the choices and the notice that signers see now."""
    return kept("\n".join([SENTENCE, *CHOICES]))


def kept(text: str) -> int:
    """The id of the row with `text` and the notice as it is now, written down when somebody first agrees to it."""
    sha256 = _fingerprint(text, _notice_text())
    try:
        return memory.remember(f"consent.{sha256}", KEPT_SECONDS, lambda: ConsentText.objects.get(sha256=sha256).pk)
    except ConsentText.DoesNotExist:
        # Not remembered yet: what this transaction goes on to do may fail, and the row with it.
        written = {"text": text, "notice": _notice_text()}
        return ConsentText.objects.get_or_create(sha256=sha256, defaults=written)[0].pk


@lru_cache(maxsize=8)
def _fingerprint(text: str, notice_text: str) -> str:
    """Every signer waits for it, and the notice is long."""
    return hashlib.sha256(f"{text}\0{notice_text}".encode()).hexdigest()
