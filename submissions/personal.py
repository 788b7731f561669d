"""Personal columns of this app, and those that every kind of submission has."""

from core.personal import NETWORK, staff
from core.register import Erase, Personal, Until, Whose, register
from submissions.models import ConsentText, Correspondence, Decision, KnownDomain, Submission, WrongCodes

# What was typed is emptied when somebody agrees; what nobody agrees to goes as a whole, also what was disowned, so that
# its waiting page says the same until then (submissions/waiting.py).
TYPED_DAYS = Until(
    "until it is agreed to; otherwise {} after the first mail and {} after it was sent at the latest",
    ("UNCONFIRMED_DAYS", "UNMAILED_DAYS"),
)
STUB_DAYS = Until("{} after it was agreed to, to answer “already done”", ("AGREED_STUB_DAYS",))


def typed(why: str) -> Personal:
    """Typed but not agreed to."""
    return Personal(Whose.ASKER, why, TYPED_DAYS, Erase.DELETE)


def stub(why: str) -> Personal:
    """Kept in the stub after a submission's content is gone."""
    return Personal(Whose.ASKER, why, STUB_DAYS, Erase.DELETE)


register(ConsentText, rest="text notice language recipients newsletters publishers sha256 first_shown_at")
register(
    Submission,
    {
        "email": typed("to write to whoever must agree"),
        "address_key": stub("keyed hash of the address: who may see and renew"),
        "mailbox_key": stub("keyed hash of the mailbox: who counts once, and how often we write"),
        "domain_key": stub("keyed hash of the domain, to hold floods from one"),
        "digest": stub("keyed hash of all that was typed, so that equal posts get one mail"),
        "reference": stub("the three characters by which mail and page name it"),
        "consent": stub("the sentence that was beside the button"),
        "language": stub("to write in it"),
        "via": stub("by which link they came"),
        "ip_key": NETWORK,
        "signals": stub("what a robot gave away"),
        "created_at": stub("when it was asked for"),
        "agreed_at": stub("when it was agreed to"),
        "ended_at": stub("when it was disowned"),
        "result_id": stub("the row that agreeing wrote"),
    },
    rest="channel mailed_at code_tries",
)

DECIDED = Until("as long as it keeps somebody out; under a statement, {} after that has closed",
                ("ANONYMISE_AFTER_CLOSING_DAYS",))  # fmt: skip
register(
    Decision,
    {
        "makes": Personal(Whose.MAILBOX, "what was decided about them", DECIDED, Erase.DELETE),
        "subject": Personal(Whose.MAILBOX, "keyed hash of the mailbox or domain", DECIDED, Erase.KEEP_HASH),
        "position": Personal(Whose.MAILBOX, "which of two who share a mailbox", DECIDED, Erase.DELETE),
        "reason": Personal(Whose.MAILBOX, "why, in the words of staff", DECIDED, Erase.DELETE),
        "submission": Personal(Whose.MAILBOX, "the submission that was looked at", DECIDED, Erase.DELETE),
        "by": staff("who decided"),
    },
    rest="kind scope source source_id undoes created_at lifted_at",
)

WRITTEN_TO = Until("{} after the last mail", ("WRITTEN_TO_DAYS",))
register(
    Correspondence,
    {
        "mailbox_key": Personal(Whose.MAILBOX, "keyed hash: to write later and fewer", WRITTEN_TO, Erase.DELETE),
        "since": Personal(Whose.MAILBOX, "the first mail that nobody answered", WRITTEN_TO, Erase.DELETE),
        "mails": Personal(Whose.MAILBOX, "how many nobody answered", WRITTEN_TO, Erase.DELETE),
        "last_at": Personal(Whose.MAILBOX, "when we wrote last", WRITTEN_TO, Erase.DELETE),
        "asked_at": Personal(Whose.MAILBOX, "when its owner last asked for their page", WRITTEN_TO, Erase.DELETE),
    },
    rest="link_number",
)
register(KnownDomain, rest="domain_key since")
TRIED = Until("{} after the day", ("WRONG_CODES_DAYS",))
register(
    WrongCodes,
    {"key": Personal(Whose.MAILBOX, "hash of a mailbox or network that guesses codes", TRIED, Erase.DELETE)},
    rest="day number",
)
