"""What the database itself does for endorsements, which no model says; run by the first migration."""

from organisations import endorsing
from submissions.schema import allowed_moves, append_only

NOTHING = "SELECT 1"

# What was typed is never changed, and an endorsement goes only where the table of moves lets it go.
SUBMISSIONS = append_only(
    "organisations_endorsementsubmission",
    fixed=("statement_id", "version_id", "name_key"),
    texts=("name", "kind", "town", "website", "contact_name", "contact_role", "agreed_how", "message"),
    choices=("publish_contact",),
    optional=("agreed_on", "logo_id"),
)
MOVES = allowed_moves("organisations_endorsement", endorsing.MOVES)
