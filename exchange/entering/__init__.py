"""What becomes of rows that were checked: signatures, names, organisations, a post with its comments."""
