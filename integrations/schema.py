"""SQL of this app beyond the models: triggers and their functions; run by the first migration."""

# Whoever is on a newsletter and changes here, by whatever way, is marked for the worker's next look
# (newsletters/parting.py). Marks are only added, under no lock and no constraint, so nobody who withdraws waits for the
# worker. Where there is no newsletter, it is one look at an empty table.
MARKS = """
CREATE FUNCTION integrations_mark_subscribers(mailbox bytea) RETURNS void LANGUAGE sql AS $$
    INSERT INTO integrations_mark (subscriber_id)
    SELECT subscriber.id FROM integrations_newsletter newsletter
    JOIN integrations_subscriber subscriber
        ON subscriber.newsletter_id = newsletter.id AND subscriber.mailbox_key = mailbox
$$;

CREATE FUNCTION integrations_signature_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM integrations_mark_subscribers(OLD.mailbox_key);
    RETURN NULL;
END $$;
CREATE TRIGGER integrations_signature_gone AFTER DELETE ON petitions_signature
    FOR EACH ROW EXECUTE FUNCTION integrations_signature_changed();
CREATE TRIGGER integrations_signature_changed AFTER UPDATE ON petitions_signature FOR EACH ROW
    WHEN (OLD.mailbox_key IS DISTINCT FROM NEW.mailbox_key OR ((OLD.email_updates OR OLD.news_of <> '{}') AND
        (OLD.state, OLD.email_updates, OLD.news_of, OLD.consent_id, OLD.email, OLD.statement_id)
        IS DISTINCT FROM (NEW.state, NEW.email_updates, NEW.news_of, NEW.consent_id, NEW.email, NEW.statement_id)))
    EXECUTE FUNCTION integrations_signature_changed();

CREATE FUNCTION integrations_silence_asked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM integrations_mark_subscribers(NEW.mailbox_key);
    RETURN NULL;
END $$;
CREATE TRIGGER integrations_silence_asked AFTER INSERT ON mail_suppression
    FOR EACH ROW EXECUTE FUNCTION integrations_silence_asked();
"""
NO_MARKS = """
DROP TRIGGER integrations_silence_asked ON mail_suppression;
DROP TRIGGER integrations_signature_changed ON petitions_signature;
DROP TRIGGER integrations_signature_gone ON petitions_signature;
DROP FUNCTION integrations_silence_asked();
DROP FUNCTION integrations_signature_changed();
DROP FUNCTION integrations_mark_subscribers(bytea);
"""
