"""Personal columns of this app."""

from comments.models import Comment, CommentSubmission, Preference, Report, Rules, SiteRules, Thread
from core.personal import NETWORK, staff
from core.register import Erase, Personal, Until, Whose, register
from submissions.personal import stub, typed

THREAD_ENDED = Until(
    "{} after its thread has ended, and {} after it was written at the latest",
    ("COMMENT_EMAIL_DAYS", "COMMENT_EMAIL_LONGEST_DAYS"),
)
PUBLISHED = Until(
    "as long as the comment stands; in the bin {}, and {} if nobody decided", ("COMMENT_BIN_DAYS", "UNDECIDED_DAYS")
)
REPORTED = Until("{} after somebody looked, {} after it came otherwise", ("REPORT_DAYS", "UNDECIDED_DAYS"))


def writer(why: str) -> Personal:
    """Deleted some time after the conversation; the comment stays."""
    return Personal(Whose.COMMENTER, why, THREAD_ENDED, Erase.EMPTY)


def published(why: str) -> Personal:
    """Public; where it was answered, an empty place stays."""
    return Personal(Whose.COMMENTER, why, PUBLISHED, Erase.EMPTY)


register(
    Rules,
    rest="""approve trusted_after links_allowed watched_words refused_words depth per_page order close_after_days
        reports_hide""",
)
register(SiteRules)
register(
    Thread,
    {"closed_by": staff("who closed it")},
    rest="statement mode closes_at closed_at closed_message published forgotten_at",
)
register(
    CommentSubmission,
    {
        "author_name": typed("who says it"),
        "body": typed("what they wish to say"),
        "words_digest": stub("so that the same words twice are one comment"),
        "thread": stub("where they wish to say it"),
        "parent": stub("whom they answer"),
    },
    asker=Whose.COMMENTER,
)
register(
    Comment,
    {
        "author_name": published("who says it"),
        "body": published("what they say"),
        "author_email": writer("to write what was asked for, and to the link to their own page"),
        "address_key": writer("keyed hash of the address: who may see and change"),
        "mailbox_key": writer("keyed hash of the mailbox: what else it sent"),
        "words_digest": published("so that the same words twice are one comment"),
        "consent": Personal(
            Whose.COMMENTER, "the sentence that was beside the button", Until("as long as the comment"), Erase.KEEP
        ),
        "held_reason": published("why it waits"),
        "decided_reason": published("why a moderator decided so"),
        "ip_key": NETWORK,
        "decided_by": staff("who decided"),
    },
    rest="""thread parent state source submission_id is_organiser chosen_at spam_check created_at confirmed_at
        published_at hidden_at edited_at decided_at was withdrawn_at withdrawn_from link_number""",
)
register(
    Report,
    {
        "words": Personal(Whose.READER, "what is wrong with it", REPORTED, Erase.EMPTY),
        "reason": Personal(Whose.READER, "what is wrong with it", Until("as long as the comment"), Erase.DELETE),
        # Emptied, one network could report again, and the next report would take its place.
        "ip_key": Personal(
            Whose.NETWORK,
            "so that a network reports once; a hash that nobody can make again",
            Until("as long as the comment; the key that made the hash is destroyed after {}", ("IP_KEY_DAYS",)),
            Erase.KEEP,
        ),
    },
    rest="comment created_at looked_at",
)
register(Preference, {"user": staff("whose wish it is", erase=Erase.DELETE)}, rest="digest digested_at")
