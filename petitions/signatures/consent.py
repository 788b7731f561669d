"""The consent text of signers, stored word for word (GDPR Art. 7(1); ICO, "How should we record consent?")."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core import identity, richtext
from core.identity import Identity
from core.speed import memory
from mail import disclosures
from petitions.signatures import basis, optional
from publishers import packs
from submissions.models import ConsentText

KEPT_SECONDS = 3600
MOST_TOLD = 64
RECIPIENTS_SECONDS = 60  # whoever agrees before the notice names a new recipient is not passed on to them

CHOICES = (_("Show my name on the public list"), _("Email me about this campaign. You can stop at any time."))


@dataclass(frozen=True)
class Recipients:
    """By name: who gets names, mailboxes and postcodes of signers; who is told what happens, without them; and who gets
    those of people that want to be written to. Then who works for the publisher: checks comments, and sends mail.
    """

    of_mailboxes: tuple[str, ...] = ()
    of_news: tuple[str, ...] = ()
    of_newsletters: tuple[str, ...] = ()
    of_comments: tuple[str, ...] = ()
    of_mail: tuple[str, ...] = ()


_asked: list[Callable[[], Recipients]] = []


def named_by(function: Callable[[], Recipients]) -> Callable[[], Recipients]:
    """Register what knows to whom people are passed on, so that the notice names them."""
    _asked.append(function)
    return function


def recipients() -> Recipients:
    """All that the notice names, each once; at most RECIPIENTS_SECONDS old."""
    return memory.remember("consent.recipients", RECIPIENTS_SECONDS, _recipients)


def _recipients() -> Recipients:
    found = [function() for function in _asked]
    mailboxes = sorted({name for one in found for name in one.of_mailboxes})
    news = sorted({name for one in found for name in one.of_news} - set(mailboxes))
    newsletters = sorted({name for one in found for name in one.of_newsletters})
    comments = sorted({name for one in found for name in one.of_comments})
    mail = tuple(filter(None, [disclosures.provider()]))
    return Recipients(tuple(mailboxes), tuple(news), tuple(newsletters), tuple(comments), mail)


def notice(who: Identity | None = None, to: Recipients | None = None) -> dict[str, object]:
    """What the privacy notice of a publisher, or of the site's first, says of it, of those to whom people are passed
    on, and of the settings that the site lives by. Times are in days unless named.
    """
    who, to = who or identity.publisher(), to or recipients()
    return {
        "mailboxes_to": "; ".join(to.of_mailboxes),
        "news_to": "; ".join(to.of_news),
        "newsletters_to": "; ".join(to.of_newsletters),
        "comments_to": "; ".join(to.of_comments),
        "mail_by": "; ".join(to.of_mail),
        **basis.told(who),
        "controller": who.legal_name,
        "controller_address": ", ".join(who.legal_address.split("\n")),
        "contact": who.contact_email,
        "site_name": who.name,
        "pack": packs.pack(who.pack),
        "origin": settings.ORIGIN,
        "unconfirmed_days": settings.UNCONFIRMED_DAYS,
        "unmailed_days": settings.UNMAILED_DAYS,
        "stub_days": settings.AGREED_STUB_DAYS,
        "withdrawn_minutes": settings.WITHDRAWN_MINUTES,
        "written_to_days": settings.WRITTEN_TO_DAYS,
        "wrong_codes_days": settings.WRONG_CODES_DAYS,
        "removed_days": settings.REMOVED_DAYS,
        "longest_days": settings.LONGEST_DAYS,
        "declined_days": settings.DECLINED_DAYS,
        "undecided_days": settings.UNDECIDED_DAYS,
        "draft_days": settings.FORM_DRAFT_DAYS,
        "invitation_days": settings.INVITATION_KEPT_DAYS,
        "looking_days": settings.LOOKING_DAYS,
        "report_days": settings.REPORT_DAYS,
        "log_in_tries_days": settings.LOG_IN_TRIES_DAYS,
        "staff_log_days": settings.STAFF_LOG_DAYS,
        "api_replay_days": settings.API_REPLAY_DAYS,
        "form_draft_days": settings.FORM_DRAFT_DAYS,
        "invitation_kept_days": settings.INVITATION_KEPT_DAYS,
        "backup_days": settings.BACKUP_DAYS,
        "anonymise_days": settings.ANONYMISE_AFTER_CLOSING_DAYS,
        "sent_mail_days": settings.SENT_MAIL_DAYS,
        "unreachable_days": settings.UNREACHABLE_DAYS,
        "outbound_log_days": settings.OUTBOUND_LOG_DAYS,
        "webhook_event_days": settings.WEBHOOK_EVENT_DAYS,
        "comment_email_days": settings.COMMENT_EMAIL_DAYS,
        "comment_email_longest_days": settings.COMMENT_EMAIL_LONGEST_DAYS,
        "comment_bin_days": settings.COMMENT_BIN_DAYS,
        "attendance_days": settings.ATTENDANCE_DAYS,
        "ip_key_days": settings.IP_KEY_DAYS,
        "import_rows_days": settings.IMPORT_ROWS_DAYS,
        "archive_days": settings.ARCHIVE_DAYS,
        "asked": "; ".join(str(field.label) for field in optional.FIELDS if not field.is_choice),
    }


@lru_cache(maxsize=64)
def _notice_text(language: str | None, who: Identity, to: Recipients) -> str:
    return richtext.plain_text(render_to_string("petitions/privacy_notice.jinja", {"notice": notice(who, to)}))


@dataclass(frozen=True)
class Words:
    """All that a signer agrees to and is told, as it is now, and the hash by which it is kept."""

    sentence: str
    choices: list[str]
    notice: str
    sha256: str


def words() -> Words:
    """What signers read now; nothing is written down, for nobody has agreed yet."""
    who = identity.publisher()
    notice_text = _notice_text(get_language(), who, recipients())
    return Words(basis.sentence(who), list(map(str, CHOICES)), notice_text, _fingerprint(_text(), notice_text))


def sentence() -> str:
    """What stands above the button now (basis.py)."""
    return basis.sentence(identity.publisher())


_said_last: dict[str | None, tuple[Identity, str]] = {}


def _text() -> str:
    """The sentence and the choices. As in `_told`: every signer waits for them, and a publisher is long to compare."""
    who, language = identity.publisher(), get_language()
    last = _said_last.get(language)
    if last is None or last[0] is not who:
        last = _said_last[language] = (who, "\n".join(map(str, [basis.sentence(who), *CHOICES])))
    return last[1]


def current() -> int:
    """The id of the row with the sentence, the choices and the notice that signers see now."""
    return kept(_text())


def kept(text: str) -> int:
    """The id of the row with `text` and the current notice, stored when somebody first agrees to it."""
    who, to = identity.publisher(), recipients()
    notice_text, sha256 = _told(text, who, to)
    try:
        return memory.remember(f"consent.{sha256}", KEPT_SECONDS, lambda: ConsentText.objects.get(sha256=sha256).pk)
    except ConsentText.DoesNotExist:
        # Not remembered yet: what this transaction goes on to do may fail, and the row with it.
        named = {"recipients": list(to.of_mailboxes), "newsletters": list(to.of_newsletters)}
        written = {"text": text, "notice": notice_text, "language": get_language() or "", **named}
        return ConsentText.objects.get_or_create(sha256=sha256, defaults=written)[0].pk


_told_last: dict[tuple[str | None, str], tuple[Identity, Recipients, str, str]] = {}


def _told(text: str, who: Identity, to: Recipients) -> tuple[str, str]:
    """The notice beside `text`, and the fingerprint of both.

    What was told last is compared by identity: a publisher has so many details that comparing them, for each signer,
    takes longer than all the rest. They are read anew each second, and are another object then.
    """
    key = (get_language(), text)
    last = _told_last.get(key) if settings.SPEED else None
    if last is None or last[0] is not who or last[1] is not to:
        notice_text = _notice_text(key[0], who, to)
        if len(_told_last) >= MOST_TOLD:
            _told_last.clear()
        last = _told_last[key] = (who, to, notice_text, _fingerprint(text, notice_text))
    return last[2], last[3]


@lru_cache(maxsize=8)
def _fingerprint(text: str, notice_text: str) -> str:
    """Every signer waits for it, and the notice is long."""
    return hashlib.sha256(f"{text}\0{notice_text}".encode()).hexdigest()
