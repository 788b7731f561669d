"""What the database itself does for statements, which no model says; run by the first migration."""

from petitions.signatures import signing
from submissions.schema import allowed_moves, append_only

# A published text is refused every edit by the database itself, whoever asks.
LOCK = """
CREATE FUNCTION petitions_version_is_locked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL AND (TG_OP = 'DELETE' OR NEW IS DISTINCT FROM OLD) THEN
        RAISE EXCEPTION 'A published version is never edited or deleted; publish a new one with a note.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'version_locked_once_published';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER petitions_version_locked BEFORE UPDATE OR DELETE ON petitions_version
    FOR EACH ROW EXECUTE FUNCTION petitions_version_is_locked();
"""
UNLOCK = """
DROP TRIGGER petitions_version_locked ON petitions_version;
DROP FUNCTION petitions_version_is_locked();
"""

NOTHING = "SELECT 1"

# What was typed to sign is never changed, and a signature goes only where the table of moves lets it go.
SUBMISSIONS = append_only(
    "petitions_signaturesubmission",
    fixed=("statement_id", "version_id", "unless_signed"),
    texts=("name", "postcode", "affiliation"),
    choices=("personal_capacity", "show_name", "email_updates"),
)
MOVES = allowed_moves("petitions_signature", signing.MOVES)

# Whatever begins to count is looked at once more, after the lock that whoever decides about its mailbox takes alone:
# a statement's own snapshot was taken before it waited. Bulk imports take no lock for each row (they lock the table of
# decisions, petitions/signatures/importers.py). What would begin to count while a bar is live is held or removed when
# it is new, and refused when it is an update, because then somebody forgot to lift the bar.
DECIDED = """
CREATE FUNCTION petitions_signature_is_decided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bar record;
BEGIN
    IF TG_OP = 'INSERT' AND NEW.channel NOT IN ('paper', 'import') THEN
        PERFORM pg_advisory_xact_lock_shared(submissions_lock(NEW.mailbox_key));
        PERFORM pg_advisory_xact_lock_shared(submissions_lock(NEW.domain_key));
    END IF;
    SELECT d.makes, d.reason INTO bar FROM submissions_decision d
    WHERE d.subject IN (NEW.mailbox_key, NEW.domain_key) AND d.makes IN ('hold', 'remove') AND d.lifted_at IS NULL
        AND d.kind = 'signature' AND coalesce(d.scope, NEW.statement_id) = NEW.statement_id
        AND coalesce(d.position, NEW.mailbox_position) = NEW.mailbox_position
    ORDER BY d.makes DESC, d.id DESC LIMIT 1;
    IF NOT FOUND THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'A decision stands against it: lift that first.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signature_decided';
    END IF;
    IF bar.makes = 'remove' THEN
        NEW.state := 'removed';
        NEW.removed_at := statement_timestamp();
        NEW.removed_reason := bar.reason;
    ELSE
        NEW.state := 'held';
        NEW.held_reason := bar.reason;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER petitions_signature_decided BEFORE INSERT ON petitions_signature FOR EACH ROW
    WHEN (NEW.state IN ('confirmed', 'held')) EXECUTE FUNCTION petitions_signature_is_decided();
CREATE TRIGGER petitions_signature_decided_again BEFORE UPDATE OF state ON petitions_signature FOR EACH ROW
    WHEN (NEW.state = 'confirmed' AND OLD.state <> 'confirmed')
    EXECUTE FUNCTION petitions_signature_is_decided();
"""

UNDECIDED = """
DROP TRIGGER petitions_signature_decided_again ON petitions_signature;
DROP TRIGGER petitions_signature_decided ON petitions_signature;
DROP FUNCTION petitions_signature_is_decided();
"""

# What the first migration runs, in this order, each with what undoes it; tables take their triggers along.
RUN = [(LOCK, UNLOCK), (SUBMISSIONS, NOTHING), (MOVES, NOTHING), (DECIDED, UNDECIDED)]
