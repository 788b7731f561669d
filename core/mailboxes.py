"""What people type or paste where a mailbox is asked for: what is clear is taken, what is not is told why.

Limits and syntax are those of RFC 5321 (4.5.3.1) and RFC 6531, domains those of IDNA 2008 (RFC 5891).
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from email_validator import EmailNotValidError, validate_email

from core.text import tidying

LONGEST = 254  # octets of the whole, RFC 5321 4.5.3.1.3 less the angle brackets
LONGEST_LOCAL = 64  # octets, RFC 5321 4.5.3.1.1
LONGEST_LABEL = 63  # octets, RFC 1035 2.3.4

SENTENCES: Mapping[str, str | Promise] = {
    "no_at": _("An email address has an @ in it, like name@example.com"),
    "no_local": _("Enter the part before the @ too, like name@example.com"),
    "no_domain": _("Enter the part after the @ too, like name@example.com"),
    "no_dot": _("There is a full stop after the @ in every email address, like name@example.com"),
    "several": _("Enter one email address only"),
    "many_ats": _("An email address has only one @"),
    "space": _("An email address has no spaces. Take out the one after “%(before)s”"),
    "comma": _("An email address has no commas. Should it be a full stop?"),
    "dots": _("Before the @ there can't be two full stops in a row, nor one at the beginning or the end"),
    "character": _("Check the part before the @: something in it can't be part of an email address"),
    "not_ascii": _(
        "Our mail server can't write to addresses with “%(letter)s” before the @. Enter another one of yours"
    ),
    "quoted": _("We can't write to addresses with quotation marks. Enter another one of yours"),
    "number": _("We can't write to numbers. Enter an address with a name after the @, like name@example.com"),
    "domain": _("Check the part after the @: no mail can be sent to “%(domain)s”"),
    "long_local": _("Check the address: the part before the @ is longer than 64 characters"),
    "long_label": _("Check the address: a part after the @ is longer than 63 characters"),
    "long": _("Check the address: it is longer than 254 characters"),
}

# A local part of plain letters is what it is (RFC 5322, dot-atom); the library judges all others, and every domain.
_PLAIN = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*")
_IN_BRACKETS = re.compile(r"<([^<>]*)>")
_LABEL = re.compile(r"(?:e-?mail|mailto)\s*:\s*", re.IGNORECASE)
_AROUND_AT = re.compile(" *@ *")
_WIDE = re.compile("[\uff00-\uffef\u3002]")
_BEFORE, _AFTER = '"“”„«»([<', '"“”„«»)]>.,;:!?…'
_DOT_ATOM = re.compile(r'"([\w!#$%&\'*+/=?^`{|}~-]+(?:\.[\w!#$%&\'*+/=?^`{|}~-]+)*)"')


class Unclear(ValueError):
    """It is not clear which mailbox is meant, or none can be; `code` names the sentence."""

    def __init__(self, code: str, **details: str) -> None:
        super().__init__(code)
        self.code, self.details = code, details

    @property
    def sentence(self) -> str:
        """Why, in words that say how to mend it."""
        return str(SENTENCES[self.code]) % self.details


def read(typed: str) -> str:
    """The mailbox that is meant, its domain in small letters, as mail can be sent to it. Raises Unclear."""
    local, _at, domain = typed.partition("@")
    if len(local) <= LONGEST_LOCAL and len(typed) <= LONGEST and _PLAIN.fullmatch(local) and _PLAIN.fullmatch(domain):
        return f"{local}@{_domain(domain)}"  # as nearly everybody types it
    address = _validated(_found(typed))
    local = address.rpartition("@")[0]
    if not (settings.EMAIL_SMTPUTF8 or local.isascii()):
        raise Unclear("not_ascii", letter=next(letter for letter in local if not letter.isascii()))
    return address


def tidied(text: str) -> str:
    """What a column of addresses holds for `text`: the mailbox, or where that is unclear the text in one line."""
    local, _at, domain = text.partition("@")
    if not text or (_PLAIN.fullmatch(local) and _PLAIN.fullmatch(domain) and domain.islower() and "xn--" not in domain):
        return text
    try:
        return _validated(_found(text))
    except Unclear:
        return tidying.name(text)


def _found(typed: str) -> str:
    """The one address in what was typed, out of its wrapping. Raises Unclear."""
    shown = tidying.name(typed)
    if _WIDE.search(shown):
        shown = unicodedata.normalize("NFKC", shown).replace("\u3002", ".")
    bracketed = [found for found in _IN_BRACKETS.findall(shown) if "@" in found]
    rest = _IN_BRACKETS.sub(" ", shown) if bracketed else shown
    named = [*bracketed, *(word for word in re.split(r"[\s,;]+", rest) if "@" in word)] if bracketed else [rest]
    distinct = {_unwrapped(one).lower(): _unwrapped(one) for one in named}
    if len(distinct) > 1:
        raise Unclear("several")
    return next(iter(distinct.values()))


def _unwrapped(text: str) -> str:
    address = text.strip().lstrip(_BEFORE)
    if label := _LABEL.match(address):
        address = address[label.end() :]
        if label[0].lower().startswith("mailto"):
            address = unquote(address.partition("?")[0])
    if text[:1] == '"' and re.match(r'"[^"]+"@', text):
        address = text  # a local part in quotation marks (RFC 5321 4.1.2)
    address = address.rstrip(_AFTER + " ") if not address.endswith("]") or "@[" not in address else address
    is_quoted = len(address) > 1 and address[0] == address[-1] and address[0] in "'‘’`"
    return address[1:-1] if is_quoted else address


def _validated(address: str) -> str:
    if address.count("@") == 1:
        address = _AROUND_AT.sub("@", address)  # keyboards that finish words put it there
    local, at, domain = address.rpartition("@")
    _refuse_shape(address, at)
    if unquoted := _DOT_ATOM.fullmatch(local):
        local = unquoted[1]
    _refuse_local(local)
    normal = f"{local if _PLAIN.fullmatch(local) else _local(local)}@{_domain(domain)}"
    if len(normal.encode()) > LONGEST:
        raise Unclear("long")
    return normal


def _refuse_shape(address: str, at: str) -> None:
    if not at:
        raise Unclear("no_at")
    if " " in address:
        raise Unclear("several" if address.count("@") > 1 else "space", before=address.partition(" ")[0])
    if "," in address or ";" in address:
        raise Unclear("several" if address.count("@") > 1 else "comma")


def _refuse_local(local: str) -> None:
    if not local:
        raise Unclear("no_local")
    if local.startswith('"'):
        raise Unclear("quoted")
    if "@" in local:
        raise Unclear("many_ats")
    if len(local.encode()) > LONGEST_LOCAL:
        raise Unclear("long_local")
    if local[0] == "." or local[-1] == "." or ".." in local:
        raise Unclear("dots")


def _local(local: str) -> str:
    try:
        return _judged(f"{local}@example.com").rpartition("@")[0]
    except EmailNotValidError as error:
        raise Unclear("character") from error


@lru_cache(maxsize=1000)
def _domain(domain: str) -> str:
    """The domain in its normal form; a thousand signers have ten between them. Raises Unclear."""
    if not domain:
        raise Unclear("no_domain")
    if domain.startswith("["):
        raise Unclear("number")
    if "." not in domain.strip("."):
        raise Unclear("no_dot")
    if any(len(label.encode()) > LONGEST_LABEL for label in domain.split(".")):
        raise Unclear("long_label")
    try:
        return _judged(f"x@{domain}").partition("@")[2]
    except EmailNotValidError as error:
        raise Unclear("domain", domain=domain) from error


def _judged(address: str) -> str:
    # test_environment lets .test through: such mail bounces, which is the worker's business.
    return validate_email(address, check_deliverability=False, allow_smtputf8=True, test_environment=True).normalized
