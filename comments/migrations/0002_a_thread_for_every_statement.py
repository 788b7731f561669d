"""The database makes the thread with the statement, however that was written, so no code asks whether there is one."""

from django.db import migrations

MAKE = """
CREATE FUNCTION comments_thread_for_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO comments_thread (statement_id) VALUES (NEW.id) ON CONFLICT (statement_id) DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER comments_thread_with_statement AFTER INSERT ON petitions_statement
    FOR EACH ROW EXECUTE FUNCTION comments_thread_for_statement();
INSERT INTO comments_thread (statement_id) SELECT id FROM petitions_statement ON CONFLICT (statement_id) DO NOTHING;
"""
UNMAKE = """
DROP TRIGGER comments_thread_with_statement ON petitions_statement;
DROP FUNCTION comments_thread_for_statement();
"""


class Migration(migrations.Migration):
    dependencies = [("comments", "0001_initial")]
    operations = [migrations.RunSQL(MAKE, UNMAKE)]
