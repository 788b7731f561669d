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
