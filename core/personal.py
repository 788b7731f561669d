"""Personal columns of this app, and of Django's own log-ins."""

from django.contrib.auth.models import User

from core.models import AddressKey, AuditDraft, AuditEntry, FormDraft, KeysOn, Looking, Redirect, Switch
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
register(Switch, rest="name sentence off_since")
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
