"""What a form's quiet traps may catch, what may be odd about a name, and what it is called for whoever looks at it."""

from django.utils.translation import gettext_lazy as _

from core import naming

WORDS = {
    "honeypot": _("Filled in a field that people cannot see"),
    "too_fast": _("Sent within two seconds of opening the page"),
    "forged_stamp": _("Sent with a stamp that is not ours"),
    "crowd": _("Many signatures from one network in a short time"),
    "ceiling_domain": _("Very many from a mail domain that is new here"),
    "ceiling_site": _("Very many on the whole site at once, and its mail domain is new here"),
    "work": _("Sent without the work that forms asked for at that time"),
    "shared": _("Shares its mailbox with a signature that is held"),
    naming.LINK: _("The name looks like a web address"),
    naming.NO_LETTER: _("The name has neither letters nor digits"),
    naming.MIXED: _("A word of the name mixes letters of two alphabets that look alike"),
    naming.PILED: _("The name has many accents piled on one letter"),
}


def words(reason: str) -> str:
    """A reason in plain words: codes are translated, what staff wrote is left as it is."""
    codes = reason.split()
    return "; ".join(str(WORDS[code]) for code in codes) if codes and all(code in WORDS for code in codes) else reason
