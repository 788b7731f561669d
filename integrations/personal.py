"""Personal columns of this app."""

from core.personal import staff
from core.register import Erase, Personal, Until, Whose, register
from integrations.models import Cursor, Endpoint, WebhookEvent

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
