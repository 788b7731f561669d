"""Personal columns of this app, and of the packages that staff log in with."""

from axes.models import AccessAttempt, AccessAttemptExpiration, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Model
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from core.models import (
    AddressKey,
    AuditDraft,
    AuditEntry,
    FormDraft,
    KeysOn,
    Looking,
    Redirect,
    Switch,
    Tombstone,
)
from core.register import Erase, Personal, Until, Whose, register

NETWORK_DAYS = Until("{} after it was written", ("IP_KEY_DAYS",))
# The key of its day is destroyed by then, and with it what could link the hash to a network.
NETWORK = Personal(
    Whose.NETWORK, "a hash, with the key of that day, that tells many from one place", NETWORK_DAYS, Erase.EMPTY
)
WITH_THE_LOG_IN = Until("as long as the log-in")
FOR_EVER = Until("as long as the site: the chain of the record proves that nothing was taken out")


def staff(why: str, until: Until = WITH_THE_LOG_IN, erase: Erase = Erase.EMPTY) -> Personal:
    """A column that says which of the staff did something; a deleted log-in empties it."""
    return Personal(Whose.STAFF, why, until, erase)


register(
    AddressKey,
    {"secret": Personal(Whose.NETWORK, "the key with which networks are hashed", NETWORK_DAYS, Erase.DELETE)},
    rest="day",
)
AT_ONCE = Until("until its transaction ends: then it is a line of the record")
register(
    AuditDraft,
    {
        "by_id": staff("who does it", AT_ONCE, Erase.DELETE),
        "by_name": staff("who does it", AT_ONCE, Erase.DELETE),
        "why": staff("the reason that they give", AT_ONCE, Erase.DELETE),
    },
    rest="what model object_id label",
)
register(
    AuditEntry,
    {
        "by_id": staff("who did it", FOR_EVER, Erase.KEEP),
        "by_name": staff("who did it, where the log-in is gone", FOR_EVER, Erase.KEEP),
        "why": staff("the reason that they gave", FOR_EVER, Erase.KEEP),
        "at": staff("when they did it", FOR_EVER, Erase.KEEP),
    },
    rest="what model object_id label hash",  # of people they have the number of the row, never the name
)
register(Switch, rest="name sentence off_since until")
register(Redirect, rest="path target created_at")
register(KeysOn, {"user": staff("who works with single keys", erase=Erase.DELETE)})
DRAFT = Until("{} after it was typed", ("FORM_DRAFT_DAYS",))
register(
    FormDraft,
    {
        "user": staff("whose draft it is", DRAFT, Erase.DELETE),
        "typed": staff("so that nothing typed is lost; it is shown to whoever typed it alone", DRAFT, Erase.DELETE),
        "begun_at": staff("to keep revisions apart", DRAFT, Erase.DELETE),
        "kept_at": staff("to know when to forget it", DRAFT, Erase.DELETE),
    },
    rest="model object_id is_settled",
)
LOOKING = Until("{} after they were last there", ("LOOKING_DAYS",))
register(
    Looking,
    {
        "user": staff("so that two do not do the same work", LOOKING, Erase.DELETE),
        "seen_at": staff("to know whether they are still there", LOOKING, Erase.DELETE),
    },
    rest="model object_id",
)
register(
    User,
    {
        "username": staff("to log in, and to say who did what", erase=Erase.DELETE),
        "first_name": staff("to be called by it", erase=Erase.DELETE),
        "last_name": staff("to be called by it", erase=Erase.DELETE),
        "email": staff("to be written to about their work", erase=Erase.DELETE),
        "password": staff("to log in; a slow hash", erase=Erase.DELETE),
        "last_login": staff("to see log-ins that nobody uses", erase=Erase.DELETE),
        "date_joined": staff("to see since when they have it", erase=Erase.DELETE),
    },
    rest="is_active is_staff is_superuser",
)

register(
    Tombstone,
    {
        "subject": Personal(
            Whose.MAILBOX, "keyed hash: so that neither an import nor a backup brings back what is gone",
            Until("as long as the site"), Erase.KEEP_HASH,
        ),
        "which": Personal(
            Whose.MAILBOX, "keyed hash: which of several of one mailbox", Until("as long as the site"), Erase.KEEP_HASH
        ),
    },
    rest="kind scope why at copied_at",
)  # fmt: skip

# What packages keep of the staff's work.
TRIED = Until("{} after it was tried", ("LOG_IN_TRIES_DAYS",))
SESSION = Until("as long as somebody is logged in, and until the hour after")
LOGGED = Until("{} after they did it; the record keeps what and when", ("STAFF_LOG_DAYS",))


def tried(model: type[Model], more: str = "", rest: str = "") -> None:
    """A table of log-ins; `more` of its columns say what was typed, besides those that all have."""
    columns = {name: staff("what was typed to log in", TRIED, Erase.DELETE) for name in more.split()}
    network = Personal(
        Whose.NETWORK, "a hash, with the key of that day, that looks like an address", TRIED, Erase.DELETE
    )
    register(
        model,
        {
            "username": staff("whose password was guessed, or who logged in", TRIED, Erase.DELETE),
            "user_agent": staff("with which program", TRIED, Erase.DELETE),
            "http_accept": staff("with which program", TRIED, Erase.DELETE),
            "ip_address": network,
            **columns,
        },
        rest=f"path_info attempt_time {rest}",
    )


tried(AccessAttempt, "get_data post_data", "failures_since_start")
tried(AccessLog, rest="logout_time session_hash")
tried(AccessFailureLog, rest="locked_out")
register(AccessAttemptExpiration, rest="access_attempt expires_at")
register(
    Session,
    {
        "session_key": staff("who is logged in", SESSION, Erase.DELETE),
        "session_data": staff("who is logged in, and what they did last, to undo it", SESSION, Erase.DELETE),
    },
    rest="expire_date",
)
register(
    LogEntry,
    {
        "user": staff("who did it", LOGGED, Erase.DELETE),
        "object_repr": staff("to what they did it, never by a person's name", LOGGED, Erase.DELETE),
        "change_message": staff("what they did, and why", LOGGED, Erase.DELETE),
    },
    rest="action_time content_type object_id action_flag",
)
for _model, _secret in ((TOTPDevice, "key"), (StaticDevice, "")):
    _columns = {name: staff("the second step of logging in", erase=Erase.DELETE) for name in ("user", _secret) if name}
    _numbers = " drift last_t step t0 digits tolerance" if _secret else ""
    register(
        _model,
        _columns,
        rest="name confirmed last_used_at created_at throttling_failure_timestamp throttling_failure_count" + _numbers,
    )
register(StaticToken, {"token": staff("codes on paper, for a lost phone", erase=Erase.DELETE)}, rest="device")
register(Group, rest="name")
register(Permission, rest="name content_type codename")
register(ContentType, rest="app_label model")
