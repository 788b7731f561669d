"""Personal columns of this app."""

from core.personal import staff
from core.register import Erase, Personal, Until, Whose, register
from exchange.models import (
    Archive,
    ArchivePart,
    Farewell,
    FarewellPart,
    HandOver,
    Import,
    ImportRow,
    Inquiry,
    Matching,
    Pack,
    PackPart,
)

AS_CAME = Until("{} after the import was finished", ("IMPORT_ROWS_DAYS",))
WITH_THE_ROW = Until("as long as what it became, and no longer than {} after the statement has closed",
                     ("ANONYMISE_AFTER_CLOSING_DAYS",))  # fmt: skip


def came(why: str) -> Personal:
    """The rows of the list, deleted soon after it came in."""
    return Personal(Whose.SIGNATORY, why, AS_CAME, Erase.EMPTY)


register(
    Import,
    {"created_by": staff("who brought the list in")},
    rest="""statement source brings file_name file_sha256 encoding separator headings columns remarks collected_by words
        agreed_when may_mail may_show day_first date_if_none asks answer_by silence_keeps consent state goes_on
        rows_in_all rows_checked problem created_at finished_at""",
)
register(
    ImportRow,
    {
        "cells": came("the row of the list as it came, for the file of rejected rows"),
        "read_as": came("what it was read as"),
        "private": came("of that, address and postcode, sealed"),
        "mailbox_key": came("keyed hash of the mailbox, to find who is here already"),
        "reason": came("why the row was not brought in"),
        "result_id": Personal(
            Whose.SIGNATORY, "the signature, comment or endorsement it became", WITH_THE_ROW, Erase.DELETE
        ),
        "digest": Personal(
            Whose.SIGNATORY, "a number that tells whether that was changed since", WITH_THE_ROW, Erase.DELETE
        ),
    },
    rest="of line status",
)
ASKED_ONCE = Until("{} after the statement has closed, so that nobody is asked twice",
                   ("ANONYMISE_AFTER_CLOSING_DAYS",))  # fmt: skip


def asked(why: str) -> Personal:
    """Kept so that nobody is asked twice."""
    return Personal(Whose.SIGNATORY, why, ASKED_ONCE, Erase.DELETE)


register(
    Inquiry,
    {
        "address_key": asked("keyed hash of the address: who may see and answer"),
        "mailbox_key": asked("keyed hash of the mailbox: who is asked once"),
        "statement": asked("what they are said to have signed"),
        "row": asked("the row of the list that they are on"),
        "state": asked("what they answered"),
        "queued_at": asked("when we wrote to them"),
        "mailed_at": asked("when the mail was taken"),
        "answered_at": asked("when they answered"),
    },
    rest="of",
)
register(Matching, rest="headings_sha256 columns matched_at")
register(
    Archive,
    {"created_by": staff("who took the archive")},
    rest="statement state files_in_all files_written rows problem created_at finished_at",
)
register(
    ArchivePart,
    {
        "data": Personal(
            Whose.SIGNATORY,
            "everybody's data, to be taken away",
            Until("{} after the archive was asked for", ("ARCHIVE_DAYS",)),
            Erase.DELETE,
        )
    },
    rest="of path number entry",
)
register(
    Pack,
    {"created_by": staff("who had the pack made")},
    rest="statement code order state files_in_all files_written rows problem facts files sha256 created_at finished_at",
)
register(
    PackPart,
    {
        "data": Personal(
            Whose.SIGNATORY,
            "names and answers of those who allowed that they are handed over, to be taken away",
            Until("{} after the pack was asked for", ("ARCHIVE_DAYS",)),
            Erase.DELETE,
        )
    },
    rest="of path number entry",
)
register(HandOver, {"created_by": staff("who handed the pack over")}, rest="pack recipient handed_on note created_at")
register(
    Farewell,
    {"created_by": staff("who had the farewell written")},
    rest="statement found state files_in_all files_written rows problem created_at finished_at",
)
register(
    FarewellPart,
    {
        "data": Personal(
            Whose.SIGNATORY,
            "public names and comments on the pages, to be taken away",
            Until("{} after the farewell was asked for", ("ARCHIVE_DAYS",)),
            Erase.DELETE,
        )
    },
    rest="of path number entry",
)
