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
from petitions.statements.models import Statement
from publishers import packs
from publishers.models import Publisher
from submissions.models import ConsentText

KEPT_SECONDS = 3600
MOST_TOLD = 64
RECIPIENTS_SECONDS = 60  # whoever agrees before the notice names a new recipient is not passed on to them

CHOICES = (_("Show my name on the public list"), _("Email me about this campaign. You can stop at any time."))
NEWS_OF = _("Email me news from %(publisher)s. You can stop at any time.")
TOGETHER = _("%(names)s publish this together, and answer for your details together.")


def news_choice(statement: Statement, publisher: int | None) -> str:
    """What the box says that lets that publisher of the statement write to a signer: one box for each of several."""
    if not statement.joint_with:
        return str(CHOICES[1])
    return str(NEWS_OF) % {"publisher": identity.publisher(publisher).name}


def choices(statement: Statement | None = None) -> list[str]:
    """All boxes that may be ticked beside the sentence."""
    if statement is None or not statement.joint_with:
        return [str(words) for words in CHOICES]
    whose = (statement.publisher_id, *statement.joint_with)
    return [str(CHOICES[0]), *(news_choice(statement, publisher) for publisher in whose)]


def _others(statement: Statement | None) -> tuple[Identity, ...]:
    """Who publishes the statement together with the one whose page it is."""
    if statement is None or not statement.joint_with:
        return ()
    return tuple(one for one in statement.publishers if one.pk != statement.shown_by)


def _who(statement: Statement | None) -> Identity:
    return identity.publisher() if statement is None else statement.who


@dataclass(frozen=True)
class Recipients:
    """By name: who gets names, mailboxes and postcodes of signers; who is told what happens, without them; and who gets
    those of people that want to be written to. Then who works for the publisher: checks comments, and sends mail.
    """

    of_mailboxes: tuple[str, ...] = ()
    of_news: tuple[str, ...] = ()
    of_newsletters: tuple[tuple[int, str], ...] = ()  # each with the row id of whose newsletter it is
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
    newsletters = sorted({pair for one in found for pair in one.of_newsletters})
    comments = sorted({name for one in found for name in one.of_comments})
    mail = tuple(filter(None, [disclosures.provider()]))
    return Recipients(tuple(mailboxes), tuple(news), tuple(newsletters), tuple(comments), mail)


def newsletters_of(to: Recipients, *publishers: Identity) -> list[str]:
    """By name, who gets those who want news from one of these publishers."""
    pks = {one.pk for one in publishers}
    return sorted({name for publisher, name in to.of_newsletters if publisher in pks})


def notice(
    who: Identity | None = None, to: Recipients | None = None, others: tuple[Identity, ...] = ()
) -> dict[str, object]:
    """What the privacy notice of a publisher, or of the one we speak for, says of it, of those to whom people are
    passed on, and of the settings that the site lives by. `others` publish together with it. Times are in days unless
    named.
    """
    who, to = who or identity.publisher(), to or recipients()
    return {
        "together": [(one.name, one.legal_name, one.contact_email) for one in others],
        "mailboxes_to": "; ".join(to.of_mailboxes),
        "news_to": "; ".join(to.of_news),
        "newsletters_to": "; ".join(newsletters_of(to, who, *others)),
        "comments_to": "; ".join(to.of_comments),
        "mail_by": "; ".join(to.of_mail),
        **basis.told(who),
        "controller": who.legal_name,
        "controller_address": ", ".join(who.legal_address.split("\n")),
        "contact": who.contact_email,
        "site_name": who.name,
        "pack": packs.pack(who.pack),
        "origin": identity.origin(),
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
def _notice_text(language: str | None, who: Identity, to: Recipients, others: tuple[Identity, ...] = ()) -> str:
    told = {"notice": notice(who, to, others)}
    return richtext.plain_text(render_to_string("petitions/privacy_notice.jinja", told))


def notices_now() -> list[str]:
    """Each notice that somebody who signs now is told, in the reader's language: of each publisher, and of those who
    publish a statement together.
    """
    found = [words_of(identity.publisher()).notice]
    for pk in Publisher.objects.values_list("pk", flat=True):
        found.append(words_of(identity.publisher(pk)).notice)
    for own, joint in Statement.objects.exclude(joint_with=[]).values_list("publisher", "joint_with").distinct():
        together = [identity.publisher(pk) for pk in (own, *joint)]
        for one in together:
            found.append(words_of(one, tuple(other for other in together if other.pk != one.pk)).notice)
    return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Words:
    """All that a signer agrees to and is told, as it is now, and the hash by which it is kept."""

    sentence: str
    choices: list[str]
    notice: str
    sha256: str


def words(statement: Statement | None = None) -> Words:
    """What signers read now, under this statement; nothing is written down, for nobody has agreed yet."""
    who, others = _who(statement), _others(statement)
    return words_of(who, others, choices(statement))


def words_of(who: Identity, others: tuple[Identity, ...] = (), boxes: list[str] | None = None) -> Words:
    """What they read of that publisher, alone or together with others."""
    boxes = choices() if boxes is None else boxes
    said, notice_text = _sentence(who, others), _notice_text(get_language(), who, recipients(), others)
    return Words(said, boxes, notice_text, _fingerprint("\n".join([said, *boxes]), notice_text))


def sentence(statement: Statement | None = None) -> str:
    """What stands above the button now (basis.py); of a joint statement, also who answers for it."""
    return _sentence(_who(statement), _others(statement))


def _sentence(who: Identity, others: tuple[Identity, ...]) -> str:
    said = basis.sentence(who)
    if not others:
        return said
    return f"{said} {TOGETHER % {'names': _listed([one.legal_name for one in (who, *others)])}}"


def _listed(names: list[str]) -> str:
    *first, last = names
    return _("%(names)s and %(last)s") % {"names": ", ".join(first), "last": last} if first else last


_said_last: dict[tuple[str | None, int | None], tuple[Identity, str]] = {}


def _text(statement: Statement | None) -> str:
    """The sentence and the choices. As in `_told`: every signer waits for them, and a publisher is long to compare."""
    if statement is not None and statement.joint_with:
        return "\n".join([sentence(statement), *choices(statement)])
    who = _who(statement)
    key = (get_language(), who.pk)
    last = _said_last.get(key)
    if last is None or last[0] is not who:
        last = _said_last[key] = (who, "\n".join([basis.sentence(who), *choices()]))
    return last[1]


def current(statement: Statement | None = None) -> int:
    """The id of the row with the sentence, the choices and the notice that signers of this statement see now."""
    return kept(_text(statement), statement)


def kept(text: str, statement: Statement | None = None) -> int:
    """The id of the row with `text` and the current notice, stored when somebody first agrees to it."""
    who, others, to = _who(statement), _others(statement), recipients()
    notice_text, sha256 = _told(text, who, to) if not others else _told_together(text, who, to, others)
    try:
        return memory.remember(f"consent.{sha256}", KEPT_SECONDS, lambda: ConsentText.objects.get(sha256=sha256).pk)
    except ConsentText.DoesNotExist:
        # Not remembered yet: what this transaction goes on to do may fail, and the row with it.
        named = {"recipients": list(to.of_mailboxes), "newsletters": newsletters_of(to, who, *others)}
        publishers = [one.pk for one in (who, *others) if one.pk is not None]
        written = {"text": text, "notice": notice_text, "language": get_language() or "", "publishers": publishers}
        return ConsentText.objects.get_or_create(sha256=sha256, defaults={**written, **named})[0].pk


def _told_together(text: str, who: Identity, to: Recipients, others: tuple[Identity, ...]) -> tuple[str, str]:
    notice_text = _notice_text(get_language(), who, to, others)
    return notice_text, _fingerprint(text, notice_text)


_told_last: dict[tuple[str | None, str, int | None], tuple[Identity, Recipients, str, str]] = {}


def _told(text: str, who: Identity, to: Recipients) -> tuple[str, str]:
    """The notice beside `text`, and the fingerprint of both.

    What was told last is compared by identity: a publisher has so many details that comparing them, for each signer,
    takes longer than all the rest. They are read anew each second, and are another object then.
    """
    key = (get_language(), text, who.pk)
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
