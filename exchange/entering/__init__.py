"""Entering checked rows: as signatures, names, organisations, or a post with its comments."""
