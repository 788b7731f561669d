"""What a representative agreed to, kept word for word like a signer's (GDPR Art. 7(1))."""

import hashlib

from django.core.cache import cache
from django.template.loader import render_to_string

from core import richtext
from petitions import consent
from petitions.models import ConsentText

SENTENCE = (
    "By sending this, you say that your organisation has agreed to support this statement and that you may tell us so. "
    "Your own details can reveal that you belong to a union or share its opinions, so we need your agreement to keep "
    "them. We use them to check the endorsement and to write to you about it."
)
PUBLISH = "You may publish my name and role"
KEPT_SECONDS = 3600


def current() -> int:
    """The id of the row with the sentence, the choice and the notice that representatives see now."""
    notice = richtext.plain_text(render_to_string("petitions/privacy_notice.html", {"notice": consent.notice()}))
    text = f"{SENTENCE}\n{PUBLISH}"
    sha256 = hashlib.sha256(f"{text}\0{notice}".encode()).hexdigest()
    found = cache.get(f"consent.{sha256}")
    if found is None:
        found = ConsentText.objects.get_or_create(sha256=sha256, defaults={"text": text, "notice": notice})[0].pk
        cache.set(f"consent.{sha256}", found, KEPT_SECONDS)
    return found
