"""What a writer agreed to, kept word for word (GDPR Art. 7(1))."""

import hashlib

from django.core.cache import cache
from django.template.loader import render_to_string

from core import richtext
from petitions import consent
from petitions.models import ConsentText

SENTENCE = (
    "By posting, you ask us to publish your comment under your name. What you write can reveal your political "
    "opinions, so we need your agreement."
)
KEPT_SECONDS = 3600


def current() -> int:
    """The id of the row with the sentence and the privacy notice that writers see now."""
    notice = richtext.plain_text(render_to_string("petitions/privacy_notice.html", {"notice": consent.notice()}))
    sha256 = hashlib.sha256(f"{SENTENCE}\0{notice}".encode()).hexdigest()
    return cache.get_or_set(f"consent.{sha256}", lambda: _row(sha256, notice), KEPT_SECONDS)


def _row(sha256: str, notice: str) -> int:
    row, _ = ConsentText.objects.get_or_create(sha256=sha256, defaults={"text": SENTENCE, "notice": notice})
    return row.pk
