"""What the database itself does for threads, which no model says; run by the first migration."""

from comments.moderation import MOVES
from core import schema as search
from submissions.schema import allowed_moves, append_only

# The database makes the thread with the statement, however that was written, so no code asks whether there is one.
THREADS = """
CREATE FUNCTION comments_thread_for_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO comments_thread (statement_id) VALUES (NEW.id) ON CONFLICT (statement_id) DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER comments_thread_with_statement AFTER INSERT ON petitions_statement
    FOR EACH ROW EXECUTE FUNCTION comments_thread_for_statement();
INSERT INTO comments_thread (statement_id) SELECT id FROM petitions_statement ON CONFLICT (statement_id) DO NOTHING;
"""
NO_THREADS = """
DROP TRIGGER comments_thread_with_statement ON petitions_statement;
DROP FUNCTION comments_thread_for_statement();
"""
# The rules that hold until somebody sets others.
RULES = """
INSERT INTO comments_siterules (id, approve, trusted_after, links_allowed, depth, per_page, "order", close_after_days,
    reports_hide)
VALUES (1, 'first_timers', 1, 0, 2, 50, 'oldest', 0, 3) ON CONFLICT (id) DO NOTHING
"""
NOTHING = "SELECT 1"

# What was typed to comment is never changed, and a comment goes only where the table of moves lets it go.
SUBMISSIONS = append_only(
    "comments_commentsubmission",
    fixed=("thread_id", "parent_id"),
    texts=("author_name", "body", "words_digest"),
)
STATES = allowed_moves("comments_comment", MOVES)

SEARCH = search.SEARCH
# Any part of a name or of what was written (core/search.py), whichever column a word is in.
SAID = """
CREATE INDEX comment_said ON comments_comment
    USING gin (core_fold(author_name::text) gin_trgm_ops, core_fold(body) gin_trgm_ops)
"""
NO_SAID = "DROP INDEX comment_said"
