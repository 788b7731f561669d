"""The consent text of representatives, stored word for word like a signer's (GDPR Art. 7(1))."""

from django.utils.translation import gettext_lazy as _

from petitions.signatures import consent

SENTENCE = _(
    "By sending this, you say that your organisation has agreed to support this statement and that you may tell us so. "
    "Your own details can reveal that you belong to a union or share its opinions, so we need your agreement to keep "
    "them. We use them to check the endorsement and to write to you about it."
)
PUBLISH = _("You may publish my name and role")


def current() -> int:
    """The id of the row with the sentence, the choice and the notice that representatives see now."""
    return consent.kept(f"{SENTENCE}\n{PUBLISH}")
