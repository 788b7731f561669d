"""Personal columns of this app."""

from api.models import Replay, Token
from core.personal import staff
from core.register import Erase, Personal, Until, Whose, register

DAY = Until("{} after it was sent", ("API_REPLAY_DAYS",))
register(
    Token,
    {
        "owner": staff("whose permissions it has", erase=Erase.DELETE),
        "made_by": staff("who made it"),
        "last_used_at": staff("to see tokens that nobody uses", Until("as long as the token"), Erase.DELETE),
    },
    rest="publisher name scopes reason digest hint made_at expires_at revoked_at",
)
register(
    Replay,
    {
        "fingerprint": Personal(
            Whose.SIGNATORY, "keyed hash of what was sent, so that a repeat is known", DAY, Erase.DELETE
        ),
    },
    rest="token key status body created_at",
)
