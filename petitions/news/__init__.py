"""News of a statement, and its mail to those who asked for it."""
