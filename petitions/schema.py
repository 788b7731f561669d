"""What the database itself does for statements, which no model says; run by the first migration."""

# A published promise is refused every edit by the database itself, whoever asks.
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
"""
UNMAILED = """
DROP TRIGGER petitions_update_mailed ON petitions_update;
DROP FUNCTION petitions_update_is_mailed();
"""
