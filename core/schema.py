"""What the database itself does for the record, which no model says; run by the first migration."""

# The record is chained and append-only by the database itself, whoever writes (SAFETY T31).
CHAIN = """
CREATE FUNCTION core_auditentry_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last record;
BEGIN
    -- One writer at a time until its commit: a line is chained to one that will not be taken back.
    PERFORM pg_advisory_xact_lock(hashtextextended('core_auditentry', 0));
    SELECT id, hash INTO last FROM core_auditentry ORDER BY id DESC LIMIT 1;
    NEW.id := coalesce(last.id, 0) + 1;
    NEW.at := clock_timestamp();
    NEW.hash := encode(sha256(convert_to(coalesce(last.hash, '') || jsonb_build_array(
        NEW.id, extract(epoch FROM NEW.at)::text, NEW.by_id, NEW.by_name, NEW.what, NEW.model, NEW.object_id, NEW.label,
        NEW.why)::text, 'UTF8')), 'hex');
    RETURN NEW;
END $$;
CREATE TRIGGER core_auditentry_chained BEFORE INSERT ON core_auditentry
    FOR EACH ROW EXECUTE FUNCTION core_auditentry_chain();

CREATE FUNCTION core_auditentry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The record is only ever added to.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'auditentry_append_only';
END $$;
CREATE TRIGGER core_auditentry_append_only BEFORE UPDATE OR DELETE ON core_auditentry
    FOR EACH ROW EXECUTE FUNCTION core_auditentry_stays();

-- Entered as the transaction ends, so that the lock of the chain is the last one that any verb takes.
CREATE FUNCTION core_auditdraft_enter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO core_auditentry (id, by_id, by_name, what, model, object_id, label, why, hash)
    VALUES (0, NEW.by_id, NEW.by_name, NEW.what, NEW.model, NEW.object_id, NEW.label, NEW.why, '');
    DELETE FROM core_auditdraft WHERE id = NEW.id;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER core_auditdraft_entered AFTER INSERT ON core_auditdraft DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION core_auditdraft_enter();
"""
UNCHAIN = """
DROP TRIGGER core_auditdraft_entered ON core_auditdraft;
DROP FUNCTION core_auditdraft_enter();
DROP TRIGGER core_auditentry_append_only ON core_auditentry;
DROP TRIGGER core_auditentry_chained ON core_auditentry;
DROP FUNCTION core_auditentry_stays();
DROP FUNCTION core_auditentry_chain();
"""

# What is gone stays gone: a tombstone is written down as copied once, and nothing else of it ever changes.
TOMBSTONES = """
CREATE FUNCTION core_tombstone_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.copied_at IS NULL
        AND (NEW.id, NEW.subject, NEW.kind, NEW.scope, NEW.which, NEW.why, NEW.at)
            IS NOT DISTINCT FROM (OLD.id, OLD.subject, OLD.kind, OLD.scope, OLD.which, OLD.why, OLD.at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Tombstones are only ever added to.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'tombstone_append_only';
END $$;
CREATE TRIGGER core_tombstone_append_only BEFORE UPDATE OR DELETE ON core_tombstone
    FOR EACH ROW EXECUTE FUNCTION core_tombstone_stays();
"""
NO_TOMBSTONES = """
DROP TRIGGER core_tombstone_append_only ON core_tombstone;
DROP FUNCTION core_tombstone_stays();
"""

# Redirects (core/redirects.py): every row names where its way ends, so that one look finds it, and no way is a circle.
REDIRECTS = """
CREATE FUNCTION core_redirect_key(address text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT lower(rtrim(regexp_replace(regexp_replace(address, '[?#].*$', ''), '/+', '/', 'g'), '/'))
$$;
CREATE FUNCTION core_redirect_leads_on() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    further text;
BEGIN
    -- One writer at a time: two that each see only half of a circle would close it.
    PERFORM pg_advisory_xact_lock(hashtextextended('core_redirect', 0));
    SELECT target INTO further FROM core_redirect
    WHERE path = core_redirect_key(NEW.target) AND id IS DISTINCT FROM NEW.id;
    IF FOUND THEN
        NEW.target := further;
    END IF;
    IF core_redirect_key(NEW.target) = NEW.path THEN
        RAISE EXCEPTION 'An address never leads back to itself.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'redirect_not_in_a_circle';
    END IF;
    UPDATE core_redirect SET target = NEW.target
    WHERE core_redirect_key(target) = NEW.path AND id IS DISTINCT FROM NEW.id;
    RETURN NEW;
END $$;
CREATE TRIGGER core_redirect_led_on BEFORE INSERT OR UPDATE ON core_redirect
    FOR EACH ROW EXECUTE FUNCTION core_redirect_leads_on();
CREATE INDEX core_redirect_target ON core_redirect (core_redirect_key(target));
"""
NO_REDIRECTS = """
DROP INDEX core_redirect_target;
DROP TRIGGER core_redirect_led_on ON core_redirect;
DROP FUNCTION core_redirect_leads_on();
DROP FUNCTION core_redirect_key(text);
"""

# How names are searched (core/search.py). Written so that whichever app is migrated first may run it. IMMUTABLE, for
# indexes: the dictionary is named, and changes only with an upgrade of PostgreSQL, after which to reindex.
SEARCH = r"""
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
-- In PL/pgSQL, because SQL that calls what PostgreSQL holds for STABLE is not written into the query: ten microseconds
-- a call. Plain words need no more than small letters. What an index finds is folded once more, thousands of times.
CREATE OR REPLACE FUNCTION core_fold(said text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF said ~ '^[A-Za-z0-9]+( [A-Za-z0-9]+)*$' THEN
        RETURN ' ' || lower(said) || ' ';
    END IF;
    RETURN ' ' || btrim(regexp_replace(regexp_replace(
        lower(public.unaccent('public.unaccent'::regdictionary, normalize(said, NFKC))),
        '[''`\u00b4\u02b0-\u02ff\u2018-\u201b]', '', 'g'),
        '[\u0001-/:-@\[-`{-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g')) || ' ';
END
$$;
"""
