"""What a signer agreed to, kept word for word (GDPR Art. 7(1); ICO, "How should we record consent?")."""

import hashlib
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core import richtext
from core.speed import memory
from petitions.signatures import optional
from submissions.models import ConsentText

KEPT_SECONDS = 3600

SENTENCE = _(
    "By signing, you ask us to record that you support this statement. "
    "That can reveal your political opinions, so we need your agreement."
)
CHOICES = (_("Show my name on the public list"), _("Email me about this campaign. You can stop at any time."))


def notice() -> dict[str, object]:
    """What the privacy notice says, from the settings that the site lives by. Times are in days unless named."""
    return {
        "controller": settings.CONTROLLER,
        "contact": settings.CONTACT_EMAIL,
        "site_name": settings.SITE_NAME,
        "origin": settings.ORIGIN,
        "unconfirmed_days": settings.UNCONFIRMED_DAYS,
        "unmailed_days": settings.UNMAILED_DAYS,
        "stub_days": settings.AGREED_STUB_DAYS,
        "withdrawn_minutes": settings.WITHDRAWN_MINUTES,
        "written_to_days": settings.WRITTEN_TO_DAYS,
        "wrong_codes_days": settings.WRONG_CODES_DAYS,
        "anonymise_days": settings.ANONYMISE_AFTER_CLOSING_DAYS,
        "sent_mail_days": settings.SENT_MAIL_DAYS,
        "comment_email_days": settings.COMMENT_EMAIL_DAYS,
        "comment_email_longest_days": settings.COMMENT_EMAIL_LONGEST_DAYS,
        "comment_bin_days": settings.COMMENT_BIN_DAYS,
        "ip_key_days": settings.IP_KEY_DAYS,
        "import_rows_days": settings.IMPORT_ROWS_DAYS,
        "archive_days": settings.ARCHIVE_DAYS,
        "asked": "; ".join(str(field.label) for field in optional.FIELDS if not field.is_choice),
    }


@lru_cache(maxsize=16)
def _notice_text(language: str | None) -> str:
    return richtext.plain_text(render_to_string("petitions/privacy_notice.jinja", {"notice": notice()}))


def current() -> int:
    """The id of the row with the sentence, the choices and the notice that signers see now."""
    return kept("\n".join(map(str, [SENTENCE, *CHOICES])))


def kept(text: str) -> int:
    """The id of the row with `text` and the notice as it is now, written down when somebody first agrees to it."""
    notice_text = _notice_text(get_language())
    sha256 = _fingerprint(text, notice_text)
    try:
        return memory.remember(f"consent.{sha256}", KEPT_SECONDS, lambda: ConsentText.objects.get(sha256=sha256).pk)
    except ConsentText.DoesNotExist:
        # Not remembered yet: what this transaction goes on to do may fail, and the row with it.
        written = {"text": text, "notice": notice_text}
        return ConsentText.objects.get_or_create(sha256=sha256, defaults=written)[0].pk


@lru_cache(maxsize=8)
def _fingerprint(text: str, notice_text: str) -> str:
    """Every signer waits for it, and the notice is long."""
    return hashlib.sha256(f"{text}\0{notice_text}".encode()).hexdigest()
