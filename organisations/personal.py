"""Personal columns of this app."""

from core.personal import NETWORK, staff
from core.register import Erase, Personal, Until, Whose, register
from organisations.models import Endorsement, EndorsementSubmission, Logo, Motion, Organisation
from submissions.personal import stub, typed

SPOKE = Until(
    "{} after the statement has closed, {} after it was last agreed to under one that does not close, {} after it was"
    " declined, {} after it came if nobody decided",
    ("ANONYMISE_AFTER_CLOSING_DAYS", "LONGEST_DAYS", "DECLINED_DAYS", "UNDECIDED_DAYS"),
)
LISTED = Until(
    "as long as the endorsement is listed; {} after it was declined, {} after it came if nobody decided",
    ("DECLINED_DAYS", "UNDECIDED_DAYS"),
)


def representative(why: str) -> Personal:
    """What goes with the signers of the statement."""
    return Personal(Whose.REPRESENTATIVE, why, SPOKE, Erase.EMPTY)


def listed(why: str) -> Personal:
    """What the organisation stands behind: it stays listed."""
    return Personal(Whose.REPRESENTATIVE, why, LISTED, Erase.DELETE)


register(Logo, rest="uuid data width height created_at")
register(Organisation, rest="name slug kind parent town website logo key sort_key created_at")
register(
    EndorsementSubmission,
    {
        "contact_name": typed("who speaks for the organisation"),
        "contact_role": typed("in which office"),
        "publish_contact": typed("whether others may read name and office"),
        "message": typed("what they wish to say for the organisation"),
        "agreed_how": typed("how the organisation decided"),
        "agreed_on": typed("when the organisation decided"),
        "statement": stub("what they were asked to stand behind"),
        "version": stub("the words that they saw"),
        "name_key": stub("for which organisation, so that a newer answer takes the place of an older one"),
    },
    rest="name kind town website logo",
    asker=Whose.REPRESENTATIVE,
)
register(
    Endorsement,
    {
        "contact_name": representative("who spoke for the organisation"),
        "contact_role": representative("in which office"),
        "contact_email": representative("to write what was asked for, and to the link to their own page"),
        "address_key": representative("keyed hash of the address: who may see and renew"),
        "mailbox_key": representative("keyed hash of the mailbox: what else it sent, for who decides"),
        "publish_contact": representative("whether others may read name and office"),
        "question": representative("what a moderator asked them"),
        "was": representative("how it stood before the last decision, so that it can be undone"),
        "public_contact": listed("name and office, as they let us publish them"),
        "message": listed("what they said for the organisation"),
        "agreed_how": listed("how the organisation decided"),
        "agreed_on": listed("when the organisation decided"),
        "consent": listed("the sentence that was beside the button"),
        "decided_reason": listed("why a moderator listed or declined it"),
        "ip_key": NETWORK,
        "decided_by": staff("who decided"),
    },
    rest="""statement version organisation name name_key kind town website logo public_message is_initial position state
        via signals submission_id decided_submission_id source created_at confirmed_at agreed_at changed_at asked_at
        listed_at withdrawn_at decided_at link_number""",
)
register(Motion, rest="statement notes believes resolves")
