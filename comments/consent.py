"""The consent text of writers, stored word for word (GDPR Art. 7(1))."""

from django.utils.translation import gettext_lazy as _

from petitions.signatures import consent

SENTENCE = _(
    "By posting, you ask us to publish your comment under your name. What you write can reveal your political "
    "opinions, so we need your agreement."
)


def current() -> int:
    """The id of the row with the sentence and the privacy notice that writers see now."""
    return consent.kept(str(SENTENCE))
