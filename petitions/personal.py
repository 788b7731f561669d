"""Personal columns of this app."""

from core.personal import NETWORK, staff
from core.register import Erase, Personal, Until, Whose, register
from petitions.models import (
    AskedDay,
    Assignment,
    Attendance,
    AttendanceSubmission,
    CallToAction,
    Copublisher,
    CountBlock,
    CountKey,
    CountRoot,
    Event,
    Invitation,
    Mailing,
    MailingRecipient,
    Meeting,
    NoticeMailing,
    PlaceCount,
    Reaffirming,
    Rule,
    SavedText,
    Sheet,
    SheetLine,
    Signature,
    SignatureSubmission,
    SignedHour,
    SignedPlace,
    SignedSum,
    Statement,
    SumsCount,
    Tally,
    Update,
    Version,
)
from petitions.signatures import optional
from submissions.personal import stub, typed

AFTER_CLOSING = Until(
    "{} after the statement has closed, {} after it was last agreed to under one that does not close, and {} after it"
    " was removed",
    ("ANONYMISE_AFTER_CLOSING_DAYS", "LONGEST_DAYS", "REMOVED_DAYS"),
)
WITH_THE_NAME = Until("as long as a name and a mailbox stand under the statement: the database deletes it with them")
WHILE_IT_COUNTS = Until(
    "{} after the statement has closed, and {} after it was removed",
    ("ANONYMISE_AFTER_CLOSING_DAYS", "REMOVED_DAYS"),
)
ON_PAPER = Until("{} after the statement has closed", ("ANONYMISE_AFTER_CLOSING_DAYS",))
WITH_THE_COUNT = Until("as long as the statement: it tells nothing of somebody without a name")


def signer(why: str) -> Personal:
    """Kept until some time after the statement has closed."""
    return Personal(Whose.SIGNATORY, why, AFTER_CLOSING, Erase.EMPTY)


def key(why: str) -> Personal:
    """Kept for as long as somebody could sign twice."""
    return Personal(Whose.SIGNATORY, why, WHILE_IT_COUNTS, Erase.EMPTY)


def counted(why: str) -> Personal:
    """Kept with the count, and linked to nobody once name and mailbox are gone."""
    return Personal(Whose.SIGNATORY, why, WITH_THE_COUNT, Erase.KEEP)


register(
    Statement,
    {"contact_email": staff("to be written to about it; everybody can read it", Until("as long as the statement"))},
    rest=f"""publisher joint_with headline is_featured kind title slug uid summary addressed_to preface language
        published_at
        closes_at closed_at hidden_at goal signed_by {" ".join(optional.SWITCHES)} outcome handed_in_on handed_in_to
        organisations paper names_only calls_heading image image_small image_words image_focus
        names_order names_batch names_placed_until names_are_placed created_at changed_at""",
)
register(Version, rest="statement number title addressed_to body note published_at sha256")
register(Assignment, {"user": staff("who looks after the statement", erase=Erase.DELETE)}, rest="statement created_at")
INVITED = Until("{} after it was sent", ("INVITATION_KEPT_DAYS",))
register(
    Invitation,
    {
        "email": staff("to be asked to work on statements", INVITED, Erase.DELETE),
        "note": staff("a line from whoever asks", INVITED, Erase.DELETE),
        "invited_by": staff("who asked", INVITED, Erase.DELETE),
        "taken_by": staff("who came", INVITED, Erase.DELETE),
    },
    rest="role moderates link_number created_at expires_at taken_at taken_back_at",
)
register(
    Copublisher,
    {
        "note": staff("a line from whoever asks", Until("as long as the statement"), Erase.KEEP),
        "invited_by": staff("who asked another publisher to publish it together", Until("as long as the statement")),
        "accepted_by": staff("who accepted for that publisher", Until("as long as the statement")),
    },
    rest="statement publisher headline preface position invited_at accepted_at ended_at ended",
)
register(
    Event,
    rest="""statement title slug summary starts_at ends_at timezone whole_days venue address online_url details_url
        accessibility status takes_names capacity telling coming uid sequence changed_at""",
)
AFTER_IT = Until("{} after the event; what is taken back goes within minutes", ("ATTENDANCE_DAYS",))


def visitor(why: str) -> Personal:
    """Kept until some time after the event."""
    return Personal(Whose.VISITOR, why, AFTER_IT, Erase.DELETE)


register(
    AttendanceSubmission,
    {"name": typed("who comes"), "event": stub("where they wish to come")},
    asker=Whose.VISITOR,
)
register(
    Attendance,
    {
        "name": visitor("who comes"),
        "email": visitor("to tell them of a place, of a change of plans, and the day before"),
        "address_key": visitor("keyed hash of the address: who may see and change"),
        "mailbox_key": visitor("keyed hash of the mailbox: who comes once"),
        "event": visitor("where they come"),
        "state": visitor("whether they have a place"),
        "consent": visitor("the sentence that was beside the button"),
        "agreed_at": visitor("when they agreed"),
        "queued_at": visitor("since when they wait for a place"),
        "withdrawn_at": visitor("when they took it back"),
        "reminded_at": visitor("so that they are reminded once"),
    },
    rest="submission_id link_number",
)
register(
    CallToAction,
    {"email": staff("to be written to, as the call says; everybody can read it", Until("as long as the call"))},
    rest="statement position kind words details event url link_words",
)
register(
    Rule,
    {
        "ip_key": Personal(
            Whose.NETWORK,
            "the network whose signatures are removed; a hash that nobody can make again",
            Until("as long as the rule; the key that made the hash is destroyed after {}", ("IP_KEY_DAYS",)),
            Erase.KEEP,
        ),
        "created_by": staff("who removed signatures"),
    },
    rest="""statement domain via signed_from signed_until reason state expected handled cursor last created_at
        finished_at""",
)
register(
    Meeting,
    {"created_by": staff("who made the meeting's poster")},
    rest="statement place code starts_at ends_at expected created_at",
)
register(
    NoticeMailing,
    {"started_by": staff("who told people of the new privacy notice")},
    rest="notice words started_at reached queued finished_at",
)
register(
    Reaffirming,
    {"started_by": staff("who asked signers whether they stand by a correction")},
    rest="statement version started_at reached queued finished_at",
)
register(Sheet, {"typed_by": staff("who typed the sheet")}, rest="statement number typed_at import_id forgotten_at")
register(
    SheetLine,
    {
        "name": Personal(Whose.SIGNATORY, "who signed on paper", ON_PAPER, Erase.EMPTY),
        "postcode": Personal(Whose.SIGNATORY, "where they live", ON_PAPER, Erase.EMPTY),
    },
    rest="sheet",
)
register(SignedHour, rest="statement hour confirmed")
register(SignedPlace, rest="statement field place people")  # ten people or more
register(SignedSum, rest="statement what key people brought_in held removed withdrawn shown news")
register(AskedDay, rest="statement day source asked agreed")
register(SumsCount, rest="statement waiting gone counted_at took")
register(PlaceCount, rest="statement field given counted_at took")
register(
    SignatureSubmission,
    {
        "name": typed("what they wish to sign with"),
        **{field.name: typed(field.why) for field in optional.FIELDS},
        "show_name": typed("whether others may read the name"),
        "email_updates": typed("whether they want news"),
        "news_of": typed("whose news they want besides, under a joint statement"),
        "statement": stub("what they were asked to sign"),
        "version": stub("the words that they saw"),
    },
    rest="unless_signed asked_by",
    asker=Whose.SIGNATORY,
)
register(
    Signature,
    {
        "name": signer("who signed; others read it if they let us show it"),
        "email": signer("to write what was asked for, and to the link to their own page"),
        "address_key": key("keyed hash of the address: who may see and renew"),
        "mailbox_key": key("keyed hash of the mailbox: who counts once"),
        "domain_key": signer("keyed hash of the domain, to hold or remove floods from one"),
        **{field.name: (counted if field.stays else signer)(field.why) for field in optional.FIELDS},
        "position": signer("their place among those who stand first, where the campaigner gave one"),
        "show_name": signer("whether others may read the name"),
        "sort_key": signer("where the name stands from A to Z"),
        "email_updates": signer("whether they want news"),
        "news_of": signer("whose news they want besides, under a joint statement"),
        "held_reason": signer("why staff are to look at it"),
        "removed_reason": signer("why it was removed"),
        "ip_key": NETWORK,
        "statement": counted("what they signed"),
        "version": counted("the words that they saw"),
        "consent": counted("the sentence that was beside the button"),
        "language": counted("to write in it"),
        "via": counted("by which link they came"),
        "asked_by": counted("on which publisher's page they signed a joint statement"),
        "state": counted("whether it counts"),
        "created_at": counted("when it was asked for"),
        "confirmed_at": counted("when it was first agreed to"),
        "agreed_at": counted("when it was last agreed to"),
        "removed_at": counted("when it was removed"),
        "withdrawn_at": counted("when it was withdrawn; ten minutes later the row goes"),
        "asked_to_stay_at": counted("when they were asked whether it may stay"),
        "renewed_at": counted("when they said that it should"),
        "submission_id": counted("what was agreed to last, which stays no longer than a stub"),
    },
    rest="""mailbox_position channel import_id anonymised_at link_number prior_state prior_shown prior_version_id
        prior_import_id""",
)
register(Tally, rest="statement version slot confirmed shown removed brought_in")
register(SavedText, rest="statement name title body")
register(Update, rest="statement title slug uid body published_at")
register(
    Mailing,
    {"reply_to": staff("where answers to the mail go", Until("as long as the news"))},
    rest="""update tested started_at queued_at paused_at stopped_at reached countries areas sources languages
        signed_from signed_until unless_sent sent skipped failed bounced complained""",
)
register(
    MailingRecipient,
    {
        "signature": Personal(
            Whose.SIGNATORY, "so that nobody is written to twice", Until("as long as the signature"), Erase.DELETE
        ),
        "mail": Personal(Whose.SIGNATORY, "which mail it was", Until("as long as that mail"), Erase.EMPTY),
    },
    rest="mailing",
)
register(CountBlock, rest="statement number leaves root")
register(CountRoot, rest="statement day size gone root")
register(
    CountKey,
    {
        "key": Personal(
            Whose.SIGNATORY,
            "with which they prove that they are in the count, and without which nobody can say whose leaf theirs was",
            WITH_THE_NAME,
            Erase.DELETE,
        ),
        "signature_id": Personal(Whose.SIGNATORY, "whose key it is", WITH_THE_NAME, Erase.DELETE),
        "place": Personal(Whose.SIGNATORY, "which leaf is theirs", WITH_THE_NAME, Erase.DELETE),
    },
    rest="statement",
)
