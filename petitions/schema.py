"""What the database itself does for statements, which no model says; run by the first migration."""

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
