"""Statements and their versions: what is written, published, corrected, and who looks after it."""
