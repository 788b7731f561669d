"""What of whom is kept where, and until when: the register of personal columns in the words of a document."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import register
from core.register import Erase, Personal, Until, Whose

# Rows that Django's own way of naming them doesn't fit.
NAMES: dict[str, Any] = {
    "core.KeysOn": _("keys of staff"),
    "core.Looking": _("pages that staff have open"),
    "core.FormDraft": _("forms that staff did not save"),
    "mail.Suppression": _("mailboxes that want no mail"),
    "mail.ReturnedMail": _("mail that came back"),
    "mail.UnreachableMailbox": _("mailboxes that mail came back from"),
    "submissions.Decision": _("decisions about mailboxes"),
    "submissions.Correspondence": _("how often we wrote"),
    "submissions.WrongCodes": _("wrong codes"),
    "integrations.Subscriber": _("who is on a newsletter"),
    "integrations.Inbox": _("where the fediverse is told"),
    "integrations.Received": _("what came in from the fediverse"),
    "exchange.ImportRow": _("lines of lists that were brought in"),
    "api.Replay": _("requests of programs"),
    "auth.User": _("log-ins of staff"),
    "sessions.Session": _("sessions of staff"),
    "axes.AccessAttempt": _("failed log-ins"),
    "axes.AccessFailureLog": _("failed log-ins"),
    "axes.AccessLog": _("log-ins"),
    "core.AuditDraft": _("record"),
    "otp_totp.TOTPDevice": _("second factors of staff"),
    "otp_static.StaticDevice": _("second factors of staff"),
    "otp_static.StaticToken": _("second factors of staff"),
    "admin.LogEntry": _("what staff did"),
}
EFFECTS = {
    Erase.DELETE: _("deleted"),
    Erase.EMPTY: _("emptied"),
    Erase.KEEP_HASH: _("a keyed hash stays"),
    Erase.KEEP: _("stays"),
}
PEOPLE = {
    Whose.SIGNATORY: _("People who sign"),
    Whose.REPRESENTATIVE: _("Representatives of organisations"),
    Whose.COMMENTER: _("People who comment"),
    Whose.READER: _("Readers who report a comment"),
    Whose.VISITOR: _("People who come to an event"),
    Whose.MAILBOX: _("Owners of mailboxes that we write to"),
    Whose.FOLLOWER: _("People who follow in the fediverse"),
    Whose.NETWORK: _("Networks of visitors"),
    Whose.STAFF: _("Staff"),
}


@dataclass(frozen=True)
class Entry:
    """One personal column, and the rows that it is a column of."""

    model: type[Model]
    column: str
    personal: Personal

    @property
    def kept_in(self) -> str:
        """What its rows are called."""
        return str(NAMES.get(self.model._meta.label) or self.model._meta.verbose_name_plural)


def entries() -> Iterator[Entry]:
    """Every personal column there is."""
    yield from (Entry(*found) for found in register.personal_columns())


def of(whose: Whose) -> list[Entry]:
    """The columns with data of such people."""
    return [entry for entry in entries() if entry.personal.whose == whose]


def until() -> dict[Until, list[Entry]]:
    """The columns by how long they are kept; what follows a setting first."""
    found: dict[Until, list[Entry]] = {}
    for entry in entries():
        found.setdefault(entry.personal.until, []).append(entry)
    return dict(sorted(found.items(), key=lambda pair: not pair[0].settings))


def kept_in(found: list[Entry]) -> str:
    """In which rows, each once."""
    return "; ".join(dict.fromkeys(entry.kept_in for entry in found))


def reasons(found: list[Entry]) -> str:
    """Why, each once."""
    return "; ".join(dict.fromkeys(entry.personal.why for entry in found))


def effects(found: list[Entry]) -> str:
    """What becomes of them, each once."""
    return "; ".join(dict.fromkeys(str(EFFECTS[entry.personal.erase]) for entry in found))


def days(name: str) -> str:
    """A setting that is a number of days, in words."""
    return gettext("%(days)s days") % {"days": getattr(settings, name)}
