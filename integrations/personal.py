"""Personal columns of this app."""

from core.personal import staff
from core.register import Erase, Personal, Until, Whose, register
from integrations.models import (
    Actor,
    Cursor,
    Endpoint,
    Follower,
    Identity,
    Inbox,
    Mark,
    Newsletter,
    Notice,
    Post,
    Received,
    Subscriber,
    WebhookEvent,
)

TOLD = Until(
    "{} after it was noticed; of a signature at most while it stands, of a comment while everybody reads it",
    ("WEBHOOK_EVENT_DAYS",),
)
register(
    Endpoint,
    {"made_by": staff("who made it, to be told when it does not answer")},
    rest="url recipient events may_have_mailbox secret old_secret rotated_at made_at off_at off_why",
)
register(
    WebhookEvent,
    {
        "subject_id": Personal(Whose.SIGNATORY, "the number of the row that it is about", TOLD, Erase.DELETE),
        "data": Personal(Whose.SIGNATORY, "what is told, so that a repeat says the same", TOLD, Erase.DELETE),
        "private": Personal(Whose.SIGNATORY, "what only some endpoints are told", TOLD, Erase.DELETE),
        "key": Personal(Whose.SIGNATORY, "so that nothing is told twice", TOLD, Erase.DELETE),
    },
    rest="uuid type statement_id happened_at noticed_at",
)
register(Cursor, rest="type since seen")
register(Mark, rest="subscriber_id")
register(
    Newsletter,
    {"made_by": staff("who made it, to be told when it is to be mended")},
    rest="publisher recipient program url username key list_id mapping state why tried_at answer reached passed_at"
    " parted polled_at seen made_at",
)
ON_THE_LIST = Until("as long as they are on the newsletter, and until it has taken them off")
SIGNED = Until("as long as they have signed something, and until the newsletter has taken them off")
register(
    Subscriber,
    {
        "mailbox_key": Personal(Whose.MAILBOX, "who is on a newsletter, once", SIGNED, Erase.DELETE),
        "email": Personal(Whose.MAILBOX, "to have the newsletter take them off again", ON_THE_LIST, Erase.DELETE),
        "remote_id": Personal(Whose.MAILBOX, "what the newsletter calls them, for the same", SIGNED, Erase.DELETE),
        "remote_key": Personal(Whose.MAILBOX, "keyed hash of that, to know who left there", SIGNED, Erase.DELETE),
    },
    rest="newsletter is_ours was_asked state why changed_at",
)
register(
    Notice,
    {
        "made_by": staff("who made it, to be told when it does not answer"),
        "secret": staff(
            "sealed: the address of a chat, which can be somebody's mailbox", Until("as long as the notice")
        ),
    },
    rest="name chat about per_hour host seen pending said_at made_at off_at off_why",
)
LINKED = Until("as long as the log-in; {} after it was tried where nobody links it", ("LOG_IN_TRIES_DAYS",))
register(
    Identity,
    {
        "issuer": staff("whose account it is, to log in with it", LINKED, Erase.DELETE),
        "subject": staff("whose account it is, to log in with it", LINKED, Erase.DELETE),
        "calls_itself": staff("to know whose it may be", LINKED, Erase.DELETE),
        "user": staff("whose account it is", LINKED, Erase.DELETE),
        "linked_by": staff("who said so", LINKED, Erase.EMPTY),
        "tried_at": staff("to forget those that nobody links", LINKED, Erase.DELETE),
        "used_at": staff("to see accounts that nobody uses", LINKED, Erase.DELETE),
    },
)
register(
    Actor,
    {"made_by": staff("who made it")},
    rest="publisher name public_key private_key made_at on_at",
)
FOLLOWS = Until("as long as they follow; until they leave, their account is gone, or the account here is switched off")
DELIVERED = Until("as long as somebody there follows; a week after it takes nothing more")
LOOKED_AT = Until("until the worker has looked at it, half an hour at most; the server's name for an hour")
register(
    Inbox,
    {
        "url": Personal(Whose.FOLLOWER, "where to deliver to; it can be somebody's own", DELIVERED, Erase.DELETE),
        "url_key": Personal(Whose.FOLLOWER, "keyed hash of that, to have it once", DELIVERED, Erase.DELETE),
    },
    rest="failing_since",
)
register(
    Follower,
    {
        "address": Personal(Whose.FOLLOWER, "who follows, to grant it", FOLLOWS, Erase.DELETE),
        "address_key": Personal(Whose.FOLLOWER, "keyed hash of that, to have them once", FOLLOWS, Erase.DELETE),
        "follow_id": Personal(Whose.FOLLOWER, "their wish, to grant that one", FOLLOWS, Erase.DELETE),
    },
    rest="actor inbox since",
)
register(
    Received,
    {
        "told": Personal(Whose.FOLLOWER, "who sent it, and what proves that", LOOKED_AT, Erase.DELETE),
        "host": Personal(Whose.FOLLOWER, "from which server, to bound how much comes", LOOKED_AT, Erase.DELETE),
    },
    rest="actor kind came_at",
)
register(Post, rest="actor statement update event at digest changed_at gone_at announced_at telling reached")
