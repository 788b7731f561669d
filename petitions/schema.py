"""SQL for statements beyond the models: triggers, functions, checks; run by the first migration."""

from core import schema as search
from petitions.actions import attending
from petitions.signatures import optional, signing
from submissions.schema import allowed_moves, append_only

# The database itself refuses every edit of a published promise.
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

# Lists and pages read title and addressee from the statement. Once it is published these are a copy of the newest
# published version's, and nobody can part the two: the copy takes no other words, at once; and what makes a newer
# version must have brought the copy along by the end of its transaction. The share lock has that check wait for whoever
# is writing the statement; signers, who only refer to it, do not wait.
COPY = """
CREATE FUNCTION petitions_statement_says_its_promise() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    promised record;
BEGIN
    SELECT title, addressed_to INTO promised FROM petitions_version
    WHERE statement_id = NEW.id AND published_at IS NOT NULL ORDER BY number DESC LIMIT 1;
    IF FOUND AND (NEW.title, NEW.addressed_to) IS DISTINCT FROM (promised.title, promised.addressed_to) THEN
        RAISE EXCEPTION 'A published title and addressee change only by a correction with a note.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_says_its_promise';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER petitions_statement_promised BEFORE UPDATE ON petitions_statement FOR EACH ROW
    WHEN ((OLD.title, OLD.addressed_to) IS DISTINCT FROM (NEW.title, NEW.addressed_to))
    EXECUTE FUNCTION petitions_statement_says_its_promise();

CREATE FUNCTION petitions_version_is_copied() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    copied record;
    promised record;
BEGIN
    SELECT title, addressed_to INTO copied FROM petitions_statement WHERE id = NEW.statement_id FOR SHARE;
    SELECT title, addressed_to INTO promised FROM petitions_version
    WHERE statement_id = NEW.statement_id AND published_at IS NOT NULL ORDER BY number DESC LIMIT 1;
    IF copied IS DISTINCT FROM promised THEN
        RAISE EXCEPTION 'A statement carries the title and the addressee of its newest published version.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_says_its_promise';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER petitions_version_copied AFTER INSERT OR UPDATE ON petitions_version
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.published_at IS NOT NULL)
    EXECUTE FUNCTION petitions_version_is_copied();
"""
UNCOPY = """
DROP TRIGGER petitions_version_copied ON petitions_version;
DROP TRIGGER petitions_statement_promised ON petitions_statement;
DROP FUNCTION petitions_version_is_copied();
DROP FUNCTION petitions_statement_says_its_promise();
"""

# The mail of news is rendered when it is sent, so its words are held still from the moment its mailing starts. The lock
# parts the two: whoever starts a mailing waits for an edit under way and then looks at the words; an edit waits for a
# start. The time is the clock's, not the transaction's, so that an old transaction cannot pass after a planned start.
MAILED = """
CREATE FUNCTION petitions_update_is_mailed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    started timestamptz;
BEGIN
    SELECT started_at INTO started FROM petitions_mailing WHERE update_id = OLD.id FOR SHARE;
    IF started <= clock_timestamp() THEN
        RAISE EXCEPTION 'News whose mail has started keeps the words it was tested with; write a further update.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'update_locked_once_mailed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER petitions_update_mailed BEFORE UPDATE ON petitions_update FOR EACH ROW
    WHEN ((OLD.title, OLD.body) IS DISTINCT FROM (NEW.title, NEW.body))
    EXECUTE FUNCTION petitions_update_is_mailed();

CREATE FUNCTION petitions_mailing_is_started() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.started_at <= clock_timestamp() THEN
        RAISE EXCEPTION 'Whom a mail is for stands still once it has started.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'mailing_locked_once_started';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER petitions_mailing_started BEFORE UPDATE ON petitions_mailing FOR EACH ROW
    WHEN ((OLD.tested, OLD.reply_to, OLD.countries, OLD.areas, OLD.sources, OLD.languages, OLD.signed_from,
            OLD.signed_until) IS DISTINCT FROM (NEW.tested, NEW.reply_to, NEW.countries, NEW.areas, NEW.sources,
            NEW.languages, NEW.signed_from, NEW.signed_until))
    EXECUTE FUNCTION petitions_mailing_is_started();
"""
UNMAILED = """
DROP TRIGGER petitions_mailing_started ON petitions_mailing;
DROP FUNCTION petitions_mailing_is_started();
DROP TRIGGER petitions_update_mailed ON petitions_update;
DROP FUNCTION petitions_update_is_mailed();
"""

# A name that is another one now, or is shown from now on, gets its place from A to Z anew (signatures/listing.py). What
# is new has none yet and is found by its time, so that signing does nothing here; what was brought in has an old time.
PLACED = """
CREATE FUNCTION petitions_signature_is_placed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.sort_key := '?';
    RETURN NEW;
END $$;
CREATE TRIGGER petitions_signature_placed BEFORE UPDATE OF name, show_name, state ON petitions_signature FOR EACH ROW
    WHEN (NEW.state = 'confirmed' AND NEW.show_name
        AND (OLD.name, OLD.show_name, OLD.state) IS DISTINCT FROM (NEW.name, NEW.show_name, NEW.state))
    EXECUTE FUNCTION petitions_signature_is_placed();
CREATE TRIGGER petitions_signature_placed_new BEFORE INSERT ON petitions_signature FOR EACH ROW
    WHEN (NEW.state = 'confirmed' AND NEW.show_name AND NEW.channel = 'import')
    EXECUTE FUNCTION petitions_signature_is_placed();
"""
UNPLACED = """
DROP TRIGGER petitions_signature_placed_new ON petitions_signature;
DROP TRIGGER petitions_signature_placed ON petitions_signature;
DROP FUNCTION petitions_signature_is_placed();
"""

NOTHING = "SELECT 1"

# Any part of a name among ten million; here and not in the model, because the function must be there first.
SEARCH = search.SEARCH
NAMES = "CREATE INDEX signature_name ON petitions_signature USING gin (core_fold(name::text) gin_trgm_ops)"
NO_NAMES = "DROP INDEX signature_name"

# What was typed to sign is never changed, and a signature goes only where the table of moves lets it go.
SUBMISSIONS = append_only(
    "petitions_signaturesubmission",
    fixed=("statement_id", "version_id", "unless_signed", "asked_by_id"),
    texts=("name", *(field.name for field in optional.FIELDS if not field.is_choice)),
    choices=(*(field.name for field in optional.FIELDS if field.is_choice), "show_name", "email_updates"),
    optional=("news_of",),
)
MOVES = allowed_moves("petitions_signature", signing.MOVES)
COMING = append_only("petitions_attendancesubmission", fixed=("event_id",), texts=("name",))
TURNS = allowed_moves("petitions_attendance", attending.MOVES)

# Whatever begins to count is looked at once more, after the lock that whoever decides about its mailbox takes alone:
# a statement's own snapshot was taken before it waited. Bulk imports take no lock for each row (they lock the table of
# decisions, petitions/signatures/importers.py). What would begin to count while a bar is live is held or removed when
# it is new, and refused when it is an update, because then somebody forgot to lift the bar.
DECIDED = """
CREATE FUNCTION petitions_signature_is_decided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bar record;
BEGIN
    IF TG_OP = 'INSERT' AND NEW.channel NOT IN ('paper', 'import')
        AND coalesce(current_setting('undersigned.in_bulk', true), '') <> 'yes' THEN
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
        NEW.held_reason := coalesce(nullif(bar.reason, ''), 'Forgotten');
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

# Statements that say nothing else are the site's own publisher's: seeds, importers and old forms need not know of any.
PUBLISHER = """
CREATE FUNCTION petitions_statement_is_published_by() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.publisher_id := (SELECT id FROM publishers_publisher ORDER BY position, id LIMIT 1);
    RETURN NEW;
END $$;
CREATE TRIGGER petitions_statement_published_by BEFORE INSERT ON petitions_statement FOR EACH ROW
    WHEN (NEW.publisher_id IS NULL) EXECUTE FUNCTION petitions_statement_is_published_by();
"""
NO_PUBLISHER = """
DROP TRIGGER petitions_statement_published_by ON petitions_statement;
DROP FUNCTION petitions_statement_is_published_by();
"""

# The key of a leaf goes with the signature, whichever way that goes (signatures/proof.py). Signing fires none of these.
FORGET_KEYS = """
CREATE FUNCTION petitions_countkey_is_forgotten() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM petitions_countkey WHERE signature_id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER petitions_signature_forgets_key AFTER DELETE ON petitions_signature FOR EACH ROW
    EXECUTE FUNCTION petitions_countkey_is_forgotten();
CREATE TRIGGER petitions_signature_forgets_key_too AFTER UPDATE OF state ON petitions_signature FOR EACH ROW
    WHEN (NEW.state = 'anonymised' AND OLD.state <> 'anonymised')
    EXECUTE FUNCTION petitions_countkey_is_forgotten();
"""
KEEP_KEYS = """
DROP TRIGGER petitions_signature_forgets_key_too ON petitions_signature;
DROP TRIGGER petitions_signature_forgets_key ON petitions_signature;
DROP FUNCTION petitions_countkey_is_forgotten();
"""
